/**
 * @file messages.c  Conversations and their messages
 *
 * Nothing is counted twice: unread messages and the last line of a
 * conversation are looked up through indexes when they are asked for, so
 * no counter can go wrong.
 */
#include "messages.h"

#include <errno.h>
#include <string.h>

#include "db_priv.h"


static const struct table_name states[] = {
	{"received",  MESSAGE_RECEIVED},
	{"queued",    MESSAGE_QUEUED},
	{"sent",      MESSAGE_SENT},
	{"delivered", MESSAGE_DELIVERED},
	{"read",      MESSAGE_READ},
	{"failed",    MESSAGE_FAILED},
	{NULL, 0}
};


#define MESSAGE_COLUMNS \
	"id, conversation, incoming, state, time, text, remote_id, scode," \
	" reason, seen"

static const char sql_find[] =
	"SELECT id, peer_name FROM conversations"
	" WHERE account = ?1 AND peer_uri = ?2";

static const char sql_make[] =
	"INSERT INTO conversations (account, peer_uri, peer_name)"
	" VALUES (?1, ?2, ?3)";

static const char sql_name[] =
	"UPDATE conversations SET peer_name = ?2 WHERE id = ?1";

static const char sql_conversations[] =
	"SELECT c.id, c.account, c.peer_uri, c.peer_name,"
	" (SELECT count(*) FROM messages AS u WHERE u.conversation = c.id"
	"  AND u.incoming = 1 AND u.seen = 0),"
	" coalesce(m.time, 0), coalesce(m.text, ''), coalesce(m.incoming, 0)"
	" FROM conversations AS c LEFT JOIN messages AS m ON m.id ="
	"  (SELECT max(l.id) FROM messages AS l WHERE l.conversation = c.id)"
	" WHERE ?1 = 0 OR c.id = ?1"
	" ORDER BY coalesce(m.id, 0) DESC, c.id DESC";

static const char sql_add[] =
	"INSERT INTO messages (conversation, incoming, state, time, text,"
	" remote_id, scode, reason, seen)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

static const char sql_state[] =
	"UPDATE messages SET state = ?2, scode = ?3, reason = ?4"
	" WHERE id = ?1";

static const char sql_set_remote[] =
	"UPDATE messages SET remote_id = ?2 WHERE id = ?1";

static const char sql_list[] =
	"SELECT " MESSAGE_COLUMNS " FROM messages"
	" WHERE conversation = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

static const char sql_get[] =
	"SELECT " MESSAGE_COLUMNS " FROM messages WHERE id = ?1";

/* The condition is repeated so that the partial index can be used */
static const char sql_remote[] =
	"SELECT id FROM messages WHERE remote_id = ?1 AND remote_id <> ''"
	" AND incoming = ?2 AND (?3 = 0 OR conversation = ?3)"
	" ORDER BY id DESC LIMIT 1";

static const char sql_see[] =
	"UPDATE messages SET seen = 1"
	" WHERE conversation = ?1 AND incoming = 1 AND seen = 0";

static const char sql_unread[] =
	"SELECT count(*) FROM messages WHERE incoming = 1 AND seen = 0";

static const char sql_unsent[] =
	"UPDATE messages SET state = 'failed', scode = 0, reason = ?1"
	" WHERE incoming = 0 AND state = 'queued'";


/**
 * Name of a state
 *
 * @param state  State
 *
 * @return Name as in docs/rpc.md, "?" if it has none
 */
const char *message_state_name(enum message_state state)
{
	return table_name(states, (int)state);
}


/* ---- conversations ----------------------------------------------------- */

static int rename_conversation(struct db *db, int64_t id, const char *name)
{
	sqlite3_stmt *st;
	int err;

	err = db_statement(db, sql_name, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);
	db_bind_text(st, 2, name);

	return db_run(db, st, NULL);
}


static int make_conversation(struct db *db, const char *account,
			     const char *uri, const char *name, int64_t *idp)
{
	sqlite3_stmt *st;
	int err;

	err = db_statement(db, sql_make, &st);
	if (err)
		return err;
	db_bind_text(st, 1, account);
	db_bind_text(st, 2, uri);
	db_bind_text(st, 3, name);

	err = db_run(db, st, NULL);
	if (!err)
		*idp = sqlite3_last_insert_rowid(db_handle(db));

	return err;
}


/**
 * Find or make the conversation of an account with a peer
 *
 * @param db         Database
 * @param account    AOR
 * @param peer_uri   URI of the peer
 * @param peer_name  Its name; if not empty, it replaces the one there is
 * @param idp        Id of the conversation
 *
 * @return 0 if success, otherwise errorcode
 */
int conversation_get(struct db *db, const char *account,
		     const char *peer_uri, const char *peer_name,
		     int64_t *idp)
{
	sqlite3_stmt *st;
	bool same = true;
	int64_t id = 0;
	int err;

	if (!db || !account || !str_isset(peer_uri) || !idp)
		return EINVAL;

	err = db_statement(db, sql_find, &st);
	if (err)
		return err;
	db_bind_text(st, 1, account);
	db_bind_text(st, 2, peer_uri);

	err = db_step(db, st);
	if (!err) {
		id = sqlite3_column_int64(st, 0);
		same = !str_isset(peer_name) ||
			!str_cmp((const char *)sqlite3_column_text(st, 1),
				 peer_name);
	}
	db_release(db, st);

	if (err == ENOENT)
		err = make_conversation(db, account, peer_uri, peer_name,
					&id);
	else if (!err && !same)
		err = rename_conversation(db, id, peer_name);

	if (!err)
		*idp = id;

	return err;
}


/**
 * Read conversations, the one with the newest message first
 *
 * @param db   Database
 * @param id   Just this one, 0: all
 * @param h    Called a row
 * @param arg  Its argument
 *
 * @return 0 if success, otherwise errorcode (ENOENT: id, and there is none)
 */
int conversation_list(struct db *db, int64_t id, conversation_h *h, void *arg)
{
	bool stop = false, any = false;
	sqlite3_stmt *st;
	int err;

	if (!db || !h)
		return EINVAL;

	err = db_statement(db, sql_conversations, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);

	while (!stop && 0 == (err = db_step(db, st))) {
		struct conversation_row c;
		struct db_row row;

		memset(&c, 0, sizeof(c));
		db_row_open(&row, st);
		c.id            = sqlite3_column_int64(st, 0);
		c.account       = db_row_text(&row, 1, TEXT_LINE);
		c.peer_uri      = db_row_text(&row, 2, TEXT_NAME);
		c.peer_name     = db_row_text(&row, 3, TEXT_NAME);
		c.unread        = (uint32_t)sqlite3_column_int64(st, 4);
		c.last_time     = sqlite3_column_int64(st, 5);
		c.last_text     = db_row_text(&row, 6, TEXT_LINE);
		c.last_incoming = sqlite3_column_int(st, 7) != 0;
		any = true;
		stop = h(&c, arg);
		db_row_close(&row);
	}
	if (err == ENOENT && (any || !id))
		err = 0;

	db_release(db, st);

	return err;
}


/**
 * All messages of a conversation were read
 *
 * @param db  Database
 * @param id  Conversation
 *
 * @return 0 if success, otherwise errorcode
 */
int conversation_see(struct db *db, int64_t id)
{
	sqlite3_stmt *st;
	int err;

	err = db_statement(db, sql_see, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);

	return db_run(db, st, NULL);
}


/* ---- messages ---------------------------------------------------------- */

/**
 * Add a message
 *
 * @param db   Database
 * @param row  Message; its id is not looked at
 * @param idp  Id of the new message, or NULL
 *
 * @return 0 if success, otherwise errorcode (EINVAL: no such conversation)
 */
int message_add(struct db *db, const struct message_row *row, int64_t *idp)
{
	sqlite3_stmt *st;
	int err;

	if (!db || !row)
		return EINVAL;

	err = db_statement(db, sql_add, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, row->conversation);
	(void)sqlite3_bind_int(st, 2, row->incoming);
	db_bind_text(st, 3, message_state_name(row->state));
	(void)sqlite3_bind_int64(st, 4, row->time);
	db_bind_text(st, 5, row->text);
	db_bind_text(st, 6, row->remote_id);
	(void)sqlite3_bind_int(st, 7, row->scode);
	db_bind_text(st, 8, row->reason);
	(void)sqlite3_bind_int(st, 9, row->seen);

	err = db_run(db, st, NULL);
	if (!err && idp)
		*idp = sqlite3_last_insert_rowid(db_handle(db));

	return err;
}


/**
 * Set the state of a message
 *
 * @param db      Database
 * @param id      Message
 * @param state   New state
 * @param scode   SIP status of a failed one, otherwise 0
 * @param reason  Sentence of a failed one, or NULL
 *
 * @return 0 if success, otherwise errorcode (ENOENT: no such message)
 */
int message_set_state(struct db *db, int64_t id, enum message_state state,
		      uint16_t scode, const char *reason)
{
	sqlite3_stmt *st;
	int err, n;

	err = db_statement(db, sql_state, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);
	db_bind_text(st, 2, message_state_name(state));
	(void)sqlite3_bind_int(st, 3, scode);
	db_bind_text(st, 4, reason);

	err = db_run(db, st, &n);
	if (!err && !n)
		err = ENOENT;

	return err;
}


int message_set_remote(struct db *db, int64_t id, const char *remote_id)
{
	sqlite3_stmt *st;
	int err, n;

	err = db_statement(db, sql_set_remote, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);
	db_bind_text(st, 2, remote_id);

	err = db_run(db, st, &n);
	if (!err && !n)
		err = ENOENT;

	return err;
}


/* Hand out the rows of a statement and release it */
static int each_message(struct db *db, sqlite3_stmt *st, message_h *h,
			void *arg, bool *anyp)
{
	bool stop = false;
	int err = 0;

	while (!stop && 0 == (err = db_step(db, st))) {
		struct message_row m;
		struct db_row row;

		memset(&m, 0, sizeof(m));
		db_row_open(&row, st);
		m.id           = sqlite3_column_int64(st, 0);
		m.conversation = sqlite3_column_int64(st, 1);
		m.incoming     = sqlite3_column_int(st, 2) != 0;
		m.state        = (enum message_state)
			db_row_enum(&row, 3, states, MESSAGE_FAILED);
		m.time         = sqlite3_column_int64(st, 4);
		m.text         = db_row_text(&row, 5, TEXT_BODY);
		m.remote_id    = db_row_text(&row, 6, TEXT_LINE);
		m.scode        = (uint16_t)sqlite3_column_int(st, 7);
		m.reason       = db_row_text(&row, 8, TEXT_LINE);
		m.seen         = sqlite3_column_int(st, 9) != 0;
		*anyp = true;
		stop = h(&m, arg);
		db_row_close(&row);
	}

	db_release(db, st);

	return err == ENOENT ? 0 : err;
}


/**
 * Read messages of a conversation, newest first
 *
 * @param db            Database
 * @param conversation  Conversation
 * @param before        Only ids below it, 0: from the newest
 * @param limit         At most so many
 * @param h             Called a message
 * @param arg           Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int message_list(struct db *db, int64_t conversation, int64_t before,
		 uint32_t limit, message_h *h, void *arg)
{
	sqlite3_stmt *st;
	bool any = false;
	int err;

	if (!db || !h)
		return EINVAL;

	err = db_statement(db, sql_list, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, conversation);
	(void)sqlite3_bind_int64(st, 2, before > 0 ? before : INT64_MAX);
	(void)sqlite3_bind_int64(st, 3, limit);

	return each_message(db, st, h, arg, &any);
}


/**
 * Read one message
 *
 * @param db   Database
 * @param id   Message
 * @param h    Called with it
 * @param arg  Its argument
 *
 * @return 0 if success, otherwise errorcode (ENOENT: no such message)
 */
int message_get(struct db *db, int64_t id, message_h *h, void *arg)
{
	sqlite3_stmt *st;
	bool any = false;
	int err;

	if (!db || !h)
		return EINVAL;

	err = db_statement(db, sql_get, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);

	err = each_message(db, st, h, arg, &any);

	return !err && !any ? ENOENT : err;
}


/**
 * Find a message by the id that the other side knows it by
 *
 * @param db            Database
 * @param conversation  Conversation, 0: any
 * @param remote_id     Call-ID or IMDN Message-ID
 * @param incoming      One we got, or one we sent
 * @param idp           Id of the message, or NULL
 *
 * @return 0 if success, otherwise errorcode (ENOENT: there is none)
 */
int message_find_remote(struct db *db, int64_t conversation,
			const char *remote_id, bool incoming, int64_t *idp)
{
	sqlite3_stmt *st;
	int err;

	if (!db || !remote_id)
		return EINVAL;

	err = db_statement(db, sql_remote, &st);
	if (err)
		return err;
	db_bind_text(st, 1, remote_id);
	(void)sqlite3_bind_int(st, 2, incoming);
	(void)sqlite3_bind_int64(st, 3, conversation);

	err = db_step(db, st);
	if (!err && idp)
		*idp = sqlite3_column_int64(st, 0);
	db_release(db, st);

	return err;
}


/**
 * Count the unread messages of all conversations
 *
 * @param db  Database
 * @param np  Their number
 *
 * @return 0 if success, otherwise errorcode
 */
int messages_unread(struct db *db, uint32_t *np)
{
	return db_count(db, sql_unread, np);
}


/**
 * Messages that an earlier run left unsent: now they have failed
 *
 * @param db      Database
 * @param reason  Sentence that says so
 *
 * @return 0 if success, otherwise errorcode
 */
int messages_fail_unsent(struct db *db, const char *reason)
{
	sqlite3_stmt *st;
	int err;

	err = db_statement(db, sql_unsent, &st);
	if (err)
		return err;
	db_bind_text(st, 1, reason);

	return db_run(db, st, NULL);
}
