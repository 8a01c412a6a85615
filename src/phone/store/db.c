/**
 * @file db.c  The database: opening it, whatever state it is in
 *
 * A write-ahead log that is still there tells that the last run did not end
 * well, or that this file was found damaged: then, and for small files
 * always, quick_check reads it through. Otherwise the schema and one
 * statement a table must do, so that a start does not wait for a file of
 * years. A damaged file goes aside as NAME.bad and the phone begins a new
 * one; a locked one, a full disk or a newer schema are told to the caller
 * and nothing is moved.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/paths.h"
#include "db_priv.h"
#include "schema.h"

enum {
	BUSY_MS     = 100,        /* the main loop waits no longer       */
	SMALL_BYTES = 256 << 10,  /* checked at every start              */
	STMT_MAX    = 32,         /* statements kept                     */
	TEXT_MAX    = 1 << 20,    /* of one column that is read          */
};

/** A statement that is kept, known by the address of its SQL */
struct kept {
	const char *sql;
	sqlite3_stmt *st;
};

struct db {
	sqlite3 *sql;
	char *path;
	bool damaged;             /* seen while in use                   */
	struct kept keptv[STMT_MAX];
	size_t keptc;
};


static int errno_of(int rc)
{
	switch (rc & 0xff) {

	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:       return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:     return EBUSY;
	case SQLITE_FULL:       return ENOSPC;
	case SQLITE_NOMEM:      return ENOMEM;
	case SQLITE_READONLY:   return EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:   return EACCES;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_MISUSE:     return EINVAL;
	case SQLITE_TOOBIG:     return EMSGSIZE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:     return EBADMSG;
	default:                return EIO;
	}
}


/* Is it the content of the file that is wrong, and not the world around? */
static bool is_damage(int rc)
{
	rc &= 0xff;

	/* SQLITE_ERROR: a table or a column is not what it should be */
	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ||
		rc == SQLITE_ERROR || rc == SQLITE_CONSTRAINT;
}


static void path_with(char *buf, size_t size, const char *path,
		      const char *end)
{
	(void)re_snprintf(buf, size, "%s%s", path, end);
}


static bool exists(const char *path, const char *end)
{
	char buf[PATHS_MAX];
	struct stat st;

	path_with(buf, sizeof(buf), path, end);

	return 0 == stat(buf, &st);
}


/* The mark that asks the next start to look closer */
static void mark_damaged(const char *path)
{
	char buf[PATHS_MAX];
	int fd;

	path_with(buf, sizeof(buf), path, ".check");
	fd = open(buf, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
}


static void move_aside(const char *path)
{
	char from[PATHS_MAX], to[PATHS_MAX];

	path_with(to, sizeof(to), path, ".bad");
	if (rename(path, to))
		warning("db: %s: %m\n", to, errno);

	/* What is in the write-ahead log belongs to it */
	path_with(from, sizeof(from), path, "-wal");
	path_with(to, sizeof(to), path, ".bad-wal");
	(void)unlink(to);
	(void)rename(from, to);

	path_with(from, sizeof(from), path, "-shm");
	(void)unlink(from);
	path_with(from, sizeof(from), path, ".check");
	(void)unlink(from);
}


/* The file exists and is 0600 before SQLite makes others beside it */
static int touch(const char *path, off_t *sizep)
{
	struct stat st;
	int fd, err = 0;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;

	if (fstat(fd, &st) || fchmod(fd, 0600))
		err = errno;
	else
		*sizep = st.st_size;
	(void)close(fd);

	return err;
}


static int quick_check(sqlite3 *sql)
{
	sqlite3_stmt *st;
	int rc;

	rc = sqlite3_prepare_v2(sql, "PRAGMA quick_check(1)", -1, &st, NULL);
	if (rc)
		return rc;

	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		rc = str_cmp(text, "ok") ? SQLITE_CORRUPT : SQLITE_OK;
	}
	(void)sqlite3_finalize(st);

	return rc;
}


/* Are the tables what the statements expect? */
static int probe(sqlite3 *sql)
{
	static const char *const probev[] = {
		"SELECT id, account, peer_uri, peer_name, incoming, result,"
		" start, duration, codec, label, scode, reason, seen"
		" FROM calls ORDER BY id DESC LIMIT 1",
		"SELECT id, account, peer_uri, peer_name FROM conversations"
		" ORDER BY id DESC LIMIT 1",
		"SELECT id, conversation, incoming, state, time, text,"
		" remote_id, scode, reason, seen FROM messages"
		" ORDER BY id DESC LIMIT 1",
		"SELECT account, peer, device, first, last, verified"
		" FROM identities LIMIT 1",
		"SELECT id, account, peer, device, time, what"
		" FROM verifications ORDER BY id DESC LIMIT 1",
	};
	size_t i;

	for (i = 0; i < sizeof(probev) / sizeof(probev[0]); i++) {
		int rc = sqlite3_exec(sql, probev[i], NULL, NULL, NULL);

		if (rc)
			return rc;
	}

	return SQLITE_OK;
}


static int prepare_file(sqlite3 *sql, bool check, bool *newerp)
{
	int rc;

	(void)sqlite3_busy_timeout(sql, BUSY_MS);
	(void)sqlite3_extended_result_codes(sql, 1);
	(void)sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

	rc = sqlite3_exec(sql,
			  "PRAGMA cell_size_check = ON;"
			  "PRAGMA foreign_keys = ON;"
			  "PRAGMA temp_store = MEMORY;"
			  "PRAGMA synchronous = NORMAL;"
			  "PRAGMA journal_size_limit = 1048576;",
			  NULL, NULL, NULL);
	if (!rc && check)
		rc = quick_check(sql);
	if (!rc)
		rc = schema_migrate(sql, newerp);
	if (rc || *newerp)
		return rc;

	/* Not before: a file of a newer program stays as it is */
	rc = sqlite3_exec(sql, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
	if (rc)
		return rc;

	return probe(sql);
}


/* One try; rcp: SQLite's result, 0 if it was not SQLite */
static int open_file(sqlite3 **sqlp, const char *path, int *rcp)
{
	sqlite3 *sql = NULL;
	bool newer = false, check;
	off_t size = 0;
	int err;

	*rcp = 0;

	check = exists(path, "-wal") || exists(path, ".check");
	err = touch(path, &size);
	if (err)
		return err;
	if (size > 0 && size <= SMALL_BYTES)
		check = true;

	*rcp = sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_NOMUTEX, NULL);
	if (!*rcp)
		*rcp = prepare_file(sql, check, &newer);
	err = newer ? EPROTO : errno_of(*rcp);
	if (err) {
		warning("db: %s: %s\n", path,
			newer ? "made by a newer offhook, left alone"
			      : sqlite3_errcode(sql) ? sqlite3_errmsg(sql)
						     : sqlite3_errstr(*rcp));
		(void)sqlite3_close(sql);
		return err;
	}

	if (exists(path, ".check")) {
		char buf[PATHS_MAX];

		path_with(buf, sizeof(buf), path, ".check");
		(void)unlink(buf);
	}

	*sqlp = sql;

	return 0;
}


static void db_destructor(void *data)
{
	struct db *db = data;
	size_t i;

	for (i = 0; i < db->keptc; i++)
		(void)sqlite3_finalize(db->keptv[i].st);
	if (db->sql)
		(void)sqlite3_close(db->sql);
	if (db->damaged)
		mark_damaged(db->path);
	mem_deref(db->path);
}


int db_open(struct db **dbp, const char *path)
{
	struct db *db;
	int err, rc;

	if (!dbp || !path)
		return EINVAL;

	/* room for what is appended to the name */
	if (strlen(path) + 16 > PATHS_MAX)
		return ENAMETOOLONG;

	db = mem_zalloc(sizeof(*db), db_destructor);
	if (!db)
		return ENOMEM;

	err = str_dup(&db->path, path);
	if (err)
		goto out;

	err = open_file(&db->sql, path, &rc);
	if (err && err != EPROTO && is_damage(rc)) {
		warning("db: %s is damaged, moved to %s.bad; a new one is"
			" begun\n", path, path);
		move_aside(path);
		err = open_file(&db->sql, path, &rc);
	}

 out:
	if (err)
		mem_deref(db);
	else
		*dbp = db;

	return err;
}


sqlite3 *db_handle(const struct db *db)
{
	return db ? db->sql : NULL;
}


const char *db_error(const struct db *db)
{
	return db ? sqlite3_errmsg(db->sql) : "no database";
}


/* ---- statements -------------------------------------------------------- */

static int result(struct db *db, int rc)
{
	int err = errno_of(rc);

	if (err && is_damage(rc) && (rc & 0xff) != SQLITE_CONSTRAINT)
		db->damaged = true;
	if (err && err != EBUSY)
		warning("db: %s\n", sqlite3_errmsg(db->sql));

	return err;
}


int db_statement(struct db *db, const char *sql, sqlite3_stmt **stp)
{
	struct kept *k = NULL;
	sqlite3_stmt *st;
	size_t i;
	int rc;

	if (!db || !sql || !stp)
		return EINVAL;

	for (i = 0; i < db->keptc; i++) {
		if (db->keptv[i].sql != sql)
			continue;
		k = &db->keptv[i];

		/* Somebody's handler asks while its rows are being read */
		if (sqlite3_stmt_busy(k->st))
			break;
		*stp = k->st;
		return 0;
	}

	rc = sqlite3_prepare_v3(db->sql, sql, -1,
				k ? 0 : SQLITE_PREPARE_PERSISTENT, &st, NULL);
	if (rc)
		return result(db, rc);

	if (!k && db->keptc < STMT_MAX) {
		db->keptv[db->keptc].sql = sql;
		db->keptv[db->keptc++].st = st;
	}
	*stp = st;

	return 0;
}


void db_release(struct db *db, sqlite3_stmt *st)
{
	size_t i;

	for (i = 0; i < db->keptc; i++) {
		if (db->keptv[i].st == st) {
			(void)sqlite3_reset(st);
			(void)sqlite3_clear_bindings(st);
			return;
		}
	}

	(void)sqlite3_finalize(st);
}


int db_step(struct db *db, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 0;

	return rc == SQLITE_DONE ? ENOENT : result(db, rc);
}


int db_run(struct db *db, sqlite3_stmt *st, int *changesp)
{
	int err = db_step(db, st);

	if (err == ENOENT)
		err = 0;
	if (!err && changesp)
		*changesp = sqlite3_changes(db->sql);
	db_release(db, st);

	return err;
}


int db_count(struct db *db, const char *sql, uint32_t *np)
{
	sqlite3_stmt *st = NULL;
	int err;

	if (!db || !np)
		return EINVAL;

	err = db_statement(db, sql, &st);
	if (err)
		return err;

	err = db_step(db, st);
	if (!err)
		*np = (uint32_t)sqlite3_column_int64(st, 0);
	db_release(db, st);

	return err;
}


void db_bind_text(sqlite3_stmt *st, int i, const char *text)
{
	(void)sqlite3_bind_text(st, i, text ? text : "", -1,
				SQLITE_TRANSIENT);
}


/* ---- rows -------------------------------------------------------------- */

void db_row_open(struct db_row *row, sqlite3_stmt *st)
{
	row->st = st;
	row->textc = 0;
}


void db_row_close(struct db_row *row)
{
	while (row->textc)
		free(row->text[--row->textc]);
}


const char *db_row_text(struct db_row *row, int col, enum text_kind kind)
{
	const char *s = (const char *)sqlite3_column_text(row->st, col);
	size_t len = (size_t)sqlite3_column_bytes(row->st, col), i;
	char *clean;

	if (!s)
		return "";
	if (len > TEXT_MAX)
		len = TEXT_MAX;

	for (i = 0; i < len && s[i] >= 0x20 && s[i] < 0x7f; i++)
		;
	if (i == len && !s[i])
		return s;

	if (row->textc == sizeof(row->text) / sizeof(row->text[0]))
		return "";
	clean = text_clean(s, len, kind);
	if (!clean)
		return "";
	row->text[row->textc++] = clean;

	return clean;
}


int db_row_enum(struct db_row *row, int col, const struct table_name *names,
		int fallback)
{
	const char *s = (const char *)sqlite3_column_text(row->st, col);
	int value;

	return s && !table_value(names, s, &value) ? value : fallback;
}
