/**
 * @file db_priv.h  Statements and columns, for the files of the store
 *
 * A statement is prepared once and kept. Text that is read is cleaned again:
 * a row may be older than today's cleaner, or not ours.
 */
#ifndef OFFHOOK_DB_PRIV_H
#define OFFHOOK_DB_PRIV_H

#include "common/table.h"
#include "common/text.h"
#include "db.h"

/** Strings of one row, valid until db_row_close() */
struct db_row {
	sqlite3_stmt *st;
	char *text[8];           /**< Those that had to be cleaned       */
	size_t textc;
};

/**
 * Get a statement, ready to be bound; give it back by db_release()
 *
 * @param sql  A constant: statements are found again by its address
 *
 * @return 0 if success, otherwise errorcode
 */
int db_statement(struct db *db, const char *sql, sqlite3_stmt **stp);
void db_release(struct db *db, sqlite3_stmt *st);

/** Run a statement without rows; changesp: rows changed. Releases it */
int db_run(struct db *db, sqlite3_stmt *st, int *changesp);

/** Next row; ENOENT: there is none */
int db_step(struct db *db, sqlite3_stmt *st);

/** The number that a statement without parameters gives */
int db_count(struct db *db, const char *sql, uint32_t *np);

/** Bind text; NULL as "" */
void db_bind_text(sqlite3_stmt *st, int i, const char *text);

void db_row_open(struct db_row *row, sqlite3_stmt *st);
void db_row_close(struct db_row *row);

/** Cleaned text of a column, never NULL */
const char *db_row_text(struct db_row *row, int col, enum text_kind kind);

/** Value of a name in a column, or the fallback if it has none */
int db_row_enum(struct db_row *row, int col, const struct table_name *names,
		int fallback);

#endif
