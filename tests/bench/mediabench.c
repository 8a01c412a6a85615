/**
 * @file mediabench.c  Speech through a phone that sends back what it hears
 *
 * Usage: mediabench FD HOST PORT pcmu|opus PT SPEECH OUT [key=value...]
 *
 * Sends SPEECH (WAV, mono, 16 bit, at the codec's rate) as RTP from a bound
 * socket and writes what comes back to OUT on the same scale of time: the
 * first sample of both is the moment of the first packet. Between encoder
 * and socket the packets are spoilt by seed: loss, burst (mean run), jitter
 * (up to so many ms), rate (bit/s, headers counted, queue of 200 ms). Opus
 * is 24 kbit/s with FEC. redpt=N: PCMU as RED (RFC 2198) of that payload
 * type, with the two payloads before. wide=1: Opus of 8 kHz at most, which
 * has FEC for tones, too. Prints how many packets came back and
 * how late the first. FD -1: what a perfect receiver would make of the same
 * packets; one that knows everything still has no frame of which nothing
 * arrived.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <opus.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { PACKETS = 10000, SIZE = 1500, TAIL_MS = 600, HEADERS = 28,
       WINDOW = 100 };

struct packet {
	double due;              /**< ms from the start, < 0: lost */
	bool sent;
	size_t len;
	uint8_t buf[SIZE];
};

static struct packet packetv[PACKETS];
static unsigned packetc, lost;
static int16_t *speech, *heard;
static size_t speechc, heardc;
static uint32_t rate;
static bool opus;
static double loss, burst = 1, jitter, bitrate, first_at = -1;
static unsigned redpt, wide;
static uint64_t seed = 1;


static void fail(const char *what)
{
	fprintf(stderr, "mediabench: %s\n", what);
	exit(1);
}


static double now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);

	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}


/* 0 <= x < 1 (xorshift64*) */
static double draw(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;

	return (double)(seed * 2685821657736338717ull >> 11) /
		9007199254740992.0;
}


static uint8_t to_ulaw(int16_t s)
{
	const uint8_t sign = s < 0 ? 0x80 : 0;
	int v = s < 0 ? -(int)s : s, seg;

	v = (v > 32635 ? 32635 : v) + 0x84;
	seg = 31 - __builtin_clz((unsigned)v) - 7;

	return (uint8_t)~(sign | seg << 4 | (v >> (seg + 3) & 15));
}


static int16_t from_ulaw(uint8_t u)
{
	int v;

	u = (uint8_t)~u;
	v = ((((u & 15) << 3) + 0x84) << (u >> 4 & 7)) - 0x84;

	return (int16_t)(u & 0x80 ? -v : v);
}


/* The usual 44 bytes, then samples */
static void read_speech(const char *path)
{
	uint8_t head[44];
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fread(head, 1, 44, f) != 44 || memcmp(head, "RIFF", 4) ||
	    head[22] != 1 || head[34] != 16)
		fail(path);
	memcpy(&rate, head + 24, 4);
	(void)fseek(f, 0, SEEK_END);
	size = ftell(f) - 44;
	(void)fseek(f, 44, SEEK_SET);
	speechc = (size_t)size / 2;
	speech = calloc(speechc + 5760, 2);
	if (!speech || fread(speech, 2, speechc, f) != speechc)
		fail(path);
	(void)fclose(f);
}


static void write_heard(const char *path)
{
	const uint32_t bytes = (uint32_t)heardc * 2;
	uint8_t head[44] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0";
	const uint32_t riff = 36 + bytes, second = rate * 2;
	FILE *f = fopen(path, "wb");

	memcpy(head + 4, &riff, 4);
	memcpy(head + 24, &rate, 4);
	memcpy(head + 28, &second, 4);
	head[32] = 2;
	head[34] = 16;
	memcpy(head + 36, "data", 4);
	memcpy(head + 40, &bytes, 4);
	if (!f || fwrite(head, 1, 44, f) != 44 ||
	    fwrite(heard, 2, heardc, f) != heardc || fclose(f))
		fail(path);
}


/* When a packet that is sent at this time arrives; < 0: never */
static double spoil(double at, size_t len)
{
	static bool losing;
	static double free_at;
	const double lot = draw(), late = draw();

	if (burst > 1)
		losing = losing ? lot >= 1 / burst :
			lot < loss / (burst * (1 - loss));
	else
		losing = lot < loss;
	if (losing)
		return -1;
	if (bitrate > 0) {
		if (free_at < at)
			free_at = at;
		if (free_at - at > 200)
			return -1;
		free_at += (double)(len + HEADERS) * 8e3 / bitrate;
		at = free_at;
	}

	return at + jitter * late;
}


static OpusEncoder *encoder(void)
{
	OpusEncoder *enc;
	int err = 0;

	enc = opus_encoder_create((opus_int32)rate, 1, OPUS_APPLICATION_VOIP,
				  &err);
	if (!enc)
		fail("no encoder");
	(void)opus_encoder_ctl(enc, OPUS_SET_BITRATE(24000));
	(void)opus_encoder_ctl(enc, OPUS_SET_INBAND_FEC(1));
	/* with more libopus gives too little to what is sent first */
	(void)opus_encoder_ctl(enc, OPUS_SET_PACKET_LOSS_PERC(10));
	(void)opus_encoder_ctl(enc, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	if (wide)
		(void)opus_encoder_ctl(enc, OPUS_SET_MAX_BANDWIDTH(
					       OPUS_BANDWIDTH_WIDEBAND));

	return enc;
}


/* RFC 2198: the two before it, and the newest */
static size_t make_red(uint8_t *out, const uint8_t *pcmu, size_t n)
{
	static uint8_t old[2][SIZE];
	static unsigned have;
	size_t len = 0;
	unsigned i;

	for (i = have; i > 0; i--) {
		const unsigned word = (unsigned)(n * i) << 10 | (unsigned)n;

		out[len++] = 0x80;
		out[len++] = (uint8_t)(word >> 16);
		out[len++] = (uint8_t)(word >> 8);
		out[len++] = (uint8_t)word;
	}
	out[len++] = 0;
	for (i = have; i > 0; i--, len += n)
		memcpy(out + len, old[i - 1], n);
	memcpy(out + len, pcmu, n);

	memcpy(old[1], old[0], n);
	memcpy(old[0], pcmu, n);
	have += have < 2;

	return len + n;
}


/* The next packet, when its time has come */
static void make_packet(OpusEncoder *enc, uint8_t pt)
{
	const size_t n = rate / 50, at = packetc * n;
	const uint32_t ts = htonl((uint32_t)at);
	struct packet *p = &packetv[packetc];
	size_t k;

	p->buf[0] = 0x80;
	p->buf[1] = pt;
	p->buf[2] = (uint8_t)(packetc >> 8);
	p->buf[3] = (uint8_t)packetc;
	memcpy(p->buf + 4, &ts, 4);
	memcpy(p->buf + 8, "seed", 4);
	p->len = 12 + n;
	if (opus) {
		const int len = opus_encode(enc, speech + at, (int)n,
					    p->buf + 12, SIZE - 12);

		if (len < 0)
			fail("encoder");
		p->len = 12 + (size_t)len;
	}
	else {
		uint8_t pcmu[SIZE];

		for (k = 0; k < n; k++)
			pcmu[k] = to_ulaw(speech[at + k]);
		if (redpt) {
			p->buf[1] = (uint8_t)redpt;
			p->len = 12 + make_red(p->buf + 12, pcmu, n);
		}
		else {
			memcpy(p->buf + 12, pcmu, n);
		}
	}
	p->due = spoil((double)packetc * 20, p->len);
	p->sent = p->due < 0;
	lost += p->sent;
	++packetc;
}


/* What arrives next; NULL: nothing is under way */
static struct packet *first_due(void)
{
	struct packet *best = NULL;
	unsigned i;

	for (i = packetc > WINDOW ? packetc - WINDOW : 0; i < packetc; i++) {
		if (!packetv[i].sent && (!best || packetv[i].due < best->due))
			best = &packetv[i];
	}

	return best;
}


/* What came back goes where its timestamp says, measured from the first
   packet of the other side that was not late itself */
static void take(const uint8_t *buf, size_t len, double at, OpusDecoder *dec)
{
	static bool have;
	static uint32_t ts0;
	static double base;
	int16_t pcm[5760];
	uint32_t ts;
	double when;
	long to;
	int n, i;

	if (len <= 12 || (buf[1] >= 192 && buf[1] <= 223))
		return;
	memcpy(&ts, buf + 4, 4);
	ts = ntohl(ts);
	if (!have) {
		have = true;
		ts0 = ts;
		base = at;
		first_at = at;
	}
	when = (double)(int32_t)(ts - ts0) * 1e3 / rate;
	if (at - when < base)
		base = at - when;

	if (opus) {
		n = opus_decode(dec, buf + 12, (opus_int32)len - 12, pcm,
				5760, 0);
	}
	else {
		n = (int)len - 12 < 5760 ? (int)len - 12 : 5760;
		for (i = 0; i < n; i++)
			pcm[i] = from_ulaw(buf[12 + i]);
	}
	to = lround((base + when) * rate / 1e3);
	for (i = 0; i < n; i++) {
		if (to + i >= 0 && (size_t)(to + i) < heardc)
			heard[to + i] = pcm[i];
	}
}


static unsigned run(int fd, const struct sockaddr_in *to, uint8_t pt)
{
	const unsigned all = (unsigned)(speechc / (rate / 50));
	const double end = (double)all * 20 + TAIL_MS;
	OpusEncoder *enc = opus ? encoder() : NULL;
	OpusDecoder *dec = NULL;
	const double begin = now_ms();
	unsigned back = 0;
	uint8_t buf[2048];
	int err = 0;

	if (opus)
		dec = opus_decoder_create((opus_int32)rate, 1, &err);

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		const double t = now_ms() - begin;
		double due = packetc < all ? (double)packetc * 20 : end;
		struct packet *out = first_due();
		ssize_t len;

		if (t >= end)
			break;
		if (packetc < all && t >= due) {
			make_packet(enc, pt);
			continue;
		}
		if (out && t >= out->due) {
			(void)sendto(fd, out->buf, out->len, 0,
				     (const struct sockaddr *)to,
				     sizeof(*to));
			out->sent = true;
			continue;
		}
		if (out && out->due < due)
			due = out->due;
		if (poll(&p, 1, (int)ceil(due - t)) <= 0)
			continue;
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len > 0) {
			take(buf, (size_t)len, now_ms() - begin, dec);
			++back;
		}
	}

	return back;
}


/* The frame of a packet, or its copy in one of the next two */
static const uint8_t *find_pcmu(unsigned i)
{
	const size_t n = rate / 50;
	unsigned k;

	for (k = i; k < packetc && k <= i + (redpt ? 2 : 0); k++) {
		if (packetv[k].due >= 0)
			return packetv[k].buf + packetv[k].len -
				(k - i + 1) * n;
	}

	return NULL;
}


static void perfect_pcmu(void)
{
	const size_t n = rate / 50;
	size_t k;
	unsigned i;

	for (i = 0; i < packetc; i++) {
		const uint8_t *u = find_pcmu(i);

		for (k = 0; u && k < n; k++)
			heard[i * n + k] = from_ulaw(u[k]);
	}
}


static void perfect_opus(void)
{
	const size_t n = rate / 50;
	OpusDecoder *dec;
	int err = 0, got = 0;
	unsigned i;

	dec = opus_decoder_create((opus_int32)rate, 1, &err);
	for (i = 0; dec && i < packetc; i++) {
		const struct packet *p = &packetv[i], *q = p + 1;
		int16_t *out = heard + i * n;

		if (p->due >= 0)
			got = opus_decode(dec, p->buf + 12,
					  (opus_int32)p->len - 12, out,
					  (int)n, 0);
		else if (i + 1 < packetc && q->due >= 0)
			got = opus_decode(dec, q->buf + 12,
					  (opus_int32)q->len - 12, out,
					  (int)n, 1);
		else
			got = opus_decode(dec, NULL, 0, out, (int)n, 0);
		if (got < 0)
			fail("decoder");
	}
}


/* No phone: what the next packets bring is always used, nothing is late */
static void perfect(void)
{
	OpusEncoder *enc = opus ? encoder() : NULL;

	while ((packetc + 1) * (rate / 50) <= speechc && packetc < PACKETS)
		make_packet(enc, 0);
	if (opus)
		perfect_opus();
	else
		perfect_pcmu();
}


/* What the arguments say, and the sound they name */
static void configure(int argc, char *argv[])
{
	int a;

	if (argc < 8)
		fail("FD HOST PORT pcmu|opus PT SPEECH OUT [key=value...]");
	opus = !strcmp(argv[4], "opus");
	for (a = 8; a < argc; a++) {
		const char *v = strchr(argv[a], '=');
		const double x = v ? strtod(v + 1, NULL) : 0;

		if (!strncmp(argv[a], "loss=", 5))
			loss = x / 100;
		else if (!strncmp(argv[a], "burst=", 6))
			burst = x;
		else if (!strncmp(argv[a], "jitter=", 7))
			jitter = x;
		else if (!strncmp(argv[a], "rate=", 5))
			bitrate = x;
		else if (!strncmp(argv[a], "wide=", 5))
			wide = (unsigned)x;
		else if (!strncmp(argv[a], "redpt=", 6))
			redpt = (unsigned)x;
		else if (!strncmp(argv[a], "seed=", 5))
			seed = (uint64_t)x * 0x9e3779b97f4a7c15ull + 1;
		else
			fail(argv[a]);
	}

	read_speech(argv[6]);
	if (rate != (opus ? 48000 : 8000))
		fail("the rate of the speech is not the codec's");
	heardc = speechc + rate;
	heard = calloc(heardc, 2);
}


int main(int argc, char *argv[])
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned back = 0;

	configure(argc, argv);
	if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		fail(argv[2]);
	to.sin_port = htons((uint16_t)strtol(argv[3], NULL, 10));
	if (strtol(argv[1], NULL, 10) < 0)
		perfect();
	else
		back = run((int)strtol(argv[1], NULL, 10), &to,
			   (uint8_t)strtol(argv[5], NULL, 10));
	write_heard(argv[7]);
	printf("sent %u lost %u back %u first %.1f\n", packetc, lost, back,
	       first_at);

	return 0;
}
