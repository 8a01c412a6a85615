/**
 * @file db.h  The database: SQLite, WAL, versioned migrations
 *
 * One file, 0600. At open it is checked: read through by quick_check if it
 * is small or the last run did not end well, else only its tables. A file
 * that fails is moved aside to NAME.bad and a new one begun (nothing that
 * happened may prevent the next start). Main loop only, which may wait for
 * a disk.
 */
#ifndef OFFHOOK_DB_H
#define OFFHOOK_DB_H

#include <sqlite3.h>
#include "common/re_compat.h"

struct db;

/**
 * Open or create the database and bring its schema up to date
 *
 * @param dbp   Database, free with mem_deref()
 * @param path  File
 *
 * @return 0 if success, otherwise errorcode (EPROTO: made by a newer
 *         offhook and left alone; EBUSY: locked by another program)
 */
int db_open(struct db **dbp, const char *path);

sqlite3 *db_handle(const struct db *db);

/** Text of the last error, for the log */
const char *db_error(const struct db *db);

#endif
