/**
 * @file trust.c  Whose devices were seen, and compared by voice
 *
 * Key agreements remember secrets and cannot see what is missing: somebody
 * in the middle has a device name of his own, with which nothing was ever
 * shared, so nothing mismatches. Here is written down that a peer has been
 * verified, with which device, and what has happened since.
 */
#include "trust.h"

#include <errno.h>

#include "db_priv.h"

static const struct table_name whats[] = {
	{ "verified", TRUST_VERIFIED },
	{ "refused", TRUST_REFUSED },
	{ "new", TRUST_NEW },
	{ "lost", TRUST_LOST },
	{ "mismatch", TRUST_MISMATCH },
	{ NULL, 0 }
};

static const char sql_device[] =
	"SELECT verified FROM identities"
	" WHERE account = ?1 AND peer = ?2 AND device = ?3";

static const char sql_peer[] =
	"SELECT max(verified) FROM identities"
	" WHERE account = ?1 AND peer = ?2";

static const char sql_met[] =
	"SELECT count(*) FROM identities"
	" WHERE account = ?1 AND peer = ?2";

static const char sql_seen[] =
	"INSERT INTO identities (account, peer, device, first, last,"
	" verified) VALUES (?1, ?2, ?3, ?4, ?4, 0)"
	" ON CONFLICT (account, peer, device) DO UPDATE SET last = ?4";

static const char sql_set[] =
	"INSERT INTO identities (account, peer, device, first, last,"
	" verified) VALUES (?1, ?2, ?3, ?4, ?4, ?5)"
	" ON CONFLICT (account, peer, device) DO UPDATE"
	" SET last = ?4, verified = ?5";

static const char sql_note[] =
	"INSERT INTO verifications (account, peer, device, time, what)"
	" VALUES (?1, ?2, ?3, ?4, ?5)";

static const char sql_history[] =
	"SELECT id, time, account, peer, device, what FROM verifications"
	" WHERE peer = ?1 ORDER BY id DESC LIMIT ?2";


const char *trust_what_name(enum trust_what what)
{
	return table_name(whats, (int)what);
}


static int prepare(struct db *db, const char *sql, const char *account,
		   const char *peer, const char *device, sqlite3_stmt **stp)
{
	int err;

	err = db_statement(db, sql, stp);
	if (err)
		return err;

	db_bind_text(*stp, 1, account);
	db_bind_text(*stp, 2, peer);
	if (device)
		db_bind_text(*stp, 3, device);

	return 0;
}


/* The number that a statement gives; ENOENT: there is no row */
static int number(struct db *db, const char *sql, const char *account,
		  const char *peer, const char *device, int64_t *np)
{
	sqlite3_stmt *st;
	int err;

	err = prepare(db, sql, account, peer, device, &st);
	if (err)
		return err;

	err = db_step(db, st);
	if (!err)
		*np = sqlite3_column_int64(st, 0);
	db_release(db, st);

	return err;
}


int trust_seen(struct db *db, const char *account, const char *peer,
	       const char *device, int64_t now, struct trust_known *known)
{
	sqlite3_stmt *st;
	int err;

	if (!db || !str_isset(peer) || !str_isset(device) || !known)
		return EINVAL;

	memset(known, 0, sizeof(*known));
	err = number(db, sql_device, account, peer, device,
		     &known->verified);
	known->device = !err;
	if (!err || err == ENOENT)
		err = number(db, sql_peer, account, peer, NULL,
			     &known->peer_verified);
	if (!err)
		err = prepare(db, sql_seen, account, peer, device, &st);
	if (err)
		return err;

	(void)sqlite3_bind_int64(st, 4, now);

	return db_run(db, st, NULL);
}


int trust_verified(struct db *db, const char *account, const char *peer,
		   int64_t *sincep)
{
	if (!db || !str_isset(peer) || !sincep)
		return EINVAL;

	*sincep = 0;

	return number(db, sql_peer, account, peer, NULL, sincep);
}


bool trust_met(struct db *db, const char *account, const char *peer)
{
	int64_t n = 0;

	return db && str_isset(peer) &&
		!number(db, sql_met, account, peer, NULL, &n) && n;
}


int trust_compared(struct db *db, const char *account, const char *peer,
		   const char *device, int64_t now, bool same)
{
	sqlite3_stmt *st;
	int err;

	if (!db || !str_isset(peer) || !str_isset(device))
		return EINVAL;

	err = prepare(db, sql_set, account, peer, device, &st);
	if (err)
		return err;

	(void)sqlite3_bind_int64(st, 4, now);
	(void)sqlite3_bind_int64(st, 5, same ? now : 0);
	err = db_run(db, st, NULL);
	if (err)
		return err;

	return trust_note(db, account, peer, device, now,
			  same ? TRUST_VERIFIED : TRUST_REFUSED);
}


int trust_note(struct db *db, const char *account, const char *peer,
	       const char *device, int64_t now, enum trust_what what)
{
	sqlite3_stmt *st;
	int err;

	if (!db || !str_isset(peer))
		return EINVAL;

	err = prepare(db, sql_note, account, peer, device ? device : "",
		      &st);
	if (err)
		return err;

	(void)sqlite3_bind_int64(st, 4, now);
	db_bind_text(st, 5, trust_what_name(what));

	return db_run(db, st, NULL);
}


int trust_history(struct db *db, const char *peer, uint32_t limit,
		  trust_h *h, void *arg)
{
	sqlite3_stmt *st;
	bool stop = false;
	int err;

	if (!db || !str_isset(peer) || !h)
		return EINVAL;

	err = db_statement(db, sql_history, &st);
	if (err)
		return err;
	db_bind_text(st, 1, peer);
	(void)sqlite3_bind_int64(st, 2, limit);

	while (!stop && 0 == (err = db_step(db, st))) {
		struct trust_event ev;
		struct db_row row;

		db_row_open(&row, st);
		ev.id = sqlite3_column_int64(st, 0);
		ev.time = sqlite3_column_int64(st, 1);
		ev.account = db_row_text(&row, 2, TEXT_LINE);
		ev.peer = db_row_text(&row, 3, TEXT_NAME);
		ev.device = db_row_text(&row, 4, TEXT_LINE);
		ev.what = (enum trust_what)db_row_enum(&row, 5, whats,
						       TRUST_REFUSED);
		stop = h(&ev, arg);
		db_row_close(&row);
	}
	db_release(db, st);

	return err == ENOENT ? 0 : err;
}
