/**
 * @file sdp_test.c  Offer and answer
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/rtp.h"
#include "phone/media/sdp.h"
#include "phone/media/stream.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 127.0.0.9\r\ns=-\r\n" \
	"c=IN IP4 127.0.0.9\r\nt=0 0\r\n"
#define AUDIO "m=audio 30000 RTP/AVP 0 8\r\n"

static struct sa laddr;


/* Codecs that only have to be negotiated */
static int no_enc(struct codec_enc **e, const struct codec *c,
		  const struct codec_enc_param *p, const char *f)
{
	(void)e; (void)c; (void)p; (void)f;
	return ENOSYS;
}


static int no_encode(struct codec_enc *e, uint8_t *b, size_t *l,
		     const int16_t *v, size_t n)
{
	(void)e; (void)b; (void)l; (void)v; (void)n;
	return ENOSYS;
}


static int no_dec(struct codec_dec **d, const struct codec *c, const char *f)
{
	(void)d; (void)c; (void)f;
	return ENOSYS;
}


static int no_decode(struct codec_dec *d, int16_t *v, size_t *n,
		     const uint8_t *b, size_t l)
{
	(void)d; (void)v; (void)n; (void)b; (void)l;
	return ENOSYS;
}


#define HANDLERS .channels = 1, .enc_update = no_enc, \
	.encode = no_encode, .dec_alloc = no_dec, .decode = no_decode

static struct codec opus = {
	.name = "opus", .clock_rate = 48000, .sdp_channels = 2,
	.srate = 48000, .fmtp = "useinbandfec=1;minptime=10", HANDLERS
};
static struct codec loud = { .name = "both ways" };
static struct codec soft = { .name = "one way" };

static const struct codec *form(const struct codec *codec, bool send,
				const char *local, const char *remote);

static struct codec formed = {
	.name = "formed", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, .fmtp = "ours=1", .form = form, HANDLERS
};
static struct codec pcmu = {
	.name = "PCMU", .pt = "0", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, HANDLERS
};
static struct codec pcma = {
	.name = "PCMA", .pt = "8", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, HANDLERS
};


static const struct codec *form(const struct codec *codec, bool send,
				const char *local, const char *remote)
{
	assert_ptr_equal(codec, &formed);
	assert_string_equal(local, "ours=1");

	return !remote ? codec : send ? &loud : &soft;
}


static struct media_sdp *make(const char *codecs)
{
	struct media_sdp *sdp;

	assert_int_equal(media_sdp_alloc(&sdp, &laddr, codecs), 0);

	return sdp;
}


static int take(struct media_sdp *sdp, const char *text, bool offer,
		struct media_agreed *ag)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	assert_non_null(mb);
	assert_int_equal(mbuf_write_str(mb, text), 0);
	mb->pos = 0;
	err = media_sdp_decode(sdp, mb, offer, false, ag);
	mem_deref(mb);

	return err;
}


/* The text of our SDP, to be looked at */
static const char *text_of(struct media_sdp *sdp, bool offer, bool hold)
{
	static char buf[4096];
	struct mbuf *mb;

	assert_int_equal(media_sdp_encode(sdp, &mb, offer, hold), 0);
	assert_int_equal(mb->pos, 0);
	assert_true(mb->end < sizeof(buf));
	memcpy(buf, mb->buf, mb->end);
	buf[mb->end] = '\0';
	mem_deref(mb);

	return buf;
}


static void has(const char *text, const char *what)
{
	if (strstr(text, what))
		return;

	print_error("\"%s\" is not in\n%s", what, text);
	fail();
}


static void has_not(const char *text, const char *what)
{
	if (!strstr(text, what))
		return;

	print_error("\"%s\" is in\n%s", what, text);
	fail();
}


static void test_offer(void **state)
{
	struct media_sdp *sdp = make("opus,PCMU,PCMA");
	const char *text = text_of(sdp, true, false);
	(void)state;

	has(text, "m=audio 20000 RTP/AVP 96 0 8 97 101 13 98 99\r\n");
	has(text, "a=rtpmap:96 opus/48000/2\r\n");
	has(text, "a=fmtp:96 useinbandfec=1;minptime=10\r\n");
	has(text, "a=rtpmap:97 telephone-event/48000\r\n");
	has(text, "a=rtpmap:101 telephone-event/8000\r\n");
	has(text, "a=fmtp:101 0-15\r\n");
	has(text, "a=rtpmap:13 CN/8000\r\n");
	has(text, "a=rtpmap:98 red/48000/2\r\n");
	has(text, "a=fmtp:98 96/96\r\n");
	has(text, "a=rtpmap:99 red/8000\r\n");
	has(text, "a=fmtp:99 0/0\r\n");
	has(text, "a=ptime:20\r\n");
	has(text, "a=maxptime:120\r\n");
	has(text, "a=rtcp-xr:voip-metrics\r\n");
	has(text, "a=rtcp:20001\r\n");
	has(text, "a=sendrecv\r\n");
	has(text, "\r\ns=-\r\n");
	has(text, "o=- ");
	has(text, "a=rtcp-mux\r\n");
	has(text_of(sdp, true, true), "a=sendonly\r\n");
	mem_deref(sdp);

	sdp = make("PCMA, PCMU");
	text = text_of(sdp, true, false);
	has(text, "m=audio 20000 RTP/AVP 8 0 101 13 96\r\n");
	mem_deref(sdp);

	assert_int_equal(media_sdp_alloc(&sdp, &laddr, "speex"), ENOENT);
	assert_int_equal(media_sdp_alloc(&sdp, &laddr, ""), ENOENT);
}


static void test_answer(void **state)
{
	struct media_sdp *sdp = make("opus,PCMU,PCMA");
	struct media_agreed ag;
	const char *text;
	(void)state;

	/* the order and the payload types are the offerer's */
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 3 8 120 0 99"
			      "\r\na=rtpmap:120 opus/48000/2\r\n"
			      "a=fmtp:120 maxplaybackrate=16000\r\n"
			      "a=rtpmap:99 telephone-event/8000\r\n"
			      "a=rtcp-mux\r\n", true, &ag), 0);
	assert_ptr_equal(ag.tx.codec, &pcma);
	assert_int_equal(ag.tx.pt, 8);
	assert_int_equal(ag.rxc, 3);
	assert_int_equal(ag.dtmf_tx, 99);
	assert_int_equal(ag.dtmf_rate, 8000);
	assert_true(ag.mux);
	assert_true(ag.send && ag.recv);
	text = text_of(sdp, false, false);
	has(text, "m=audio 20000 RTP/AVP 8 120 0 99\r\n");
	has(text, "a=rtcp-mux\r\n");
	has(text, "a=rtcp:20000\r\n");
	mem_deref(sdp);

	sdp = make("opus,PCMU");
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 120 0\r\n"
			      "a=rtpmap:120 OPUS/48000/2\r\n"
			      "a=fmtp:120 maxplaybackrate=16000\r\n"
			      "a=rtcp:30005\r\n", true, &ag), 0);
	assert_ptr_equal(ag.tx.codec, &opus);
	assert_int_equal(ag.tx.pt, 120);
	assert_string_equal(ag.fmtp, "maxplaybackrate=16000");
	assert_int_equal(ag.dtmf_tx, -1);
	assert_int_equal(ag.rtcp, 30005);
	assert_false(ag.mux);
	has_not(text_of(sdp, false, false), "telephone-event");
	mem_deref(sdp);
}


/* Redundancy, comfort noise, packet times, extended reports */
/* A codec may have another form each way, by what both say of it */
static void test_form(void **state)
{
	static const char theirs[] = HEAD "m=audio 30000 RTP/AVP 0 120\r\n"
		"a=rtpmap:120 formed/8000\r\na=fmtp:120 theirs=1\r\n";
	struct media_sdp *sdp = make("formed,PCMU");
	struct media_agreed ag;
	(void)state;

	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 120 0\r\n"
			      "a=rtpmap:120 formed/8000\r\n"
			      "a=fmtp:120 theirs=1\r\n", true, &ag), 0);
	assert_ptr_equal(ag.tx.codec, &loud);
	assert_int_equal(ag.rxc, 2);
	assert_ptr_equal(ag.rxv[ag.likely].codec, &soft);
	assert_int_equal(ag.rxv[ag.likely].pt, 120);

	/* in the answer to our offer as well, and again without its word */
	(void)text_of(sdp, true, false);
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 120\r\n"
			      "a=rtpmap:120 formed/8000\r\n"
			      "a=fmtp:120 theirs=1\r\n", false, &ag), 0);
	assert_ptr_equal(ag.tx.codec, &loud);
	assert_ptr_equal(ag.rxv[ag.likely].codec, &soft);
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 120\r\n"
			      "a=rtpmap:120 formed/8000\r\n", true, &ag),
			 0);
	assert_ptr_equal(ag.tx.codec, &formed);
	mem_deref(sdp);

	/* what is likely is what we send, not what is named first */
	sdp = make("formed,PCMU");
	assert_int_equal(take(sdp, theirs, true, &ag), 0);
	assert_ptr_equal(ag.tx.codec, &pcmu);
	assert_ptr_equal(ag.rxv[ag.likely].codec, &pcmu);
	mem_deref(sdp);
}


static void test_extra(void **state)
{
	struct media_sdp *sdp = make("opus,PCMU");
	struct media_agreed ag;
	(void)state;

	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 63 111 0 13\r\n"
			      "a=rtpmap:111 opus/48000/2\r\n"
			      "a=rtpmap:63 red/48000/2\r\n"
			      "a=fmtp:63 111/111\r\n"
			      "a=ptime:60\r\na=maxptime:40\r\n"
			      "a=rtcp-xr:rcvr-rtt=all voip-metrics\r\n", true,
			      &ag), 0);
	assert_ptr_equal(ag.tx.codec, &opus);
	assert_int_equal(ag.red_tx, 63);
	assert_int_equal(ag.red_rxv[0], 63);
	assert_int_equal(ag.red_rxv[1], -1);
	assert_int_equal(ag.rxc, 2);
	assert_true(ag.cn_rx);
	assert_false(ag.cn_tx);
	assert_int_equal(ag.ptime, 40);
	assert_int_equal(ag.maxptime, 40);
	assert_true(ag.xr);
	has(text_of(sdp, false, false), "a=fmtp:63 111/111\r\n");
	mem_deref(sdp);

	/* redundancy of another codec is none of ours */
	sdp = make("PCMU,PCMA");
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 0 8 96 13\r\n"
			      "a=rtpmap:96 red/8000\r\na=fmtp:96 8/8\r\n",
			      true, &ag), 0);
	assert_int_equal(ag.red_tx, -1);
	assert_int_equal(ag.red_rxv[0], 96);
	assert_true(ag.cn_tx && ag.cn_rx);
	assert_int_equal(ag.ptime, 20);
	assert_int_equal(ag.maxptime, 0);
	assert_false(ag.xr);
	mem_deref(sdp);

	/* alone it is no sound */
	sdp = make("PCMU");
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 13 96\r\n"
			      "a=rtpmap:96 red/8000\r\n", true, &ag),
			 ENOTSUP);
	mem_deref(sdp);
}


/* The answer to our offer picks; the next offer has everything again */
static void test_offer_again(void **state)
{
	struct media_sdp *sdp = make("opus,PCMU,PCMA");
	struct media_agreed ag;
	(void)state;

	(void)text_of(sdp, true, false);
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 0 101\r\n"
			      "a=rtpmap:101 telephone-event/8000\r\n", false,
			      &ag), 0);
	assert_ptr_equal(ag.tx.codec, &pcmu);
	assert_int_equal(ag.rxc, 1);
	assert_int_equal(ag.dtmf_rxv[0], 101);
	has(text_of(sdp, true, false), "opus/48000/2");

	/* the peer gives 97 to its opus: our event format moves */
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 97\r\n"
			      "a=rtpmap:97 opus/48000/2\r\n", true, &ag), 0);
	has(text_of(sdp, false, false), "RTP/AVP 97\r\n");
	has_not(text_of(sdp, true, false), "a=rtpmap:97 telephone");
	has(text_of(sdp, true, false), "a=rtpmap:97 opus");
	has(text_of(sdp, true, false), "telephone-event/48000");
	mem_deref(sdp);
}


static void test_hold(void **state)
{
	static const struct {
		const char *line;
		bool send, recv;
		const char *answer;
	} v[] = {
		{ "a=sendonly\r\n", false, true, "a=recvonly\r\n" },
		{ "a=recvonly\r\n", true, false, "a=sendonly\r\n" },
		{ "a=inactive\r\n", false, false, "a=inactive\r\n" },
		{ "a=sendrecv\r\n", true, true, "a=sendrecv\r\n" },
		{ "c=IN IP4 0.0.0.0\r\n", false, true, "a=sendrecv\r\n" },
	};
	struct media_sdp *sdp = make("PCMU");
	struct media_agreed ag;
	char text[512];
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		(void)re_snprintf(text, sizeof(text), HEAD AUDIO "%s",
				  v[i].line);
		assert_int_equal(take(sdp, text, true, &ag), 0);
		assert_int_equal(ag.send, v[i].send);
		assert_int_equal(ag.recv, v[i].recv);
		has(text_of(sdp, false, false), v[i].answer);
	}
	mem_deref(sdp);
}


/* What we cannot do is refused, and the call that runs stays as it was */
static void test_refused(void **state)
{
	static const char *const v[] = {
		HEAD "m=audio 30000 RTP/SAVP 0\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
		HEAD "m=audio 30000 UDP/TLS/RTP/SAVP 0\r\n",
		HEAD "m=audio 30000 RTP/SAVPF 0\r\n",
		HEAD "m=audio 30000 RTP/AVP 3 4 18\r\n",
		HEAD "m=audio 30000 RTP/AVP 96\r\n"
		"a=rtpmap:96 opus/48000\r\n",
		HEAD "m=audio 0 RTP/AVP 0\r\n",
		HEAD "m=video 30000 RTP/AVP 31\r\n",
		HEAD, "\r\n\r\n",
	};
	struct media_sdp *sdp = make("opus,PCMU");
	struct media_agreed ag;
	size_t i;
	(void)state;

	assert_int_equal(take(sdp, HEAD AUDIO, true, &ag), 0);
	for (i = 0; i < ARRAY_SIZE(v); i++)
		assert_int_equal(take(sdp, v[i], true, &ag),
				 i < 3 ? ENOKEY : ENOTSUP);
	has(text_of(sdp, false, false), "m=audio 20000 RTP/AVP 0\r\n");
	mem_deref(sdp);

	/* encrypted or not, as we like */
	sdp = make("PCMU");
	assert_int_equal(take(sdp, HEAD "m=audio 30002 RTP/SAVP 0\r\n" AUDIO,
			      true, &ag), 0);
	assert_int_equal(sa_port(&ag.rtp), 30000);
	has(text_of(sdp, false, false), "m=audio 0 RTP/SAVP 0\r\n");
	mem_deref(sdp);
}


static void test_odd(void **state)
{
	static const char *const bad[] = {
		"hello", "v=1\r\n" AUDIO,
		HEAD "m=audio 70000 RTP/AVP 0\r\n",
		HEAD "m=audio 99999999999 RTP/AVP 0\r\n",
		HEAD "m=audio\r\n",
		HEAD AUDIO "a=rtpmap:x\r\n",
	};
	static const char *const good[] = {
		HEAD "m=audio 30000 RTP/AVP 0",
		"v=0\nc=IN IP4 127.0.0.9\nm=audio 30000 RTP/AVP 0\n",
		HEAD "m=audio 30000 RTP/AVPF 0\r\n",
		HEAD AUDIO "a=ptime:0\r\na=maxptime:-1\r\n",
		HEAD "m=audio 30000 RTP/AVP 4294967296 -1 1000 0\r\n",
		HEAD AUDIO "m=video 30002 RTP/AVP 31\r\n",
	};
	struct media_sdp *sdp;
	struct media_agreed ag;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		sdp = make("opus,PCMU");
		assert_int_equal(take(sdp, bad[i], true, &ag), EPROTO);
		mem_deref(sdp);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		sdp = make("opus,PCMU");
		assert_int_equal(take(sdp, good[i], true, &ag), 0);
		assert_ptr_equal(ag.tx.codec, &pcmu);
		(void)text_of(sdp, false, false);
		mem_deref(sdp);
	}

	sdp = make("PCMU");
	assert_int_equal(take(sdp, "", true, &ag), EPROTO);
	assert_int_equal(take(sdp, HEAD "m=audio 30000 RTP/AVP 200\r\n"
			      "a=rtpmap:200 PCMU/8000\r\n", true, &ag),
			 ENOTSUP);
	mem_deref(sdp);
}


static void test_sendable(void **state)
{
	static const struct {
		const char *addr;
		uint16_t port;
		bool ok, ok_loopback;
	} v[] = {
		{ "192.0.2.1", 5000, true, true },
		{ "192.0.2.1", 1023, false, false },
		{ "192.0.2.1", 0, false, false },
		{ "127.0.0.2", 5000, false, true },
		{ "127.255.1.2", 5000, false, true },
		{ "::ffff:127.0.0.1", 5000, false, true },
		{ "224.0.0.1", 5000, false, false },
		{ "255.255.255.255", 5000, false, false },
		{ "0.0.0.0", 5000, false, false },
		{ "2001:db8::1", 5000, true, true },
		{ "ff02::1", 5000, false, false },
		{ "::1", 5000, false, true },
	};
	struct sa out, in, sa;
	size_t i;
	(void)state;

	assert_int_equal(sa_set_str(&out, "192.0.2.9", 20000), 0);
	assert_int_equal(sa_set_str(&in, "127.0.0.1", 20000), 0);
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		assert_int_equal(sa_set_str(&sa, v[i].addr, v[i].port), 0);
		assert_int_equal(rtpflow_sendable(&sa, &out), v[i].ok);
		assert_int_equal(rtpflow_sendable(&sa, &in),
				 v[i].ok_loopback);
	}
}


static void test_capabilities(void **state)
{
	struct mbuf *mb;
	(void)state;

	assert_int_equal(stream_capabilities(&mb), 0);
	assert_int_equal(re_regex((char *)mb->buf, mb->end,
				  "m=audio 0 RTP/AVP 96 0 8"), 0);
	mem_deref(mb);
}


/* Every line of a good offer cut, doubled, or with one byte changed */
static void test_mangled(void **state)
{
	static const char good[] = HEAD "m=audio 30000 RTP/AVP 96 0 101\r\n"
		"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1\r\n"
		"a=rtpmap:101 telephone-event/8000\r\na=rtcp:30001 IN IP4 "
		"127.0.0.9\r\na=rtcp-mux\r\na=ptime:20\r\na=sendrecv\r\n";
	char text[sizeof(good)];
	struct media_sdp *sdp = make("opus,PCMU");
	struct media_agreed ag;
	uint32_t seed = 7;
	size_t i;
	(void)state;

	for (i = 0; i < 20000; i++) {
		memcpy(text, good, sizeof(good));
		seed = seed * 1664525 + 1013904223;
		text[(seed >> 8) % (sizeof(good) - 1)] =
			(char)(1 + (seed >> 24) % 255);
		if (i % 3 == 0)
			text[(seed >> 4) % (sizeof(good) - 1)] = '\0';

		if (!take(sdp, text, i % 4 != 0, &ag)) {
			assert_non_null(ag.tx.codec);
			(void)text_of(sdp, i % 2 != 0, false);
		}
	}
	mem_deref(sdp);
}


static int setup(void **state)
{
	(void)state;

	if (libre_init() || codec_register(&opus) || codec_register(&formed) ||
	    codec_register(&pcmu) || codec_register(&pcma))
		return -1;

	return sa_set_str(&laddr, "127.0.0.1", 20000);
}


static int teardown(void **state)
{
	(void)state;

	codec_unregister(&pcma);
	codec_unregister(&pcmu);
	codec_unregister(&formed);
	codec_unregister(&opus);
	libre_close();
	mem_debug();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_offer_again),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_sendable),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_mangled),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
