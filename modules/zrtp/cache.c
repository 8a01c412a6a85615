/**
 * @file cache.c  Retained secrets: a file on the main loop, a copy on media
 *
 * bzrtp reads and writes its SQLite cache in the middle of a handshake, and
 * a handshake runs on the media loop, which may not wait for a disk. So a
 * call gets a database in memory with the few rows of its own two addresses
 * (a view), made on the main loop before the call has media; what the call
 * changed comes back as rows in a message and is written by the main loop.
 * Only changed rows are written, so that two calls with one peer do not
 * undo each other. The file has bzrtp's own tables.
 */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bzrtp/bzrtp.h>

enum { PATH_ROOM = 4096, BUSY_MS = 100 };

static const char file_name[] = "zrtp.db";

struct zrtp_cache {
	sqlite3 *sql;
	char *dir;
};

struct zrtp_view {
	sqlite3 *sql;
	char *dir;                              /**< Of the file, or NULL */
	char *self, *peer;
	uint8_t zid[ZRTP_ZID];
	struct zrtp_row rowv[ZRTP_DEVICES];     /**< As last told        */
	size_t rowc;
};

static const char sql_rows[] =
	"SELECT u.zid, z.rs1, z.rs2, z.pvs FROM ziduri u"
	" JOIN zrtp z ON z.zuid = u.zuid"
	" WHERE u.selfuri = ?1 AND u.peeruri = ?2 AND length(u.zid) = 12"
	" ORDER BY coalesce(z.pvs, x'00') DESC, u.zuid DESC";

static const char sql_find[] =
	"SELECT zuid FROM ziduri WHERE selfuri = ?1 AND peeruri = ?2"
	" AND zid = ?3";

static const char sql_insert[] =
	"INSERT INTO ziduri (selfuri, peeruri, zid) VALUES (?1, ?2, ?3)";

static const char sql_empty[] =
	"INSERT INTO zrtp (zuid) SELECT ?1 WHERE NOT EXISTS"
	" (SELECT 1 FROM zrtp WHERE zuid = ?1)";

static const char sql_secrets[] =
	"UPDATE zrtp SET rs1 = ?2, rs2 = ?3, pvs = ?4 WHERE zuid = ?1";


static int run(sqlite3 *sql, const char *what)
{
	return sqlite3_exec(sql, what, NULL, NULL, NULL) ? EIO : 0;
}


static int make_tables(sqlite3 *sql)
{
	const int rc = bzrtp_initCache_lock(sql, NULL);

	return !rc || rc == BZRTP_CACHE_SETUP || rc == BZRTP_CACHE_UPDATE ?
		0 : EBADMSG;
}


/* ---- rows ---------------------------------------------------------------*/

static uint8_t read_blob(sqlite3_stmt *st, int col, uint8_t *buf)
{
	const void *p = sqlite3_column_blob(st, col);
	const int n = sqlite3_column_bytes(st, col);

	if (!p || n <= 0 || n > ZRTP_SECRET)
		return 0;
	memcpy(buf, p, (size_t)n);

	return (uint8_t)n;
}


static size_t read_rows(sqlite3 *sql, const char *self, const char *peer,
			struct zrtp_row *rowv)
{
	sqlite3_stmt *st;
	size_t n = 0;

	if (sqlite3_prepare_v2(sql, sql_rows, -1, &st, NULL))
		return 0;

	(void)sqlite3_bind_text(st, 1, self, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 2, peer, -1, SQLITE_STATIC);
	while (n < ZRTP_DEVICES && sqlite3_step(st) == SQLITE_ROW) {
		struct zrtp_row *row = &rowv[n++];
		uint8_t pvs[ZRTP_SECRET] = { 0 };

		memset(row, 0, sizeof(*row));
		memcpy(row->zid, sqlite3_column_blob(st, 0), ZRTP_ZID);
		row->rs1_len = read_blob(st, 1, row->rs1);
		row->rs2_len = read_blob(st, 2, row->rs2);
		row->verified = read_blob(st, 3, pvs) == 1 && pvs[0] == 1;
	}
	(void)sqlite3_finalize(st);

	return n;
}


/* The number of a pair of addresses and a device; it is made if need be */
static int find_device(sqlite3 *sql, const char *self, const char *peer,
		       const uint8_t *zid, int64_t *zuidp)
{
	const char *const stepv[] = { sql_find, sql_insert };
	sqlite3_stmt *st;
	size_t i;
	int rc = 0;

	for (i = 0; i < 2; i++) {
		if (sqlite3_prepare_v2(sql, stepv[i], -1, &st, NULL))
			return EIO;
		(void)sqlite3_bind_text(st, 1, self, -1, SQLITE_STATIC);
		(void)sqlite3_bind_text(st, 2, peer, -1, SQLITE_STATIC);
		(void)sqlite3_bind_blob(st, 3, zid, ZRTP_ZID, SQLITE_STATIC);
		rc = sqlite3_step(st);
		*zuidp = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) :
			sqlite3_last_insert_rowid(sql);
		(void)sqlite3_finalize(st);
		if (rc == SQLITE_ROW)
			break;
	}

	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : EIO;
}


static void bind_secret(sqlite3_stmt *st, int i, const uint8_t *p, size_t n)
{
	if (n)
		(void)sqlite3_bind_blob(st, i, p, (int)n, SQLITE_STATIC);
}


static int write_row(sqlite3 *sql, const char *self, const char *peer,
		     const struct zrtp_row *row)
{
	const char *const stepv[] = { sql_empty, sql_secrets };
	const uint8_t pvs = row->verified;
	sqlite3_stmt *st;
	int64_t zuid;
	size_t i;
	int err;

	err = find_device(sql, self, peer, row->zid, &zuid);
	for (i = 0; !err && i < 2; i++) {
		if (sqlite3_prepare_v2(sql, stepv[i], -1, &st, NULL))
			return EIO;
		(void)sqlite3_bind_int64(st, 1, zuid);
		if (i) {
			bind_secret(st, 2, row->rs1, row->rs1_len);
			bind_secret(st, 3, row->rs2, row->rs2_len);
			bind_secret(st, 4, &pvs, 1);
		}
		if (sqlite3_step(st) != SQLITE_DONE)
			err = EIO;
		(void)sqlite3_finalize(st);
	}

	return err;
}


/* ---- the file -----------------------------------------------------------*/

static void cache_destructor(void *arg)
{
	struct zrtp_cache *cache = arg;

	(void)sqlite3_close(cache->sql);
	mem_deref(cache->dir);
}


/* It is 0600 before SQLite writes into it */
static int touch(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0)
		return errno;
	if (fchmod(fd, 0600))
		err = errno;
	(void)close(fd);

	return err;
}


static int open_file(sqlite3 **sqlp, const char *path)
{
	sqlite3 *sql = NULL;
	int err;

	err = touch(path);
	if (err)
		return err;

	err = sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE |
			      SQLITE_OPEN_NOMUTEX, NULL) ? EIO : 0;
	(void)sqlite3_busy_timeout(sql, BUSY_MS);

	/* secure_delete: what is overwritten was a key */
	if (!err)
		err = run(sql, "PRAGMA secure_delete = ON;"
			  "PRAGMA synchronous = NORMAL;"
			  "PRAGMA journal_mode = TRUNCATE;");
	if (!err)
		err = make_tables(sql);
	if (!err)
		err = run(sql, "SELECT u.zuid, u.zid, u.selfuri, u.peeruri,"
			  " z.rs1, z.rs2, z.pvs FROM ziduri u"
			  " LEFT JOIN zrtp z ON z.zuid = u.zuid LIMIT 1");
	if (err)
		(void)sqlite3_close(sql);
	else
		*sqlp = sql;

	return err;
}


int zrtp_cache_open(struct zrtp_cache **cachep, const char *dir)
{
	char path[PATH_ROOM], bad[PATH_ROOM];
	struct zrtp_cache *cache;
	int err;

	if (!cachep || !str_isset(dir))
		return EINVAL;
	if (re_snprintf(path, sizeof(path), "%s/%s", dir, file_name) < 0 ||
	    re_snprintf(bad, sizeof(bad), "%s.bad", path) < 0)
		return ENAMETOOLONG;

	cache = mem_zalloc(sizeof(*cache), cache_destructor);
	if (!cache)
		return ENOMEM;

	err = str_dup(&cache->dir, dir);
	if (!err)
		err = open_file(&cache->sql, path);
	if (err == EIO || err == EBADMSG) {
		/* Without it every contact is new, which the user is told
		 * at the next call with one that was verified */
		module_log("zrtp: %s is damaged, moved to %s\n", path, bad);
		(void)rename(path, bad);
		/* its journal belongs to it, not to the new one */
		if (re_snprintf(bad, sizeof(bad), "%s-journal", path) > 0)
			(void)unlink(bad);
		err = open_file(&cache->sql, path);
	}

	if (err)
		mem_deref(cache);
	else
		*cachep = cache;

	return err;
}


const char *zrtp_cache_dir(const struct zrtp_cache *cache)
{
	return cache ? cache->dir : NULL;
}


int zrtp_cache_save(struct zrtp_cache *cache, const struct zrtp_rows *rows)
{
	size_t i;
	int err;

	if (!cache || !rows)
		return EINVAL;

	err = run(cache->sql, "BEGIN IMMEDIATE");
	if (err)
		return err;

	for (i = 0; !err && i < rows->rowc; i++)
		err = write_row(cache->sql, rows->self, rows->peer,
				&rows->rowv[i]);
	if (!err)
		err = run(cache->sql, "COMMIT");
	if (err)
		(void)run(cache->sql, "ROLLBACK");

	return err;
}


/* ---- the copy -----------------------------------------------------------*/

static void view_destructor(void *arg)
{
	struct zrtp_view *view = arg;

	(void)sqlite3_close(view->sql);
	mem_deref(view->dir);
	mem_deref(view->self);
	mem_deref(view->peer);
	explicit_bzero(view->rowv, sizeof(view->rowv));
}


/* Ours is the same in every call of an address; new ones are kept first */
static int own_zid(struct zrtp_view *view, struct zrtp_cache *cache)
{
	bctbx_rng_context_t *rng = bctbx_rng_context_new();
	int rc;

	if (!rng)
		return ENOMEM;

	rc = bzrtp_getSelfZID_lock(cache ? cache->sql : NULL, view->self,
				   view->zid, rng, NULL);
	bctbx_rng_context_free(rng);

	return rc ? EIO : 0;
}


static int fill(struct zrtp_view *view, struct zrtp_cache *cache)
{
	int64_t zuid;
	size_t i;
	int err;

	/* The name under which bzrtp keeps our own */
	err = find_device(view->sql, view->self, "self", view->zid, &zuid);
	if (!cache)
		return err;

	view->rowc = read_rows(cache->sql, view->self, view->peer,
			       view->rowv);
	for (i = view->rowc; !err && i-- > 0;)
		err = write_row(view->sql, view->self, view->peer,
				&view->rowv[i]);

	return err;
}


int zrtp_view_alloc(struct zrtp_view **viewp, struct zrtp_cache *cache,
		    const char *self, const char *peer)
{
	struct zrtp_view *view;
	int err;

	if (!viewp || !str_isset(self) || !str_isset(peer))
		return EINVAL;

	view = mem_zalloc(sizeof(*view), view_destructor);
	if (!view)
		return ENOMEM;

	err = cache ? str_dup(&view->dir, cache->dir) : 0;
	if (!err)
		err = str_dup(&view->self, self);
	if (!err)
		err = str_dup(&view->peer, peer);
	if (!err)
		err = own_zid(view, cache);
	if (!err && sqlite3_open_v2(":memory:", &view->sql,
				    SQLITE_OPEN_READWRITE |
				    SQLITE_OPEN_CREATE |
				    SQLITE_OPEN_NOMUTEX, NULL))
		err = ENOMEM;
	if (!err)
		err = make_tables(view->sql);
	if (!err)
		err = fill(view, cache);

	if (err)
		mem_deref(view);
	else
		*viewp = view;

	return err;
}


sqlite3 *zrtp_view_db(const struct zrtp_view *view)
{
	return view->sql;
}


const char *zrtp_view_self(const struct zrtp_view *view)
{
	return view->self;
}


const char *zrtp_view_peer(const struct zrtp_view *view)
{
	return view->peer;
}


void zrtp_view_zid(const struct zrtp_view *view, uint8_t zid[ZRTP_ZID])
{
	memcpy(zid, view->zid, ZRTP_ZID);
}


static void rows_destructor(void *arg)
{
	struct zrtp_rows *rows = arg;

	mem_deref(rows->dir);
	mem_deref(rows->self);
	mem_deref(rows->peer);
	explicit_bzero(rows, sizeof(*rows));
}


static bool row_known(const struct zrtp_view *view,
		      const struct zrtp_row *row)
{
	size_t i;

	for (i = 0; i < view->rowc; i++) {
		if (!memcmp(&view->rowv[i], row, sizeof(*row)))
			return true;
	}

	return false;
}


int zrtp_view_changes(struct zrtp_view *view, struct zrtp_rows **rowsp)
{
	struct zrtp_row now[ZRTP_DEVICES];
	struct zrtp_rows *rows;
	size_t n, i;
	int err;

	if (!view || !rowsp)
		return EINVAL;

	*rowsp = NULL;
	if (!view->dir)
		return 0;

	rows = mem_zalloc(sizeof(*rows), rows_destructor);
	if (!rows)
		return ENOMEM;

	err = str_dup(&rows->dir, view->dir);
	if (!err)
		err = str_dup(&rows->self, view->self);
	if (!err)
		err = str_dup(&rows->peer, view->peer);
	if (err)
		goto out;

	n = read_rows(view->sql, view->self, view->peer, now);
	for (i = 0; i < n; i++) {
		if (!row_known(view, &now[i]))
			rows->rowv[rows->rowc++] = now[i];
	}
	memcpy(view->rowv, now, n * sizeof(now[0]));
	view->rowc = n;
	explicit_bzero(now, sizeof(now));

 out:
	if (err || !rows->rowc)
		mem_deref(rows);
	else
		*rowsp = rows;

	return err;
}
