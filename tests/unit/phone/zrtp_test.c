/**
 * @file zrtp_test.c  ZRTP through the plugin ABI, two phones and a queue
 *
 * Both ends run in this process on virtual time; packets go through a queue
 * that loses what a seeded generator says. The files with the retained
 * secrets are real.
 */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>
#include <sqlite3.h>

#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"

#include "../../../modules/zrtp/packet.c"
#include "../../../modules/zrtp/words.c"

enum { QUEUE = 256, PACKET = 1600, STEP = 20, START_MS = 1000 };

static const struct media_crypto *zrtp;
static char dir_a[] = "/tmp/offhook-zrtp-a-XXXXXX";
static char modules[] = "/tmp/offhook-zrtp-m-XXXXXX";
static char dir_b[] = "/tmp/offhook-zrtp-b-XXXXXX";

struct packet {
	uint8_t buf[PACKET];
	size_t len;
};

struct end {
	struct end *peer;
	struct crypto_neg *neg;
	struct crypto_run *run;
	struct packet queue[QUEUE];
	unsigned head, tail;
	char hash[80];
	char peer_hash[80];      /**< As SDP brings it; "": nothing      */
	uint8_t tx[SRTP_KEY_MAX], rx[SRTP_KEY_MAX];
	size_t tx_len, rx_len;
	enum srtp_suite suite;
	char b32[16], words[64], details[512], id[64];
	char identity[64], peer_identity[64];
	uint8_t exported[32];
	bool verified, ticking, exports, identity_same;
	unsigned secure, nopeer, failed;
	char alarms[256];
	unsigned sent;
};

static struct end alice, bob;
static unsigned loss, seed;
static uint8_t last[PACKET];     /**< The last packet of a kind          */
static void (*spoil)(struct end *to, struct packet *pkt);


static bool lost(void)
{
	seed = seed * 1103515245u + 12345u;

	return (seed >> 16) % 100 < loss;
}


static int send_handler(enum crypto_part part, struct mbuf *mb, void *arg)
{
	struct end *e = arg, *to = e->peer;
	struct packet *pkt;

	assert_int_equal(part, CRYPTO_RTP);
	assert_in_range(mbuf_get_left(mb), 28, PACKET);
	e->sent++;
	if (lost())
		return 0;

	assert_in_range(to->tail - to->head, 0, QUEUE - 1);
	pkt = &to->queue[to->tail++ % QUEUE];
	pkt->len = mbuf_get_left(mb);
	memcpy(pkt->buf, mbuf_buf(mb), pkt->len);
	if (spoil)
		spoil(to, pkt);

	return 0;
}


static void keys_handler(const struct crypto_keys *keys, void *arg)
{
	struct end *e = arg;

	e->suite = keys->suite;
	assert_int_equal(keys->parts, CRYPTO_RTP | CRYPTO_RTCP);
	if (keys->tx) {
		assert_in_range(keys->tx_len, 30, SRTP_KEY_MAX);
		memcpy(e->tx, keys->tx, keys->tx_len);
		e->tx_len = keys->tx_len;
	}
	if (keys->rx) {
		assert_in_range(keys->rx_len, 30, SRTP_KEY_MAX);
		memcpy(e->rx, keys->rx, keys->rx_len);
		e->rx_len = keys->rx_len;
	}
}


static void event_handler(enum crypto_event ev,
			  const struct crypto_info *info, void *arg)
{
	struct end *e = arg;

	switch (ev) {

	case CRYPTO_SECURE:
		e->secure++;
		str_ncpy(e->b32, info->sas_b32, sizeof(e->b32));
		str_ncpy(e->words, info->sas_words, sizeof(e->words));
		str_ncpy(e->details, info->details, sizeof(e->details));
		str_ncpy(e->id, info->peer_id, sizeof(e->id));
		e->verified = info->verified;
		e->identity_same = info->identity_same;
		e->exports = info->exported;
		if (info->exported)
			memcpy(e->exported, info->exported, 32);
		break;

	case CRYPTO_ALARM:
		assert_true(str_isset(info->text));
		(void)strncat(e->alarms, info->alarm,
			      sizeof(e->alarms) - strlen(e->alarms) - 2);
		(void)strncat(e->alarms, " ", 2);
		break;

	case CRYPTO_NO_PEER:
		e->nopeer++;
		break;

	case CRYPTO_FAILED:
		e->failed++;
		break;

	default:
		fail();
	}
}


static int attr_handler(bool session, const char *name, const char *value,
			void *arg)
{
	struct end *e = arg;

	if (session) {
		assert_string_equal(name, "Ik");
		assert_string_equal(value, e->identity);
		return 0;
	}
	assert_string_equal(name, "zrtp-hash");
	str_ncpy(e->hash, value, sizeof(e->hash));

	return 0;
}


static const char *sdp_attr(const struct crypto_sdp *sdp, const char *name,
			    unsigned n)
{
	const struct end *e = sdp->arg;

	if (!n && !strcmp(name, "Ik") && e->peer_identity[0])
		return e->peer_identity;

	return n || strcmp(name, "zrtp-hash") || !e->peer_hash[0] ? NULL :
		e->peer_hash;
}


static int decode(struct end *e, bool offer)
{
	const struct crypto_sdp sdp = { .profile = PROFILE_AVP,
					.offer = offer, .attr = sdp_attr,
					.arg = e };

	return zrtp->decode(e->neg, &sdp);
}


static void open_end(struct end *e, struct end *peer, const char *own,
		     const char *other, const char *dir, uint32_t ssrc)
{
	const struct crypto_param prm = { .own_uri = own, .peer_uri = other,
					  .dir = dir, .ssrc = ssrc };

	memset(e, 0, sizeof(*e));
	e->peer = peer;
	assert_int_equal(zrtp->alloc(&e->neg, &prm), 0);
	assert_int_equal(zrtp->encode(e->neg, true, attr_handler, e), 0);
	assert_int_equal(strlen(e->hash), 69);
}


static void start_end(struct end *e)
{
	const struct crypto_handlers h = { send_handler, keys_handler,
					   event_handler, e };
	struct crypto_job *job = NULL;

	assert_int_equal(zrtp->agree(&job, e->neg), 0);
	assert_int_equal(zrtp->start(&e->run, job, &h), 0);
	mem_deref(job);
	e->ticking = true;
}


static void close_end(struct end *e)
{
	e->run = mem_deref(e->run);
	e->neg = mem_deref(e->neg);
}


static bool input(struct end *e, const uint8_t *p, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len);
	bool taken;

	assert_int_equal(mbuf_write_mem(mb, p, len), 0);
	mb->pos = 0;
	taken = zrtp->input(e->run, CRYPTO_RTP, mb);
	mem_deref(mb);
	e->ticking = true;

	return taken;
}


static void deliver(struct end *e)
{
	while (e->head != e->tail) {
		const struct packet pkt = e->queue[e->head++ % QUEUE];

		memcpy(last, pkt.buf, pkt.len);
		assert_true(input(e, pkt.buf, pkt.len));
	}
}


static void open_keyed(struct end *e, struct end *peer, const char *own,
		       const char *other, const char *own_key,
		       const char *other_key, bool caller)
{
	const struct crypto_param prm = {
		.own_uri = own, .peer_uri = other,
		.dir = caller ? dir_a : dir_b, .ssrc = caller ? 1 : 2,
		.identity = own_key, .caller = caller,
	};

	memset(e, 0, sizeof(*e));
	e->peer = peer;
	str_ncpy(e->identity, own_key, sizeof(e->identity));
	str_ncpy(e->peer_identity, other_key, sizeof(e->peer_identity));
	assert_int_equal(zrtp->alloc(&e->neg, &prm), 0);
	assert_int_equal(zrtp->encode(e->neg, caller, attr_handler, e), 0);
}


/* Until both are secure; virtual milliseconds, or -1 */
static int drive(int max)
{
	int t;

	for (t = 0; t < max; t += STEP) {
		const uint64_t now = (START_MS + (uint64_t)t) * 1000;
		int i;

		if (alice.ticking)
			alice.ticking = zrtp->tick(alice.run, now);
		if (bob.run && bob.ticking)
			bob.ticking = zrtp->tick(bob.run, now);
		for (i = 0; i < 4; i++) {
			deliver(&alice);
			if (bob.run)
				deliver(&bob);
		}
		if (alice.secure && bob.secure)
			return t;
	}

	return -1;
}


static int load(void);

/* As after a restart: what is known is what was written */
static void restart(void)
{
	modules_close();
	assert_int_equal(load(), 0);
}


static void open_call(void)
{
	open_end(&alice, &bob, "sip:alice@example.org",
		 "sip:Bob@Example.ORG;transport=tls", dir_a, 0x1111);
	open_end(&bob, &alice, "sip:Bob@example.org", "sip:alice@example.org",
		 dir_b, 0x2222);
	str_ncpy(alice.peer_hash, bob.hash, sizeof(alice.peer_hash));
	str_ncpy(bob.peer_hash, alice.hash, sizeof(bob.peer_hash));
	assert_int_equal(decode(&alice, false), 0);
	assert_int_equal(decode(&bob, true), 0);
	start_end(&alice);
	start_end(&bob);
}


static void close_call(void)
{
	close_end(&alice);
	close_end(&bob);
	restart();
}


static void assert_same(void)
{
	char words[64];

	assert_string_equal(alice.b32, bob.b32);
	assert_int_equal(strlen(alice.b32), 4);
	assert_string_equal(alice.words, bob.words);
	assert_int_equal(zrtp_words(words, sizeof(words), alice.b32), 0);
	assert_string_equal(alice.words, words);

	assert_int_equal(alice.tx_len, 46);
	assert_int_equal(alice.tx_len, bob.rx_len);
	assert_int_equal(alice.rx_len, bob.tx_len);
	assert_memory_equal(alice.tx, bob.rx, alice.tx_len);
	assert_memory_equal(alice.rx, bob.tx, alice.rx_len);
	assert_memory_not_equal(alice.tx, alice.rx, alice.tx_len);
	assert_int_equal(alice.suite, SRTP_AES_256_CM_HMAC_SHA1_80);
	assert_int_equal(bob.suite, SRTP_AES_256_CM_HMAC_SHA1_80);
}


static void sql(const char *dir, const char *what)
{
	char path[128];
	sqlite3 *db;

	(void)re_snprintf(path, sizeof(path), "%s/zrtp.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, what, NULL, NULL, NULL),
			 SQLITE_OK);
	(void)sqlite3_close(db);
}


static void forget(const char *dir)
{
	char path[128];

	(void)re_snprintf(path, sizeof(path), "%s/zrtp.db", dir);
	(void)unlink(path);
	(void)re_snprintf(path, sizeof(path), "%s/zrtp.db-journal", dir);
	(void)unlink(path);
}


static void fresh(void)
{
	modules_close();
	forget(dir_a);
	forget(dir_b);
	loss = 0;
	seed = 7;
	spoil = NULL;
}


static int load(void)
{
	int err;

	err = modules_load(modules);
	zrtp = media_crypto_find("zrtp");

	return err || !zrtp ? -1 : 0;
}


/* A folder with this module alone. It stays loaded between two uses: what
 * its libraries keep for ever would be told as lost when they are gone */
static int one_module(void)
{
	char so[300], link[128];

	if (built_path(so, sizeof(so), 3, "modules/zrtp.so"))
		return -1;
	(void)re_snprintf(link, sizeof(link), "%s/zrtp.so", modules);

	return symlink(so, link) || !dlopen(so, RTLD_NOW | RTLD_LOCAL |
					    RTLD_NODELETE) ? -1 : 0;
}


static int begin(void **state)
{
	(void)state;
	fresh();

	return load();
}


/* ---- tests --------------------------------------------------------------*/

static void test_words(void **state)
{
	char buf[64], tiny[8];
	(void)state;

	assert_int_equal(zrtp_words(buf, sizeof(buf), "yyyy"), 0);
	assert_string_equal(buf, "aardvark adroitness");
	assert_int_equal(zrtp_words(buf, sizeof(buf), "9999"), 0);
	assert_string_equal(buf, "Zulu Yucatan");
	/* 0xdeadb: what libbzrtp itself makes of this value */
	assert_int_equal(zrtp_words(buf, sizeof(buf), "54s5"), 0);
	assert_string_equal(buf, "tactics perceptive");
	assert_int_equal(zrtp_words(buf, sizeof(buf), "lv20"), EINVAL);
	assert_int_equal(zrtp_words(buf, sizeof(buf), "yyy"), EINVAL);
	assert_int_equal(zrtp_words(buf, sizeof(buf), ""), EINVAL);
	assert_int_equal(zrtp_words(tiny, sizeof(tiny), "yyyy"), EOVERFLOW);
}


static void test_first_call(void **state)
{
	char path[128];
	struct stat st;
	(void)state;

	open_call();
	assert_in_range(drive(2000), 0, 400);
	assert_same();
	assert_false(alice.verified);
	assert_false(bob.verified);
	assert_string_equal(alice.alarms, "");
	assert_string_equal(bob.alarms, "");
	assert_non_null(strstr(alice.details, "Key agreement: X25519\n"));
	assert_non_null(strstr(alice.details, "Cipher: AES-256\n"));
	assert_non_null(strstr(alice.details, "80 bits\n"));
	assert_non_null(strstr(alice.details, "Hash: SHA-384\n"));
	assert_int_equal(strlen(alice.id), 24);
	assert_non_null(strstr(bob.details, alice.id));
	close_call();

	(void)re_snprintf(path, sizeof(path), "%s/zrtp.db", dir_a);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}


static void call_and_confirm(bool a, bool b)
{
	open_call();
	assert_true(drive(4000) >= 0);
	assert_same();
	if (a)
		zrtp->confirm(alice.run, true);
	if (b)
		zrtp->confirm(bob.run, true);
	close_call();
}


static void test_verified_next_time(void **state)
{
	char id[64], sas[16];
	(void)state;

	call_and_confirm(true, true);
	str_ncpy(id, alice.id, sizeof(id));
	str_ncpy(sas, alice.b32, sizeof(sas));

	open_call();
	assert_true(drive(4000) >= 0);
	assert_same();
	assert_true(alice.verified);
	assert_true(bob.verified);
	assert_string_equal(alice.id, id);
	assert_string_not_equal(alice.b32, sas);

	/* Bob takes it back: it holds for both */
	zrtp->confirm(bob.run, false);
	close_call();

	open_call();
	assert_true(drive(4000) >= 0);
	assert_false(alice.verified);
	assert_false(bob.verified);
	assert_string_equal(alice.alarms, "");
	close_call();
}


static void test_one_side_confirms(void **state)
{
	(void)state;

	call_and_confirm(true, false);
	open_call();
	assert_true(drive(4000) >= 0);
	assert_false(alice.verified);
	assert_false(bob.verified);
	close_call();
}


/* Bob has lost his secrets and kept his ZID */
static void test_mismatch(void **state)
{
	(void)state;

	call_and_confirm(true, true);
	modules_close();
	sql(dir_b, "DELETE FROM zrtp");
	assert_int_equal(load(), 0);

	open_call();
	assert_true(drive(4000) >= 0);
	assert_same();
	assert_false(alice.verified);
	assert_string_equal(alice.alarms, "cache-mismatch ");
	assert_string_equal(bob.alarms, "");

	/* words compared: from now on all is well again */
	zrtp->confirm(alice.run, true);
	zrtp->confirm(bob.run, true);
	close_call();
	open_call();
	assert_true(drive(4000) >= 0);
	assert_true(alice.verified);
	assert_true(bob.verified);
	assert_string_equal(alice.alarms, "");
	close_call();
}


/* All of Bob's is gone: another device, nobody is verified */
static void test_new_device(void **state)
{
	char id[64];
	(void)state;

	call_and_confirm(true, true);
	str_ncpy(id, alice.id, sizeof(id));
	modules_close();
	forget(dir_b);
	assert_int_equal(load(), 0);

	open_call();
	assert_true(drive(4000) >= 0);
	assert_false(alice.verified);
	assert_string_not_equal(alice.id, id);
	assert_string_equal(alice.alarms, "");
	close_call();
}


static void test_damaged_file(void **state)
{
	char path[128];
	FILE *f;
	(void)state;

	call_and_confirm(true, true);
	modules_close();
	(void)re_snprintf(path, sizeof(path), "%s/zrtp.db", dir_a);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fputs("this is no database at all, is it?", f) < 0,
			 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(load(), 0);

	open_call();
	assert_true(drive(4000) >= 0);
	assert_same();
	assert_false(alice.verified);
	close_call();
	(void)re_snprintf(path, sizeof(path), "%s/zrtp.db.bad", dir_a);
	assert_int_equal(access(path, F_OK), 0);
	(void)unlink(path);
}


/* A folder that cannot be written: encrypted all the same */
static void test_no_file(void **state)
{
	(void)state;

	open_end(&alice, &bob, "sip:a@example.org", "sip:b@example.org",
		 "/nonexistent/offhook", 1);
	open_end(&bob, &alice, "sip:b@example.org", "sip:a@example.org",
		 NULL, 2);
	start_end(&alice);
	start_end(&bob);
	assert_true(drive(2000) >= 0);
	assert_same();
	close_call();
}


static void test_loss(void **state)
{
	unsigned n, up = 0;
	(void)state;

	for (n = 0; n < 20; n++) {
		seed = 100 + n;
		loss = n < 10 ? 10 : 30;
		open_call();
		if (drive(14000) >= 0) {
			assert_same();
			++up;
		}
		assert_string_equal(alice.alarms, "");
		close_call();
	}
	assert_int_equal(up, 20);
}


static void test_nobody(void **state)
{
	(void)state;

	open_end(&alice, &bob, "sip:a@example.org", "sip:b@example.org",
		 dir_a, 1);
	memset(&bob, 0, sizeof(bob));
	start_end(&alice);
	assert_int_equal(drive(3980), -1);
	assert_int_equal(alice.nopeer, 0);
	assert_int_equal(drive(6000), -1);
	assert_int_equal(alice.nopeer, 1);
	assert_int_equal(alice.secure, 0);
	assert_int_equal(alice.tx_len, 0);
	assert_false(alice.ticking);
	close_end(&alice);
}


/* The other one comes when we have given up: it is still made secure */
static void test_late(void **state)
{
	(void)state;

	open_end(&alice, &bob, "sip:a@example.org", "sip:b@example.org",
		 dir_a, 1);
	memset(&bob, 0, sizeof(bob));
	start_end(&alice);
	assert_int_equal(drive(5000), -1);
	assert_int_equal(alice.nopeer, 1);

	open_end(&bob, &alice, "sip:b@example.org", "sip:a@example.org",
		 dir_b, 2);
	alice.peer = &bob;
	start_end(&bob);
	assert_true(drive(3000) >= 0);
	assert_same();
	close_call();
}


static void test_hash_altered(void **state)
{
	(void)state;

	open_end(&alice, &bob, "sip:a@example.org", "sip:b@example.org",
		 dir_a, 1);
	open_end(&bob, &alice, "sip:b@example.org", "sip:a@example.org",
		 dir_b, 2);
	str_ncpy(alice.peer_hash, bob.hash, sizeof(alice.peer_hash));
	alice.peer_hash[20] = alice.peer_hash[20] == '0' ? '1' : '0';
	assert_int_equal(decode(&alice, false), 0);
	start_end(&alice);
	start_end(&bob);
	assert_int_equal(drive(20000), -1);
	assert_string_equal(alice.alarms, "hash ");
	assert_int_equal(alice.failed, 1);
	assert_int_equal(alice.nopeer, 0);
	assert_int_equal(alice.secure, 0);
	assert_int_equal(alice.tx_len + alice.rx_len, 0);
	close_call();
}


static void test_hash_removed(void **state)
{
	(void)state;

	open_end(&alice, &bob, "sip:a@example.org", "sip:b@example.org",
		 dir_a, 1);
	open_end(&bob, &alice, "sip:b@example.org", "sip:a@example.org",
		 dir_b, 2);
	assert_int_equal(decode(&alice, false), ENOENT);
	start_end(&alice);
	start_end(&bob);
	assert_true(drive(2000) >= 0);
	assert_same();
	close_call();
}


static void test_decode(void **state)
{
	static const char *const bad[] = {
		"1.10 ", "1.10 0123",
		"1.10 zz112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff",
		"1.10 00112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff0",
	};
	size_t i;
	(void)state;

	open_end(&alice, &bob, "sip:a@example.org", "sip:b@example.org",
		 dir_a, 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		str_ncpy(alice.peer_hash, bad[i], sizeof(alice.peer_hash));
		assert_int_equal(decode(&alice, true), EPROTO);
	}
	str_ncpy(alice.peer_hash, "2.00 0011", sizeof(alice.peer_hash));
	assert_int_equal(decode(&alice, true), ENOTSUP);
	close_end(&alice);
}


/* Another negotiation: the same Hello goes on, another one is refused */
static void test_again(void **state)
{
	const struct crypto_handlers h = { send_handler, keys_handler,
					   event_handler, &alice };
	struct crypto_job *job = NULL;
	(void)state;

	open_call();
	assert_true(drive(2000) >= 0);
	assert_int_equal(decode(&alice, true), 0);
	assert_int_equal(zrtp->agree(&job, alice.neg), 0);
	assert_int_equal(zrtp->start(&alice.run, job, &h), 0);
	mem_deref(job);
	assert_int_equal(alice.secure, 1);

	alice.peer_hash[0] = '\0';
	assert_int_equal(decode(&alice, true), ENOENT);
	str_ncpy(alice.peer_hash, alice.hash, sizeof(alice.peer_hash));
	assert_int_equal(decode(&alice, true), EACCES);
	close_call();
}


/* The keys for chats: the same two on both sides, and one that somebody
 * on the way has exchanged */
static void test_identity(void **state)
{
	static const char a[] = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=";
	static const char b[] = "u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7s=";
	static const char x[] = "zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=";
	int i;
	(void)state;

	for (i = 0; i < 2; i++) {
		open_keyed(&alice, &bob, "sip:a@example.org",
			   "sip:b@example.org", a, i ? x : b, true);
		open_keyed(&bob, &alice, "sip:b@example.org",
			   "sip:a@example.org", b, a, false);
		str_ncpy(alice.peer_hash, bob.hash, sizeof(alice.peer_hash));
		str_ncpy(bob.peer_hash, alice.hash, sizeof(bob.peer_hash));
		assert_int_equal(decode(&alice, false), 0);
		assert_int_equal(decode(&bob, true), 0);
		start_end(&alice);
		start_end(&bob);
		assert_true(drive(2000) >= 0);
		assert_same();
		assert_int_equal(alice.identity_same, !i);
		assert_int_equal(bob.identity_same, !i);
		assert_true(alice.exports && bob.exports);
		assert_memory_equal(alice.exported, bob.exported, 32);
		close_call();
	}
}


/* A byte of each DHPart and Confirm is turned over, once */
static unsigned spoilt;

static void spoil_once(struct end *to, struct packet *pkt)
{
	if (to != &alice || spoilt || pkt->len < 60 ||
	    (memcmp(pkt->buf + 16, "DHPart", 6) &&
	     memcmp(pkt->buf + 16, "Commit", 6)))
		return;

	/* H1, H2: the hash chain; then the CRC as an attacker would set it */
	pkt->buf[30] ^= 1;
	{
		uint32_t crc = 0xffffffff, poly = 0x82f63b78;
		size_t i;
		int k;

		/* CRC-32C, RFC 3309 B: stored in network order */
		for (i = 0; i < pkt->len - 4; i++) {
			crc ^= pkt->buf[i];
			for (k = 0; k < 8; k++)
				crc = crc >> 1 ^ (crc & 1 ? poly : 0);
		}
		crc = ~crc;
		pkt->buf[pkt->len - 4] = (uint8_t)crc;
		pkt->buf[pkt->len - 3] = (uint8_t)(crc >> 8);
		pkt->buf[pkt->len - 2] = (uint8_t)(crc >> 16);
		pkt->buf[pkt->len - 1] = (uint8_t)(crc >> 24);
	}
	++spoilt;
}


static void test_forged(void **state)
{
	(void)state;

	spoilt = 0;
	spoil = spoil_once;
	open_call();
	assert_true(drive(8000) >= 0);
	assert_int_equal(spoilt, 1);
	assert_same();
	assert_string_equal(alice.alarms, "forged ");
	close_call();
}


/* Whatever comes afterwards, the keys stay */
static void test_garbage_after(void **state)
{
	uint8_t buf[PACKET];
	unsigned n;
	(void)state;

	open_call();
	assert_true(drive(2000) >= 0);
	srand(3);
	for (n = 0; n < 3000; n++) {
		size_t len = 12 + (unsigned)rand() % 200, i;

		for (i = 0; i < len; i++)
			buf[i] = (uint8_t)rand();
		buf[0] = 0x10;
		memcpy(buf + 4, "ZRTP", 4);
		if (n & 1)
			memcpy(buf, last, 28);
		assert_true(input(&alice, buf, len));
	}
	buf[0] = 0x80;
	assert_false(input(&alice, buf, 40));
	assert_int_equal(alice.secure, 1);
	assert_string_equal(alice.alarms, "");
	close_call();
}


static void test_packet(void **state)
{
	uint8_t p[200] = { 0x10, 0, 0, 1, 'Z', 'R', 'T', 'P' };
	struct zrtp_packet pkt;
	(void)state;

	assert_false(zrtp_packet_is(p, 11));
	assert_true(zrtp_packet_is(p, 12));
	p[12] = 0x50;
	p[13] = 0x5a;
	p[15] = 3;
	memcpy(p + 16, "HelloACK", 8);
	assert_int_equal(zrtp_packet_read(&pkt, p, 28), 0);
	assert_int_equal(pkt.type, ZRTP_OTHER);
	assert_int_equal(zrtp_packet_read(&pkt, p, 27), EBADMSG);
	assert_int_equal(zrtp_packet_read(&pkt, p, 32), EBADMSG);

	/* lengths that bzrtp would believe */
	memcpy(p + 16, "DHPart1 ", 8);
	assert_int_equal(zrtp_packet_read(&pkt, p, 28), EBADMSG);
	p[15] = 117;
	assert_int_equal(zrtp_packet_read(&pkt, p, 28), EBADMSG);
	memcpy(p + 16, "Confirm1", 8);
	p[15] = 12;
	assert_int_equal(zrtp_packet_read(&pkt, p, 64), EBADMSG);
	p[15] = 19;
	assert_int_equal(zrtp_packet_read(&pkt, p, 92), 0);

	/* a Hello: no algorithms at all, a name with an escape, the M flag */
	memcpy(p + 16, "Hello   ", 8);
	p[15] = 22;
	memcpy(p + 28, "evil\033]0;x      ", 16);
	p[88] = 0x20;
	assert_int_equal(zrtp_packet_read(&pkt, p, 104), 0);
	assert_int_equal(pkt.type, ZRTP_HELLO);
	assert_true(pkt.mitm);
	assert_string_equal(pkt.client, "evil?]0;x");
	p[91] = 0x10;
	assert_int_equal(zrtp_packet_read(&pkt, p, 104), EBADMSG);
	p[91] = 0x90;
	assert_int_equal(zrtp_packet_read(&pkt, p, 104), EBADMSG);

	p[91] = 0;
	memcpy(p + 16, "GoClear ", 8);
	assert_int_equal(zrtp_packet_read(&pkt, p, 104), 0);
	assert_int_equal(pkt.type, ZRTP_GOCLEAR);
}


static int setup(void **state)
{
	(void)state;

	return libre_init() || !mkdtemp(dir_a) || !mkdtemp(dir_b) ||
		!mkdtemp(modules) || one_module() ? -1 : 0;
}


static int teardown(void **state)
{
	char link[128];
	(void)state;

	fresh();
	(void)rmdir(dir_a);
	(void)rmdir(dir_b);
	(void)re_snprintf(link, sizeof(link), "%s/zrtp.so", modules);
	(void)unlink(link);
	(void)rmdir(modules);
	libre_close();
	mem_debug();

	return 0;
}


#define with_modules(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_packet),
		with_modules(test_first_call),
		with_modules(test_verified_next_time),
		with_modules(test_one_side_confirms),
		with_modules(test_mismatch),
		with_modules(test_new_device),
		with_modules(test_damaged_file),
		with_modules(test_no_file),
		with_modules(test_loss),
		with_modules(test_nobody),
		with_modules(test_late),
		with_modules(test_hash_altered),
		with_modules(test_hash_removed),
		with_modules(test_decode),
		with_modules(test_again),
		with_modules(test_identity),
		with_modules(test_forged),
		with_modules(test_garbage_after),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
