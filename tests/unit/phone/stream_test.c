/**
 * @file stream_test.c  Two streams in one process call each other
 *
 * Real sockets on 127.0.0.x, real codecs and drivers: what one plays from
 * a WAV file must be found in what the other wrote to one.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/media.h"
#include "phone/media/stream.h"
#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"
#include "loop.h"

#include "../../../modules/file/wav.c"

enum { CALL_MS = 3300, SECONDS_MAX = 60 };

static char dir[256];           /* of the test's files       */
static char speech[256];

/** One side of a call */
struct side {
	struct stream *s;
	unsigned first, silent, device, figures;
	char digits[32];
	char text[256];
	int device_err;
};

static void event_handler(struct stream *s, enum stream_event ev,
			  const struct stream_event_data *data, void *arg)
{
	struct side *side = arg;
	const size_t n = strlen(side->digits);

	assert_ptr_equal(s, side->s);

	switch (ev) {

	case STREAM_FIRST_PACKET: ++side->first;   break;
	case STREAM_SILENT:       ++side->silent;  break;
	case STREAM_FIGURES:      ++side->figures; break;

	case STREAM_DTMF:
		if (n + 1 < sizeof(side->digits)) {
			side->digits[n] = data->digit;
			side->digits[n + 1] = '\0';
		}
		break;

	case STREAM_DEVICE:
		++side->device;
		side->device_err = data->err;
		str_ncpy(side->text, data->text, sizeof(side->text));
		break;

	case STREAM_CRYPTO:
	case STREAM_RECORD:
		break;
	}
}


static void configure(const char *address, const char *codecs,
		      const char *source, const char *sink)
{
	struct media_config conf;

	memset(&conf, 0, sizeof(conf));
	conf.address = address;
	conf.port_min = 20000;
	conf.port_max = 29998;
	conf.codecs = codecs;
	conf.source = source;
	conf.sink = sink;
	assert_int_equal(media_configure(&conf), 0);
}


static void side_open(struct side *side, const char *address,
		      const char *codecs, const char *source,
		      const char *sink)
{
	memset(side, 0, sizeof(*side));
	configure(address, codecs, source, sink);
	assert_int_equal(stream_alloc(&side->s, NULL, event_handler, side),
			 0);
}


/* Offer, answer, both start */
static void negotiate(struct side *a, struct side *b)
{
	struct mbuf *mb = NULL;

	assert_int_equal(stream_encode(a->s, &mb, true), 0);
	assert_int_equal(stream_decode(b->s, mb, true), 0);
	mb = mem_deref(mb);
	assert_int_equal(stream_encode(b->s, &mb, false), 0);
	assert_int_equal(stream_decode(a->s, mb, false), 0);
	mem_deref(mb);
	assert_int_equal(stream_start(b->s), 0);
	assert_int_equal(stream_start(a->s), 0);
}


static void side_close(struct side *side)
{
	side->s = mem_deref(side->s);
}


/* Energy in 10 ms steps: a fingerprint that survives any codec */
static size_t envelope(float *env, size_t max, struct wav *wav)
{
	const size_t step = wav->srate / 100;
	size_t i, k;

	for (i = 0; i < max && (i + 1) * step <= wav->frames; i++) {
		const int16_t *p;
		float sum = 0;

		wav_window(wav, i * step, step);
		p = wav->sampv + (i * step - wav->first);
		for (k = 0; k < step; k++) {
			const float v = p[k];

			sum += v * v;
		}
		/* what is softer than a codec's noise is all the same */
		env[i] = log10f(sum / (float)step + 5000);
	}

	return i;
}


static float correlate(const float *a, const float *b, size_t n)
{
	float ma = 0, mb = 0, ab = 0, aa = 1e-9f, bb = 1e-9f;
	size_t i;

	for (i = 0; i < n; i++) {
		ma += a[i] / (float)n;
		mb += b[i] / (float)n;
	}
	for (i = 0; i < n; i++) {
		ab += (a[i] - ma) * (b[i] - mb);
		aa += (a[i] - ma) * (a[i] - ma);
		bb += (b[i] - mb) * (b[i] - mb);
	}

	return ab / sqrtf(aa * bb);
}


/* How alike is what was heard until the digits, at the best shift up to
   half a second? */
static float likeness(const char *heard)
{
	static float a[SECONDS_MAX * 100], b[SECONDS_MAX * 100];
	struct wav played, got;
	size_t na, nb, n, shift;
	float best = 0;

	assert_int_equal(wav_open(&played, speech, 1), 0);
	assert_int_equal(wav_open(&got, heard, 1), 0);
	na = envelope(a, ARRAY_SIZE(a), &played);
	nb = envelope(b, CALL_MS / 10, &got);
	wav_close(&played);
	wav_close(&got);

	for (shift = 0; shift < 50 && shift < nb; shift++) {
		float c;

		n = nb - shift < na ? nb - shift : na;
		c = correlate(a, b + shift, n);
		if (c > best)
			best = c;
	}

	print_message("likeness of %s: %.3f over %.1f s\n", heard,
		      (double)best, (double)nb / 100);
	assert_true(nb > CALL_MS / 10 / 2);

	return best;
}


static void path(char *buf, size_t size, const char *what)
{
	assert_true(re_snprintf(buf, size, "file,%s/%s", dir, what) > 0);
}


static void call_with(const char *codecs, const char *name, uint32_t rate)
{
	char src[300], heard_a[300], heard_b[300];
	const struct stream_figures *fig;
	struct side a, b;

	(void)re_snprintf(src, sizeof(src), "file,%s", speech);
	path(heard_a, sizeof(heard_a), "a.wav");
	path(heard_b, sizeof(heard_b), "b.wav");

	side_open(&a, "127.0.0.21", codecs, src, heard_a);
	side_open(&b, "127.0.0.22", "opus,PCMU,PCMA", src, heard_b);
	negotiate(&a, &b);
	assert_string_equal(stream_codec(a.s), name);
	assert_string_equal(stream_codec(b.s), name);
	assert_int_equal(stream_codec_rate(a.s), rate);

	loop_spin(CALL_MS);

	fig = stream_figures(a.s);
	print_message("tx %u rx %u lost %u late %u concealed %u rtt %.2f "
		      "jitter %.2f playout %.1f mic %.2f speaker %.2f\n",
		      fig->tx_packets, fig->rx_packets, fig->lost, fig->late,
		      fig->concealed, (double)fig->rtt_ms,
		      (double)fig->jitter_ms, (double)fig->playout_ms,
		      (double)fig->mic, (double)fig->speaker);
	assert_int_equal(a.first, 1);
	assert_int_equal(b.first, 1);
	assert_int_equal(a.silent + b.silent, 0);
	assert_int_equal(a.device + b.device, 0);
	assert_in_range(a.figures, 2, 4);
	assert_in_range(fig->tx_packets, 100, 180);
	assert_in_range(fig->rx_packets, 100, 180);
	assert_int_equal(fig->lost, 0);
	assert_true(fig->rtt_ms > 0);
	assert_true(fig->mic > 0.1f);
	assert_true(fig->speaker > 0.1f);

	side_close(&a);
	side_close(&b);
	loop_spin(100);     /* the files are closed by the media loop */

	assert_true(likeness(heard_a + 5) > 0.9f);
	assert_true(likeness(heard_b + 5) > 0.9f);
}


static void test_call_pcmu(void **state)
{
	(void)state;
	call_with("PCMU", "PCMU", 8000);
}


static void test_call_pcma(void **state)
{
	(void)state;
	call_with("PCMA", "PCMA", 8000);
}


static void test_call_opus(void **state)
{
	(void)state;
	call_with("opus", "opus", 48000);
}


/* 1,2 to the other side; the echo comes back through a loop */
static void test_dtmf_and_loop(void **state)
{
	char heard[300], src[300];
	struct side a, b;
	(void)state;

	(void)re_snprintf(src, sizeof(src), "file,%s", speech);
	path(heard, sizeof(heard), "echo.wav");
	side_open(&a, "127.0.0.21", "PCMU", src, heard);
	side_open(&b, "127.0.0.22", "PCMU", "loop,", "loop,");
	assert_int_equal(stream_send_dtmf(a.s, "1"), ENOTSUP);
	negotiate(&a, &b);

	loop_spin(CALL_MS);
	assert_int_equal(stream_send_dtmf(a.s, "1x"), EINVAL);
	assert_int_equal(stream_send_dtmf(a.s, "12"), 0);
	assert_int_equal(stream_send_dtmf(a.s, "2#A"), 0);
	loop_spin(1200);
	assert_string_equal(b.digits, "122#A");
	assert_string_equal(a.digits, "");

	side_close(&a);
	side_close(&b);
	loop_spin(100);
	assert_true(likeness(heard + 5) > 0.9f);
}


static void test_hold_and_mute(void **state)
{
	uint32_t tx, rx;
	struct side a, b;
	(void)state;

	side_open(&a, "127.0.0.21", "PCMA", "tone,440", "null");
	side_open(&b, "127.0.0.22", "PCMA", "tone,880", "null");
	negotiate(&a, &b);
	loop_spin(2100);
	assert_true(stream_figures(b.s)->speaker > 0.5f);

	/* muted: packets go on, sound does not */
	stream_set_mute(a.s, true);
	loop_spin(2100);
	tx = stream_figures(a.s)->tx_packets;
	assert_true(tx > 100);
	assert_true(stream_figures(b.s)->speaker < 0.2f);
	stream_set_mute(a.s, false);

	/* hold: both stop at once, figures go on */
	stream_set_hold(a.s, true);
	negotiate(&a, &b);
	assert_true(stream_remote_hold(b.s));
	assert_false(stream_remote_hold(a.s));
	loop_spin(1100);
	tx = stream_figures(a.s)->tx_packets;
	rx = stream_figures(a.s)->rx_packets;
	loop_spin(2100);
	assert_in_range(stream_figures(a.s)->tx_packets - tx, 0, 4);
	assert_in_range(stream_figures(a.s)->rx_packets - rx, 0, 1);

	/* and resume */
	stream_set_hold(a.s, false);
	negotiate(&a, &b);
	assert_false(stream_remote_hold(b.s));
	loop_spin(2100);
	assert_true(stream_figures(b.s)->speaker > 0.5f);
	assert_true(stream_figures(a.s)->speaker > 0.5f);

	side_close(&a);
	side_close(&b);
}


static void test_device_missing(void **state)
{
	struct side a, b;
	(void)state;

	side_open(&a, "127.0.0.21", "PCMU", "file,/nowhere/a.wav", "null");
	side_open(&b, "127.0.0.22", "PCMU", "null", "nosuch,driver");
	negotiate(&a, &b);
	loop_spin(2200);
	print_message("%s | %s\n", a.text, b.text);
	assert_int_equal(a.device, 1);
	assert_int_equal(a.device_err, ENOENT);
	assert_non_null(strstr(a.text, "microphone"));
	assert_int_equal(b.device, 1);
	assert_non_null(strstr(b.text, "loudspeaker"));
	assert_true(stream_figures(b.s)->rx_packets > 50);

	side_close(&a);
	side_close(&b);
}


/* A peer that says nothing, and packets of a stranger */
static void test_silence_and_strangers(void **state)
{
	static const char sdp[] =
		"v=0\r\no=- 1 1 IN IP4 127.0.0.23\r\ns=-\r\n"
		"c=IN IP4 127.0.0.23\r\nt=0 0\r\n"
		"m=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n";
	uint8_t packet[172] = { 0x80, 0 };
	struct udp_sock *us;
	struct mbuf *mb;
	struct side a;
	struct sa la, dst;
	struct pl port;
	unsigned i;
	(void)state;

	side_open(&a, "127.0.0.21", "PCMU", "null", "null");
	assert_int_equal(stream_encode(a.s, &mb, true), 0);
	assert_int_equal(re_regex((char *)mb->buf, mb->end, "m=audio [0-9]+",
				  &port), 0);
	assert_int_equal(sa_set_str(&dst, "127.0.0.21",
				    (uint16_t)pl_u32(&port)), 0);
	mem_deref(mb);

	mb = mbuf_alloc(sizeof(sdp));
	assert_non_null(mb);
	assert_int_equal(mbuf_write_str(mb, sdp), 0);
	mb->pos = 0;
	assert_int_equal(stream_decode(a.s, mb, false), 0);
	mem_deref(mb);
	assert_int_equal(stream_start(a.s), 0);
	loop_spin(4500);
	assert_int_equal(a.silent, 1);
	assert_int_equal(a.first, 0);

	/* after 2 s only the address of the SDP is heard */
	assert_int_equal(sa_set_str(&la, "127.0.0.66", 0), 0);
	assert_int_equal(udp_listen(&us, &la, NULL, NULL), 0);
	mb = mbuf_alloc(sizeof(packet));
	assert_non_null(mb);
	for (i = 0; i < 20; i++) {
		packet[3] = (uint8_t)i;
		mb->pos = mb->end = 0;
		assert_int_equal(mbuf_write_mem(mb, packet, sizeof(packet)),
				 0);
		mb->pos = 0;
		assert_int_equal(udp_send(us, &dst, mb), 0);
	}
	loop_spin(300);
	assert_int_equal(a.first, 0);
	mem_deref(us);

	assert_int_equal(sa_set_str(&la, "127.0.0.23", 40000), 0);
	assert_int_equal(udp_listen(&us, &la, NULL, NULL), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(us, &dst, mb), 0);
	loop_spin(300);
	assert_int_equal(a.first, 1);

	mem_deref(us);
	mem_deref(mb);
	side_close(&a);
}


/* A call costs little: wake-ups and CPU of the whole process */
static void test_cost(void **state)
{
	struct rusage before, after;
	struct side a, b;
	double cpu;
	long sw;
	(void)state;

	side_open(&a, "127.0.0.21", "PCMU", "tone,440", "null");
	side_open(&b, "127.0.0.22", "PCMU", "tone,440", "null");
	negotiate(&a, &b);
	loop_spin(1000);
	(void)getrusage(RUSAGE_SELF, &before);
	loop_spin(4000);
	(void)getrusage(RUSAGE_SELF, &after);

	sw = after.ru_nvcsw - before.ru_nvcsw;
	cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec +
		       after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
		(double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec +
			 after.ru_stime.tv_usec - before.ru_stime.tv_usec) /
		1e6;
	print_message("two streams: %.1f switches/s, %.2f CPU s/min\n",
		      (double)sw / 4, cpu * 15);
	assert_true(sw / 4 < 220);

	side_close(&a);
	side_close(&b);
	loop_spin(200);

	/* nothing runs when nobody calls */
	(void)getrusage(RUSAGE_SELF, &before);
	loop_spin(1000);
	(void)getrusage(RUSAGE_SELF, &after);
	assert_in_range(after.ru_nvcsw - before.ru_nvcsw, 0, 20);
}


static int group_setup(void **state)
{
	int err;
	(void)state;

	if (built_path(speech, sizeof(speech), 4, "share/speech.wav"))
		return -1;
	str_ncpy(dir, "/tmp/offhook-stream-XXXXXX", sizeof(dir));
	if (!mkdtemp(dir))
		return -1;

	err = libre_init();
	if (!err)
		err = built_load();

	return err || !codec_find("PCMU") ? -1 : 0;
}


static int group_teardown(void **state)
{
	static const char *const files[] = { "a.wav", "b.wav", "echo.wav" };
	char file[300];
	struct memstat st;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		(void)re_snprintf(file, sizeof(file), "%s/%s", dir,
				  files[i]);
		(void)unlink(file);
	}
	(void)rmdir(dir);

	media_close();
	modules_close();
	tmr_debug();
	libre_close();
	mem_debug();

	return !mem_get_stat(&st) && st.blocks_cur ? -1 : 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call_pcmu),
		cmocka_unit_test(test_call_pcma),
		cmocka_unit_test(test_call_opus),
		cmocka_unit_test(test_dtmf_and_loop),
		cmocka_unit_test(test_hold_and_mute),
		cmocka_unit_test(test_device_missing),
		cmocka_unit_test(test_silence_and_strangers),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
