/**
 * @file trust_test.c  Devices seen, verified, lost
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/store/db.h"
#include "phone/store/trust.h"

static char dir[] = "/tmp/offhook-trust-XXXXXX";
static char path[64];
static struct db *db;

static const char me[] = "alice@example.org";
static const char bob[] = "bob@example.org";


static struct trust_known seen(const char *peer, const char *device,
			       int64_t now)
{
	struct trust_known known;

	assert_int_equal(trust_seen(db, me, peer, device, now, &known), 0);

	return known;
}


static void first_and_again(void **state)
{
	struct trust_known k;
	(void)state;

	assert_false(trust_met(db, me, bob));
	k = seen(bob, "d1", 100);
	assert_false(k.device);
	assert_int_equal(k.verified, 0);
	assert_int_equal(k.peer_verified, 0);
	assert_true(trust_met(db, me, bob));
	assert_false(trust_met(db, "work@example.com", bob));
	assert_false(trust_met(NULL, me, bob));

	k = seen(bob, "d1", 200);
	assert_true(k.device);
	assert_int_equal(k.verified, 0);
}


static void verified(void **state)
{
	struct trust_known k;
	(void)state;

	(void)seen(bob, "d1", 100);
	assert_int_equal(trust_compared(db, me, bob, "d1", 150, true), 0);

	k = seen(bob, "d1", 200);
	assert_true(k.device);
	assert_int_equal(k.verified, 150);
	assert_int_equal(k.peer_verified, 150);

	/* somebody with another device, at the same address */
	k = seen(bob, "evil", 300);
	assert_false(k.device);
	assert_int_equal(k.verified, 0);
	assert_int_equal(k.peer_verified, 150);
	k = seen(bob, "evil", 301);
	assert_true(k.device);
	assert_int_equal(k.verified, 0);
	assert_int_equal(k.peer_verified, 150);

	/* another person, and another account of ours */
	k = seen("carol@example.org", "d1", 400);
	assert_int_equal(k.peer_verified, 0);
	assert_int_equal(trust_seen(db, "work@example.com", bob, "d1", 400,
				    &k), 0);
	assert_int_equal(k.peer_verified, 0);
}


static void taken_back(void **state)
{
	struct trust_known k;
	int64_t since;
	(void)state;

	assert_int_equal(trust_verified(db, me, bob, &since), 0);
	assert_int_equal(since, 0);

	assert_int_equal(trust_compared(db, me, bob, "d1", 100, true), 0);
	assert_int_equal(trust_verified(db, me, bob, &since), 0);
	assert_int_equal(since, 100);
	assert_int_equal(trust_compared(db, me, bob, "d1", 200, false), 0);
	assert_int_equal(trust_verified(db, me, bob, &since), 0);
	assert_int_equal(since, 0);
	k = seen(bob, "d1", 300);
	assert_true(k.device);
	assert_int_equal(k.verified, 0);
	assert_int_equal(k.peer_verified, 0);
}


struct rows {
	struct {
		enum trust_what what;
		int64_t time;
		char device[32];
	} v[8];
	unsigned n, max;
};


static bool row_handler(const struct trust_event *ev, void *arg)
{
	struct rows *r = arg;

	assert_string_equal(ev->peer, bob);
	assert_string_equal(ev->account, me);
	r->v[r->n].what = ev->what;
	r->v[r->n].time = ev->time;
	str_ncpy(r->v[r->n].device, ev->device, sizeof(r->v[0].device));

	return ++r->n == r->max;
}


static void history(void **state)
{
	struct rows r = { .max = 8 };
	(void)state;

	assert_int_equal(trust_compared(db, me, bob, "d1", 1, true), 0);
	assert_int_equal(trust_note(db, me, bob, "d2", 2, TRUST_NEW), 0);
	assert_int_equal(trust_note(db, me, "carol@example.org", "x", 3,
				    TRUST_LOST), 0);
	assert_int_equal(trust_compared(db, me, bob, "d2", 4, false), 0);

	/* what is written lasts */
	db = mem_deref(db);
	assert_int_equal(db_open(&db, path), 0);

	assert_int_equal(trust_history(db, bob, 10, row_handler, &r), 0);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.v[0].what, TRUST_REFUSED);
	assert_int_equal(r.v[1].what, TRUST_NEW);
	assert_string_equal(r.v[1].device, "d2");
	assert_int_equal(r.v[2].what, TRUST_VERIFIED);
	assert_int_equal(r.v[2].time, 1);

	memset(&r, 0, sizeof(r));
	r.max = 8;
	assert_int_equal(trust_history(db, bob, 2, row_handler, &r), 0);
	assert_int_equal(r.n, 2);
	memset(&r, 0, sizeof(r));
	r.max = 1;
	assert_int_equal(trust_history(db, bob, 10, row_handler, &r), 0);
	assert_int_equal(r.n, 1);
	assert_string_equal(trust_what_name(TRUST_MISMATCH), "mismatch");
}


static void wrong(void **state)
{
	struct trust_known k;
	(void)state;

	assert_int_equal(trust_seen(NULL, me, bob, "d", 1, &k), EINVAL);
	assert_int_equal(trust_seen(db, me, "", "d", 1, &k), EINVAL);
	assert_int_equal(trust_seen(db, me, bob, "", 1, &k), EINVAL);
	assert_int_equal(trust_compared(db, me, bob, NULL, 1, true), EINVAL);
	assert_int_equal(trust_note(NULL, me, bob, "", 1, TRUST_NEW),
			 EINVAL);
	assert_int_equal(trust_history(db, bob, 1, NULL, NULL), EINVAL);
}


static int begin(void **state)
{
	(void)state;

	return db_open(&db, path);
}


static int end(void **state)
{
	(void)state;

	db = mem_deref(db);

	return unlink(path);
}


static int setup(void **state)
{
	(void)state;

	if (!mkdtemp(dir))
		return -1;
	(void)re_snprintf(path, sizeof(path), "%s/t.db", dir);

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	(void)rmdir(dir);
	mem_debug();

	return 0;
}


#define with_db(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(first_and_again),
		with_db(verified),
		with_db(taken_back),
		with_db(history),
		with_db(wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
