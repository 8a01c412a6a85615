/**
 * @file schema.h  The tables of the database, version by version
 */
#ifndef OFFHOOK_SCHEMA_H
#define OFFHOOK_SCHEMA_H

#include "db.h"

/** Version that this program writes */
int schema_version(void);

/**
 * Bring a database up to date, in one transaction
 *
 * @param newerp  Set to true if it was made by a newer program; nothing is
 *                changed then
 *
 * @return Result code of SQLite
 */
int schema_migrate(sqlite3 *sql, bool *newerp);

#endif
