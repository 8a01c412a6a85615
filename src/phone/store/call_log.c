/**
 * @file call_log.c  The call log
 *
 * One row a call, written when it has ended. Ids grow with time, so a page
 * of rows is an id to go on from and a limit. A search looks at each row
 * from the newest on, without regard to case in any script.
 */
#include "call_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db_priv.h"


static const struct table_name results[] = {
	{"answered",  CALL_ANSWERED},
	{"missed",    CALL_MISSED},
	{"rejected",  CALL_REJECTED},
	{"cancelled", CALL_CANCELLED},
	{"failed",    CALL_FAILED},
	{"no-answer", CALL_NO_ANSWER},
	{"busy",      CALL_BUSY},
	{"elsewhere", CALL_ELSEWHERE},
	{NULL, 0}
};


static const char sql_add[] =
	"INSERT INTO calls (account, peer_uri, peer_name, incoming, result,"
	" start, duration, codec, label, scode, reason, seen, quality)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

static const char sql_list[] =
	"SELECT id, account, peer_uri, peer_name, incoming, result, start,"
	" duration, codec, label, scode, reason, seen, quality FROM calls"
	" WHERE id < ?1 ORDER BY id DESC";

static const char sql_missed[] =
	"SELECT count(*) FROM calls WHERE result = 'missed' AND seen = 0";

static const char sql_see[] =
	"UPDATE calls SET seen = 1 WHERE result = 'missed' AND seen = 0";

static const char sql_remove[] = "DELETE FROM calls WHERE id = ?1";


/**
 * Name of a result
 *
 * @param result  Result
 *
 * @return Name as in docs/rpc.md, "?" if it has none
 */
const char *call_result_name(enum call_result result)
{
	return table_name(results, (int)result);
}


/**
 * Add a row
 *
 * @param db     Database
 * @param entry  Row; its id is not looked at
 * @param idp    Id of the new row, or NULL
 *
 * @return 0 if success, otherwise errorcode (ENOSPC, EBUSY, EROFS, ...)
 */
int call_log_add(struct db *db, const struct call_log_entry *entry,
		 int64_t *idp)
{
	sqlite3_stmt *st;
	int err;

	if (!db || !entry)
		return EINVAL;

	err = db_statement(db, sql_add, &st);
	if (err)
		return err;

	db_bind_text(st, 1, entry->account);
	db_bind_text(st, 2, entry->peer_uri);
	db_bind_text(st, 3, entry->peer_name);
	(void)sqlite3_bind_int(st, 4, entry->incoming);
	db_bind_text(st, 5, call_result_name(entry->result));
	(void)sqlite3_bind_int64(st, 6, entry->start);
	(void)sqlite3_bind_int64(st, 7, entry->duration);
	db_bind_text(st, 8, entry->codec);
	db_bind_text(st, 9, entry->label);
	(void)sqlite3_bind_int(st, 10, entry->scode);
	db_bind_text(st, 11, entry->reason);
	(void)sqlite3_bind_int(st, 12, entry->seen);
	db_bind_text(st, 13, entry->quality ? entry->quality : "");

	err = db_run(db, st, NULL);
	if (!err && idp)
		*idp = sqlite3_last_insert_rowid(db_handle(db));

	return err;
}


static void read_entry(struct call_log_entry *e, struct db_row *row)
{
	sqlite3_stmt *st = row->st;

	memset(e, 0, sizeof(*e));
	e->id        = sqlite3_column_int64(st, 0);
	e->account   = db_row_text(row, 1, TEXT_LINE);
	e->peer_uri  = db_row_text(row, 2, TEXT_NAME);
	e->peer_name = db_row_text(row, 3, TEXT_NAME);
	e->incoming  = sqlite3_column_int(st, 4) != 0;
	e->result    = (enum call_result)db_row_enum(row, 5, results,
						     CALL_FAILED);
	e->start     = sqlite3_column_int64(st, 6);
	e->duration  = (uint32_t)sqlite3_column_int64(st, 7);
	e->codec     = db_row_text(row, 8, TEXT_LINE);
	e->label     = db_row_text(row, 9, TEXT_LINE);
	e->scode     = (uint16_t)sqlite3_column_int(st, 10);
	e->reason    = db_row_text(row, 11, TEXT_LINE);
	e->seen      = sqlite3_column_int(st, 12) != 0;
	e->quality   = db_row_text(row, 13, TEXT_LINE);
}


/* Looked at before anything is copied or cleaned: of a long log most rows
   are only passed by */
static bool is_found(sqlite3_stmt *st, const char *folded)
{
	static const int columns[] = { 3, 2, 11 };
	size_t i;

	for (i = 0; folded && i < RE_ARRAY_SIZE(columns); i++) {
		const char *text = (const char *)sqlite3_column_text(
			st, columns[i]);

		if (text_contains(text, folded))
			return true;
	}

	return !folded;
}


/**
 * Go through some rows, newest first
 *
 * @param db       Database
 * @param beforep  Only ids below it, 0: from the newest; then the id to go
 *                 on from, 0: there are no more
 * @param limit    At most so many rows are told
 * @param rows     At most so many rows are looked at
 * @param search   Part of name, URI or reason (case-insensitive), or NULL
 * @param h        Called a row
 * @param arg      Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int call_log_search(struct db *db, int64_t *beforep, uint32_t limit,
		    uint32_t rows, const char *search, call_log_h *h,
		    void *arg)
{
	char *folded = NULL;
	sqlite3_stmt *st;
	bool stop = false;
	int64_t id = 0;
	int err;

	if (!db || !beforep || !h)
		return EINVAL;

	if (str_isset(search)) {
		folded = text_fold(search);
		if (!folded)
			return ENOMEM;
	}

	err = db_statement(db, sql_list, &st);
	if (err)
		goto out;
	(void)sqlite3_bind_int64(st, 1, *beforep > 0 ? *beforep : INT64_MAX);

	while (limit && rows-- && !stop && 0 == (err = db_step(db, st))) {
		struct call_log_entry entry;
		struct db_row row;

		id = sqlite3_column_int64(st, 0);
		if (!is_found(st, folded))
			continue;

		db_row_open(&row, st);
		read_entry(&entry, &row);
		--limit;
		stop = h(&entry, arg);
		db_row_close(&row);
	}
	if (err == ENOENT) {
		err = 0;
		id = 0;
	}
	*beforep = id;

	db_release(db, st);

 out:
	free(folded);

	return err;
}


/**
 * Read rows, newest first
 *
 * @param db      Database
 * @param before  Only ids below it, 0: from the newest
 * @param limit   At most so many rows
 * @param search  Part of name, URI or reason (case-insensitive), or NULL
 * @param h       Called a row
 * @param arg     Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int call_log_list(struct db *db, int64_t before, uint32_t limit,
		  const char *search, call_log_h *h, void *arg)
{
	return call_log_search(db, &before, limit, UINT32_MAX, search, h,
			       arg);
}


/**
 * Count the missed calls that nobody has seen
 *
 * @param db  Database
 * @param np  Their number
 *
 * @return 0 if success, otherwise errorcode
 */
int call_log_missed(struct db *db, uint32_t *np)
{
	return db_count(db, sql_missed, np);
}


/**
 * Mark all missed calls as seen
 *
 * @param db  Database
 *
 * @return 0 if success, otherwise errorcode
 */
int call_log_see(struct db *db)
{
	sqlite3_stmt *st;
	int err;

	err = db_statement(db, sql_see, &st);
	if (err)
		return err;

	return db_run(db, st, NULL);
}


/**
 * Remove a row
 *
 * @param db  Database
 * @param id  Row
 *
 * @return 0 if success, otherwise errorcode (ENOENT: no such row)
 */
int call_log_remove(struct db *db, int64_t id)
{
	sqlite3_stmt *st;
	int err, n;

	err = db_statement(db, sql_remove, &st);
	if (err)
		return err;
	(void)sqlite3_bind_int64(st, 1, id);

	err = db_run(db, st, &n);
	if (!err && !n)
		err = ENOENT;

	return err;
}
