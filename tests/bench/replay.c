/**
 * @file replay.c  What the phone makes of packets, without a clock
 *
 * Usage: replay MODULES - PHASE pcmu|opus PT SPEECH OUT [key=value...]
 *
 * The packets are those of mediabench.c, spoilt by the same seed, and the
 * arguments, too; they go into the phone's receiver, which is asked for
 * 20 ms of sound each 20 ms, PHASE ms after the sender's. Time is counted,
 * not waited for: a busy machine changes nothing, and the same seed gives
 * the same samples. Prints what became of the frames.
 */
int mediabench_main(int argc, char *argv[]);
#define main mediabench_main
#include "mediabench.c"
#undef main

#include "common/re_compat.h"
#include "phone/media/quality.h"
#include "phone/media/receiver.h"
#include "phone/module/loader.h"
#include "phone/module/registry.h"

enum { TICK_US = 20000, BEGIN_US = 1000000 };


static struct receiver *make_receiver(struct quality *q, uint8_t pt)
{
	struct media_agreed ag;
	struct receiver *r;

	memset(&ag, 0, sizeof(ag));
	ag.tx.codec = codec_find(opus ? "opus" : "PCMU");
	ag.tx.pt = pt;
	ag.rxv[0] = ag.tx;
	ag.rxc = 1;
	ag.dtmf_rxv[0] = ag.dtmf_rxv[1] = -1;
	ag.red_rxv[0] = redpt ? (int)redpt : -1;
	ag.red_rxv[1] = -1;
	quality_init(q);
	if (receiver_alloc(&r, q, NULL, NULL, NULL) ||
	    receiver_update(r, &ag))
		fail("no receiver");

	return r;
}


static void arrive(struct receiver *r, const struct packet *p)
{
	struct rtp_header hdr;
	uint32_t ts;

	memcpy(&ts, p->buf + 4, 4);
	memset(&hdr, 0, sizeof(hdr));
	hdr.pt = p->buf[1];
	hdr.seq = (uint16_t)(p->buf[2] << 8 | p->buf[3]);
	hdr.ts = ntohl(ts);
	hdr.ssrc = 7;
	receiver_put(r, &hdr, p->buf + 12, p->len - 12,
		     BEGIN_US + (uint64_t)(p->due * 1000));
}


static void replay(struct receiver *r, double phase, uint8_t pt)
{
	const size_t n = rate / 50;
	const unsigned all = (unsigned)(speechc / n);
	OpusEncoder *enc = opus ? encoder() : NULL;
	struct stream_figures fig;
	size_t at, tick;

	memset(&fig, 0, sizeof(fig));
	for (tick = 0; (tick + 2) * n < heardc; tick++) {
		const double t = (double)tick * 20 + phase;
		struct packet *p;

		while (packetc < all && packetc * 20 <= t)
			make_packet(enc, pt);
		while ((p = first_due()) != NULL && p->due <= t) {
			arrive(r, p);
			p->sent = true;
		}

		/* heard from the sample on that is at this time */
		at = (size_t)(t * rate / 1000);
		receiver_pull(r, heard + at, n,
			      BEGIN_US + (uint64_t)(t * 1000));
		if (tick % 50 == 49)
			receiver_second(r, &fig);
	}
}


int main(int argc, char *argv[])
{
	struct playout_stats st;
	struct quality q;
	struct receiver *r;

	configure(argc, argv);
	if (libre_init() || modules_load(argv[1]))
		fail(argv[1]);
	r = make_receiver(&q, (uint8_t)strtol(argv[5], NULL, 10));
	replay(r, strtod(argv[3], NULL),
	       (uint8_t)strtol(argv[5], NULL, 10));
	receiver_stats(r, &st);
	write_heard(argv[7]);
	printf("sent %u lost %u mended %u copied %u concealed %u late %u "
	       "skipped %u longer %u shorter %u delay %u\n", packetc, lost,
	       st.mended, st.recovered, st.concealed - st.mended, st.late,
	       st.skipped, st.longer_us / 1000, st.shorter_us / 1000,
	       st.delay_us / 1000);
	mem_deref(r);
	modules_close();
	libre_close();

	return 0;
}
