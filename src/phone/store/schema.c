/**
 * @file schema.c  The tables of the database, version by version
 *
 * PRAGMA user_version counts the steps a file has seen. A step once
 * released is never changed: a new one is added below it. All steps that
 * are due run in one transaction, so a file has a version whole or not.
 * Enums are stored by their names: their numbers may change, and a person
 * can read the file.
 */
#include "schema.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))


static const char *const stepv[] = {

	/* 1: the call log */
	"CREATE TABLE calls ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account TEXT NOT NULL,"
	" peer_uri TEXT NOT NULL,"
	" peer_name TEXT NOT NULL,"
	" incoming INTEGER NOT NULL,"
	" result TEXT NOT NULL,"
	" start INTEGER NOT NULL,"
	" duration INTEGER NOT NULL,"
	" codec TEXT NOT NULL,"
	" label TEXT NOT NULL,"
	" scode INTEGER NOT NULL,"
	" reason TEXT NOT NULL,"
	" seen INTEGER NOT NULL);"
	"CREATE INDEX calls_missed ON calls (id)"
	" WHERE result = 'missed' AND seen = 0;",

	/* 2: conversations and their messages */
	"CREATE TABLE conversations ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account TEXT NOT NULL,"
	" peer_uri TEXT NOT NULL,"
	" peer_name TEXT NOT NULL,"
	" UNIQUE (account, peer_uri));"
	"CREATE TABLE messages ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" conversation INTEGER NOT NULL"
	"  REFERENCES conversations (id) ON DELETE CASCADE,"
	" incoming INTEGER NOT NULL,"
	" state TEXT NOT NULL,"
	" time INTEGER NOT NULL,"
	" text TEXT NOT NULL,"
	" remote_id TEXT NOT NULL,"
	" scode INTEGER NOT NULL,"
	" reason TEXT NOT NULL,"
	" seen INTEGER NOT NULL);"
	"CREATE INDEX messages_conversation ON messages (conversation);"
	"CREATE INDEX messages_remote ON messages (remote_id)"
	" WHERE remote_id <> '';"
	"CREATE INDEX messages_unread ON messages (conversation)"
	" WHERE incoming = 1 AND seen = 0;"
	"CREATE INDEX messages_unsent ON messages (state)"
	" WHERE incoming = 0 AND state = 'queued';",

	/* 3: devices of peers, and what became of the trust in them */
	"CREATE TABLE identities ("
	" account TEXT NOT NULL,"
	" peer TEXT NOT NULL,"
	" device TEXT NOT NULL,"
	" first INTEGER NOT NULL,"
	" last INTEGER NOT NULL,"
	" verified INTEGER NOT NULL,"
	" PRIMARY KEY (account, peer, device)) WITHOUT ROWID;"
	"CREATE TABLE verifications ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account TEXT NOT NULL,"
	" peer TEXT NOT NULL,"
	" device TEXT NOT NULL,"
	" time INTEGER NOT NULL,"
	" what TEXT NOT NULL);"
	"CREATE INDEX verifications_peer ON verifications (peer, id);",

	/* 4: what a call sounded like, JSON */
	"ALTER TABLE calls ADD COLUMN quality TEXT NOT NULL DEFAULT '';",
};


int schema_version(void)
{
	return (int)N(stepv);
}


static int version(sqlite3 *sql, int *vp)
{
	sqlite3_stmt *st;
	int rc;

	rc = sqlite3_prepare_v2(sql, "PRAGMA user_version", -1, &st, NULL);
	if (rc)
		return rc;

	rc = sqlite3_step(st);
	*vp = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
	(void)sqlite3_finalize(st);

	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}


static int run_steps(sqlite3 *sql)
{
	char set[64];
	int rc, v = 0;
	size_t i;

	/* Again, now that nobody else can change it */
	rc = version(sql, &v);
	if (rc)
		return rc;
	if (v < 0 || v > schema_version())
		return SQLITE_CORRUPT;

	for (i = (size_t)v; i < N(stepv); i++) {
		rc = sqlite3_exec(sql, stepv[i], NULL, NULL, NULL);
		if (rc)
			return rc;
	}

	(void)re_snprintf(set, sizeof(set), "PRAGMA user_version = %d",
			  schema_version());

	return sqlite3_exec(sql, set, NULL, NULL, NULL);
}


int schema_migrate(sqlite3 *sql, bool *newerp)
{
	int rc, v = 0;

	*newerp = false;

	rc = version(sql, &v);
	if (rc)
		return rc;
	if (v > schema_version()) {
		*newerp = true;
		return SQLITE_OK;
	}
	if (v == schema_version())
		return SQLITE_OK;

	rc = sqlite3_exec(sql, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc)
		return rc;

	rc = run_steps(sql);
	if (!rc)
		rc = sqlite3_exec(sql, "COMMIT", NULL, NULL, NULL);
	if (rc)
		(void)sqlite3_exec(sql, "ROLLBACK", NULL, NULL, NULL);

	return rc;
}
