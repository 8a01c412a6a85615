/**
 * @file store_test.c  The database: old, new, damaged, locked, large
 *
 * Real files in a folder of its own; what a file should look like is said
 * to SQLite directly, beside the phone's own connection.
 */
#include "phone/store/db.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "phone/store/call_log.h"
#include "phone/store/messages.h"
#include "phone/store/schema.h"

static char dir[64];
static char path[96];


static double now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}


static void file_name(char *buf, size_t size, const char *end)
{
	(void)snprintf(buf, size, "%s%s", path, end);
}


static bool is_there(const char *end)
{
	char buf[160];

	file_name(buf, sizeof(buf), end);

	return 0 == access(buf, F_OK);
}


static int fresh(void **state)
{
	static const char *const end[] = {
		"", "-wal", "-shm", "-journal", ".bad", ".bad-wal", ".check"
	};
	char buf[160];
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
		file_name(buf, sizeof(buf), end[i]);
		(void)unlink(buf);
	}

	return 0;
}


/* Say something to the file past the phone */
static void sql_run(const char *sql)
{
	sqlite3 *s;

	assert_int_equal(sqlite3_open(path, &s), 0);
	assert_int_equal(sqlite3_exec(s, sql, NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_close(s), 0);
}


static int sql_int(const char *sql)
{
	sqlite3_stmt *st;
	sqlite3 *s;
	int v;

	assert_int_equal(sqlite3_open(path, &s), 0);
	assert_int_equal(sqlite3_prepare_v2(s, sql, -1, &st, NULL), 0);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	assert_int_equal(sqlite3_close(s), 0);

	return v;
}


static void add_call(struct db *db, const char *name,
		     enum call_result result, int64_t start)
{
	const struct call_log_entry e = {
		.account = "sip:me@example.org",
		.peer_uri = "sip:bob@example.org", .peer_name = name,
		.incoming = true, .result = result, .start = start,
		.duration = 7, .codec = "opus", .label = "plain",
		.scode = 487, .reason = "Cancelled",
	};

	assert_int_equal(call_log_add(db, &e, NULL), 0);
}


static bool count_calls(const struct call_log_entry *e, void *arg)
{
	(void)e;
	++*(uint32_t *)arg;

	return false;
}


static uint32_t calls(struct db *db, const char *search)
{
	uint32_t n = 0;

	assert_int_equal(call_log_list(db, 0, UINT32_MAX, search, count_calls,
				       &n), 0);
	return n;
}


/* ---- the file ---------------------------------------------------------- */

static void made_new(void **state)
{
	struct db *db = NULL;
	struct stat st;

	(void)state;

	assert_int_equal(db_open(&db, path), 0);
	assert_non_null(db_handle(db));
	add_call(db, "Bob", CALL_MISSED, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(is_there("-wal"));
	db = mem_deref(db);

	assert_false(is_there("-wal"));
	assert_int_equal(sql_int("PRAGMA user_version"),
			 schema_version());

	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(db_open(&db, path), 0);
	assert_int_equal(calls(db, NULL), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	mem_deref(db);

	assert_int_equal(db_open(NULL, path), EINVAL);
	assert_int_equal(db_open(&db, NULL), EINVAL);
	assert_int_equal(db_open(&db, "/nowhere/at/all.db"), ENOENT);
}


static void from_version_1(void **state)
{
	struct db *db = NULL;

	(void)state;

	sql_run("CREATE TABLE calls (id INTEGER PRIMARY KEY AUTOINCREMENT,"
		" account TEXT NOT NULL, peer_uri TEXT NOT NULL,"
		" peer_name TEXT NOT NULL, incoming INTEGER NOT NULL,"
		" result TEXT NOT NULL, start INTEGER NOT NULL,"
		" duration INTEGER NOT NULL, codec TEXT NOT NULL,"
		" label TEXT NOT NULL, scode INTEGER NOT NULL,"
		" reason TEXT NOT NULL, seen INTEGER NOT NULL);"
		"CREATE INDEX calls_missed ON calls (id)"
		" WHERE result = 'missed' AND seen = 0;"
		"INSERT INTO calls VALUES (5, 'a', 'sip:x@y', 'X', 1,"
		" 'missed', 10, 0, '', '', 0, '', 0);"
		"PRAGMA user_version = 1");

	assert_int_equal(db_open(&db, path), 0);
	assert_int_equal(calls(db, NULL), 1);
	mem_deref(db);

	assert_int_equal(sql_int("PRAGMA user_version"),
			 schema_version());
	assert_int_equal(sql_int("SELECT count(*) FROM messages"), 0);
	assert_false(is_there(".bad"));
}


static void newer_version(void **state)
{
	struct db *db = NULL;

	(void)state;

	sql_run("CREATE TABLE future (x); PRAGMA user_version = 99");
	assert_int_equal(db_open(&db, path), EPROTO);
	assert_null(db);
	assert_false(is_there(".bad"));
	assert_int_equal(sql_int("PRAGMA user_version"), 99);
	assert_int_equal(sql_int("SELECT count(*) FROM sqlite_schema"), 1);
}


static void fill(uint32_t n)
{
	struct db *db = NULL;
	uint32_t i;

	assert_int_equal(db_open(&db, path), 0);
	(void)sqlite3_exec(db_handle(db), "BEGIN", NULL, NULL, NULL);
	for (i = 0; i < n; i++)
		add_call(db, "Somebody", CALL_ANSWERED, i);
	(void)sqlite3_exec(db_handle(db), "COMMIT", NULL, NULL, NULL);
	mem_deref(db);
}


static void flip(long from, long to, long step)
{
	FILE *f = fopen(path, "r+b");
	long pos;

	assert_non_null(f);
	for (pos = from; pos < to; pos += step) {
		int c;

		(void)fseek(f, pos, SEEK_SET);
		c = fgetc(f);
		if (c == EOF)
			break;
		(void)fseek(f, pos, SEEK_SET);
		(void)fputc(c ^ 0xff, f);
	}
	(void)fclose(f);
}


static void opens_anew(void)
{
	struct db *db = NULL;

	assert_int_equal(db_open(&db, path), 0);
	assert_true(is_there(".bad"));
	assert_int_equal(calls(db, NULL), 0);
	add_call(db, "After", CALL_ANSWERED, 1);
	mem_deref(db);
}


static void damaged_header(void **state)
{
	(void)state;

	fill(10);
	flip(0, 16, 1);
	opens_anew();
}


static void damaged_pages(void **state)
{
	(void)state;

	fill(500);
	flip(4096, 40000, 97);
	opens_anew();
}


static void not_a_database(void **state)
{
	FILE *f;

	(void)state;

	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("this is some text and certainly no database at all\n", f);
	(void)fclose(f);
	opens_anew();
}


static void foreign_tables(void **state)
{
	(void)state;

	sql_run("CREATE TABLE calls (other); PRAGMA user_version = 4");
	opens_anew();

	(void)fresh(NULL);
	sql_run("CREATE TABLE calls (other)");
	opens_anew();
}


/* Whatever single byte is wrong: it opens, now or with a new file, and
   what is read does no harm */
static void any_byte(void **state)
{
	char *copy;
	long size, pos;
	FILE *f;

	(void)state;

	fill(40);
	f = fopen(path, "rb");
	assert_non_null(f);
	copy = malloc(1 << 20);
	assert_non_null(copy);
	size = (long)fread(copy, 1, 1 << 20, f);
	(void)fclose(f);

	for (pos = 0; pos < size; pos += 211) {
		struct db *db = NULL;
		uint32_t n;
		int err;

		(void)fresh(NULL);
		f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(copy, 1, (size_t)size, f), size);
		(void)fclose(f);
		flip(pos, pos + 1, 1);

		err = db_open(&db, path);
		assert_true(err == 0 || err == EPROTO);
		if (err)
			continue;
		(void)call_log_list(db, 0, 1000, "some", count_calls, &n);
		(void)call_log_missed(db, &n);
		(void)messages_unread(db, &n);
		mem_deref(db);
	}
	free(copy);
}


static void locked(void **state)
{
	struct db *db = NULL;
	sqlite3 *other;
	uint32_t n;

	(void)state;

	fill(3);
	assert_int_equal(sqlite3_open(path, &other), 0);
	assert_int_equal(sqlite3_exec(other, "PRAGMA locking_mode=EXCLUSIVE;"
				      "BEGIN EXCLUSIVE", NULL, NULL, NULL),
			 0);
	assert_int_equal(db_open(&db, path), EBUSY);
	assert_null(db);
	assert_false(is_there(".bad"));
	assert_int_equal(sqlite3_close(other), 0);

	/* Locked while in use: told, and it works again afterwards */
	assert_int_equal(db_open(&db, path), 0);
	assert_int_equal(sqlite3_open(path, &other), 0);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL), 0);
	assert_int_equal(call_log_see(db), EBUSY);
	assert_int_equal(call_log_missed(db, &n), 0);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), 0);
	assert_int_equal(call_log_see(db), 0);
	assert_int_equal(sqlite3_close(other), 0);
	mem_deref(db);
}


/* A child writes and is killed; what was told as written is there */
static void killed(void **state)
{
	unsigned round;

	(void)state;

	for (round = 0; round < 5; round++) {
		struct db *db = NULL;
		int pfd[2], status;
		uint8_t told = 0;
		pid_t pid;

		(void)fresh(NULL);
		assert_int_equal(pipe(pfd), 0);
		pid = fork();
		if (!pid) {
			if (db_open(&db, path))
				_exit(1);
			for (;;) {
				const struct call_log_entry e = {
					.result = CALL_MISSED
				};

				if (call_log_add(db, &e, NULL) ||
				    write(pfd[1], &told, 1) != 1)
					_exit(1);
			}
		}
		assert_true(pid > 0);
		(void)close(pfd[1]);
		for (status = 0; status < 10 + (int)round * 7; status++)
			assert_int_equal(read(pfd[0], &told, 1), 1);
		(void)kill(pid, SIGKILL);
		while (read(pfd[0], &told, 1) == 1)
			++status;
		(void)close(pfd[0]);

		assert_true(is_there("-wal"));
		assert_int_equal(db_open(&db, path), 0);
		assert_false(is_there(".bad"));
		assert_true(calls(db, NULL) >= (uint32_t)status);
		mem_deref(db);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
}


/* ---- the call log ------------------------------------------------------ */

struct page {
	int64_t first, last;
	uint32_t n, stop;
	char name[64];
};


static bool page_handler(const struct call_log_entry *e, void *arg)
{
	struct page *p = arg;

	if (!p->n++)
		p->first = e->id;
	p->last = e->id;
	(void)snprintf(p->name, sizeof(p->name), "%s", e->peer_name);

	return p->n == p->stop;
}


static bool check_entry(const struct call_log_entry *e, void *arg)
{
	(void)arg;

	assert_string_equal(e->account, "sip:me@example.org");
	assert_string_equal(e->peer_uri, "sip:bob@example.org");
	assert_true(e->incoming);
	assert_int_equal(e->result, CALL_MISSED);
	assert_int_equal(e->start, 5000000000);
	assert_int_equal(e->duration, 7);
	assert_string_equal(e->codec, "opus");
	assert_string_equal(e->label, "plain");
	assert_int_equal(e->scode, 487);
	assert_string_equal(e->reason, "Cancelled");
	assert_false(e->seen);

	return true;
}


static void call_log(void **state)
{
	struct page p = {0, 0, 0, 0, ""};
	struct db *db = NULL;
	uint32_t n, i;

	(void)state;

	assert_int_equal(db_open(&db, path), 0);
	assert_int_equal(call_log_missed(db, &n), 0);
	assert_int_equal(n, 0);

	for (i = 0; i < 9; i++)
		add_call(db, "Bob", CALL_ANSWERED, i);
	add_call(db, "J\xc3\xb6rg \x1b[31m\xe2\x80\xae", CALL_MISSED,
		 5000000000);
	assert_int_equal(call_log_list(db, 0, 1, NULL, check_entry, NULL),
			 0);

	assert_int_equal(call_log_list(db, 0, 4, NULL, page_handler, &p), 0);
	assert_int_equal(p.n, 4);
	assert_int_equal(p.first, 10);
	assert_int_equal(p.last, 7);
	memset(&p, 0, sizeof(p));
	assert_int_equal(call_log_list(db, 7, 100, NULL, page_handler, &p),
			 0);
	assert_int_equal(p.n, 6);
	memset(&p, 0, sizeof(p));
	p.stop = 2;
	assert_int_equal(call_log_list(db, 0, 100, NULL, page_handler, &p),
			 0);
	assert_int_equal(p.n, 2);

	memset(&p, 0, sizeof(p));
	assert_int_equal(call_log_list(db, 0, 9, "J\xc3\x96RG", page_handler,
				       &p), 0);
	assert_int_equal(p.n, 1);
	assert_string_equal(p.name, "J\xc3\xb6rg \xe2\x90\x9b[31m");
	assert_int_equal(calls(db, "EXAMPLE"), 10);
	assert_int_equal(calls(db, "%"), 0);
	assert_int_equal(calls(db, "'; DROP TABLE calls; --"), 0);
	assert_int_equal(calls(db, "cancel"), 10);

	assert_int_equal(call_log_missed(db, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(call_log_see(db), 0);
	assert_int_equal(call_log_missed(db, &n), 0);
	assert_int_equal(n, 0);

	assert_int_equal(call_log_remove(db, 10), 0);
	assert_int_equal(call_log_remove(db, 10), ENOENT);
	assert_int_equal(calls(db, NULL), 9);

	assert_string_equal(call_result_name(CALL_NO_ANSWER), "no-answer");
	assert_string_equal(call_result_name((enum call_result)99), "?");
	assert_int_equal(call_log_missed(NULL, &n), EINVAL);
	mem_deref(db);
}


static bool nested_handler(const struct call_log_entry *e, void *arg)
{
	struct db *db = arg;

	assert_int_equal(calls(db, NULL), 3);
	(void)e;

	return false;
}


/* A handler may ask the same question */
static void nested(void **state)
{
	struct db *db = NULL;
	uint32_t i;

	(void)state;

	assert_int_equal(db_open(&db, path), 0);
	for (i = 0; i < 3; i++)
		add_call(db, "Bob", CALL_ANSWERED, i);
	assert_int_equal(call_log_list(db, 0, 9, NULL, nested_handler, db),
			 0);
	mem_deref(db);
}


/* ---- messages ---------------------------------------------------------- */

static int64_t say(struct db *db, int64_t conv, bool incoming,
		   enum message_state state, const char *text,
		   const char *remote_id)
{
	const struct message_row m = {
		.conversation = conv, .incoming = incoming, .state = state,
		.time = 1000, .text = text, .remote_id = remote_id,
	};
	int64_t id = 0;

	assert_int_equal(message_add(db, &m, &id), 0);

	return id;
}


struct got {
	uint32_t n;
	int64_t id[8];
	struct message_row m;
	struct conversation_row c;
	char text[128];
};


static bool got_message(const struct message_row *m, void *arg)
{
	struct got *g = arg;

	g->id[g->n++ & 7] = m->id;
	g->m = *m;
	(void)snprintf(g->text, sizeof(g->text), "%s|%s", m->text,
		       m->reason);

	return false;
}


static bool got_conversation(const struct conversation_row *c, void *arg)
{
	struct got *g = arg;

	g->id[g->n++ & 7] = c->id;
	g->c = *c;
	(void)snprintf(g->text, sizeof(g->text), "%s|%s", c->peer_name,
		       c->last_text);

	return false;
}


static void conversations(void **state)
{
	struct db *db = NULL;
	struct got g;
	int64_t a, b, c;
	uint32_t n;

	(void)state;

	assert_int_equal(db_open(&db, path), 0);
	assert_int_equal(conversation_get(db, "sip:me@x", "sip:a@x", "", &a),
			 0);
	assert_int_equal(conversation_get(db, "sip:me@x", "sip:b@x", "Bea",
					  &b), 0);
	assert_int_equal(conversation_get(db, "sip:me@x", "sip:a@x", "Al",
					  &c), 0);
	assert_int_equal(a, c);
	assert_int_equal(conversation_get(db, "sip:me@x", "sip:a@x", NULL,
					  &c), 0);
	assert_int_equal(conversation_get(db, "sip:me@x", "", NULL, &c),
			 EINVAL);

	(void)say(db, a, true, MESSAGE_RECEIVED, "one", "");
	(void)say(db, a, true, MESSAGE_RECEIVED, "two\nlines", "");
	memset(&g, 0, sizeof(g));
	assert_int_equal(conversation_list(db, 0, got_conversation, &g), 0);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.id[0], a);
	assert_int_equal(g.id[1], b);
	assert_string_equal(g.text, "Bea|");

	memset(&g, 0, sizeof(g));
	assert_int_equal(conversation_list(db, a, got_conversation, &g), 0);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.c.unread, 2);
	assert_int_equal(g.c.last_time, 1000);
	assert_true(g.c.last_incoming);
	assert_string_equal(g.text, "Al|two lines");
	assert_int_equal(conversation_list(db, 77, got_conversation, &g),
			 ENOENT);

	assert_int_equal(messages_unread(db, &n), 0);
	assert_int_equal(n, 2);
	(void)say(db, b, false, MESSAGE_SENT, "mine", "");
	(void)say(db, b, true, MESSAGE_RECEIVED, "yours", "");
	assert_int_equal(conversation_see(db, a), 0);
	assert_int_equal(messages_unread(db, &n), 0);
	assert_int_equal(n, 1);

	memset(&g, 0, sizeof(g));
	assert_int_equal(conversation_list(db, 0, got_conversation, &g), 0);
	assert_int_equal(g.id[0], b);
	mem_deref(db);
}


static void messages(void **state)
{
	struct db *db = NULL;
	struct message_row none = {.conversation = 99};
	int64_t c, m1, m2, m3, id;
	struct got g;

	(void)state;

	assert_int_equal(db_open(&db, path), 0);
	assert_int_equal(conversation_get(db, "sip:me@x", "sip:a@x", "", &c),
			 0);
	assert_int_equal(message_add(db, &none, NULL), EINVAL);

	m1 = say(db, c, true, MESSAGE_RECEIVED, "hi\x07\nthere\tyou", "r1");
	m2 = say(db, c, false, MESSAGE_QUEUED, "answer", "r2");
	m3 = say(db, c, false, MESSAGE_SENT, "more", "r3");

	memset(&g, 0, sizeof(g));
	assert_int_equal(message_list(db, c, 0, 2, got_message, &g), 0);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.id[0], m3);
	assert_int_equal(g.id[1], m2);
	assert_int_equal(message_list(db, c, m2, 9, got_message, &g), 0);
	assert_int_equal(g.n, 3);
	assert_string_equal(g.text, "hi\xe2\x90\x87\nthere    you|");

	assert_int_equal(message_find_remote(db, c, "r2", false, &id), 0);
	assert_int_equal(id, m2);
	assert_int_equal(message_find_remote(db, 0, "r1", true, &id), 0);
	assert_int_equal(id, m1);
	assert_int_equal(message_find_remote(db, c, "r1", false, &id),
			 ENOENT);
	assert_int_equal(message_find_remote(db, 88, "r1", true, &id),
			 ENOENT);
	assert_int_equal(message_find_remote(db, c, "", true, &id), ENOENT);

	assert_int_equal(message_set_state(db, m3, MESSAGE_DELIVERED, 0,
					   NULL), 0);
	assert_int_equal(message_set_state(db, 99, MESSAGE_READ, 0, ""),
			 ENOENT);
	assert_int_equal(messages_fail_unsent(db, "the phone ended"), 0);

	assert_int_equal(message_get(db, m2, got_message, &g), 0);
	assert_int_equal(g.m.state, MESSAGE_FAILED);
	assert_string_equal(g.text, "answer|the phone ended");
	assert_int_equal(message_get(db, m3, got_message, &g), 0);
	assert_int_equal(g.m.state, MESSAGE_DELIVERED);
	assert_int_equal(message_get(db, 99, got_message, &g), ENOENT);
	assert_string_equal(message_state_name(MESSAGE_READ), "read");
	mem_deref(db);
}


/* ---- many -------------------------------------------------------------- */

static void many(void **state)
{
	struct db *db = NULL;
	struct got g;
	uint32_t n = 0, i;
	int64_t c;
	double t;

	(void)state;

	t = now_ms();
	fill(10000);
	print_message("write 10,000 calls      %7.2f ms\n", now_ms() - t);

	t = now_ms();
	assert_int_equal(db_open(&db, path), 0);
	print_message("open                    %7.2f ms\n", now_ms() - t);
	t = now_ms();
	assert_int_equal(call_log_list(db, 0, 100, NULL, count_calls, &n),
			 0);
	print_message("newest 100 calls        %7.2f ms\n", now_ms() - t);
	t = now_ms();
	assert_int_equal(calls(db, NULL), 10000);
	print_message("all 10,000 calls        %7.2f ms\n", now_ms() - t);
	t = now_ms();
	assert_int_equal(calls(db, "nobody"), 0);
	print_message("search without result   %7.2f ms\n", now_ms() - t);
	t = now_ms();
	assert_int_equal(call_log_missed(db, &n), 0);
	print_message("count missed            %7.2f ms\n", now_ms() - t);

	(void)sqlite3_exec(db_handle(db), "BEGIN", NULL, NULL, NULL);
	for (i = 0; i < 100000; i++) {
		char uri[32];

		if (i % 100 == 0) {
			(void)snprintf(uri, sizeof(uri), "sip:%u@x", i);
			assert_int_equal(conversation_get(db, "me", uri, "",
							  &c), 0);
		}
		(void)say(db, c, i % 2, MESSAGE_RECEIVED, "some words", uri);
	}
	(void)sqlite3_exec(db_handle(db), "COMMIT", NULL, NULL, NULL);
	mem_deref(db);

	t = now_ms();
	assert_int_equal(db_open(&db, path), 0);
	print_message("open, 100,000 messages  %7.2f ms\n", now_ms() - t);
	memset(&g, 0, sizeof(g));
	t = now_ms();
	assert_int_equal(conversation_list(db, 0, got_conversation, &g), 0);
	print_message("1,000 conversations     %7.2f ms\n", now_ms() - t);
	assert_int_equal(g.n, 1000);
	t = now_ms();
	assert_int_equal(messages_unread(db, &n), 0);
	print_message("count unread            %7.2f ms\n", now_ms() - t);
	assert_int_equal(n, 50000);
	t = now_ms();
	add_call(db, "One", CALL_ANSWERED, 1);
	print_message("add one call            %7.2f ms\n", now_ms() - t);
	mem_deref(db);
}


static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/offhook-store-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/offhook.db", dir);

	return 0;
}


static int teardown(void **state)
{
	(void)fresh(state);
	(void)rmdir(dir);
	mem_debug();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(made_new, fresh),
		cmocka_unit_test_setup(from_version_1, fresh),
		cmocka_unit_test_setup(newer_version, fresh),
		cmocka_unit_test_setup(damaged_header, fresh),
		cmocka_unit_test_setup(damaged_pages, fresh),
		cmocka_unit_test_setup(not_a_database, fresh),
		cmocka_unit_test_setup(foreign_tables, fresh),
		cmocka_unit_test_setup(any_byte, fresh),
		cmocka_unit_test_setup(locked, fresh),
		cmocka_unit_test_setup(killed, fresh),
		cmocka_unit_test_setup(call_log, fresh),
		cmocka_unit_test_setup(nested, fresh),
		cmocka_unit_test_setup(conversations, fresh),
		cmocka_unit_test_setup(messages, fresh),
		cmocka_unit_test_setup(many, fresh),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
