/**
 * @file wavmatch.c  Is the speech of one WAV file heard in another?
 *
 * Usage: wavmatch [-t threshold] SPOKEN.wav HEARD.wav
 *
 * A size or a level says nothing about what a call carried. So both files
 * are brought to 8 kHz, cut into frames of 25 ms every 10 ms, and the log
 * energy of 12 bands between 200 and 3400 Hz is taken: the envelopes that
 * make speech speech, and that a telephone codec keeps. The score is the
 * normalised cross-correlation of the envelopes at the best shift; since a
 * jitter buffer may slip on the way, each second is also allowed a quarter
 * of a second of its own.
 *
 * Prints `score=0.93 delay=1.24 level=-2.1 ok`; exit 0 match, 1 none, 2 a
 * file that is no sound.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RATE  = 8000,
	WIN   = 200,    /* samples in a frame */
	HOP   = 80,     /* samples between frames */
	BINS  = 64,     /* frequencies looked at, 50 Hz apart from 200 Hz */
	BANDS = 12,
	FPS   = RATE / HOP,
	SLIP  = FPS / 4,
};

static const double pi = 3.14159265358979323846;

struct sound {
	float *v;
	size_t n;
};

/** Log band energies, BANDS values a frame */
struct env {
	float *v;
	long n;
	double level;   /**< Loudest band energy, log */
};

static void die(const char *file, const char *why)
{
	fprintf(stderr, "wavmatch: %s: %s\n", file, why);
	exit(2);
}

static void *need(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		die("memory", "none left");

	return p;
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint8_t *slurp(const char *file, size_t *lenp)
{
	FILE *f = fopen(file, "rb");
	uint8_t *d;
	long len;

	if (!f)
		die(file, "cannot be opened");
	(void)fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	if (len < 44)
		die(file, "too short");
	d = need((size_t)len, 1);
	*lenp = fread(d, 1, (size_t)len, f);
	(void)fclose(f);

	return d;
}

/** One sample of 16-bit PCM (1) or float (3) */
static float sample(const uint8_t *p, unsigned fmt)
{
	uint32_t u;
	float f;

	if (fmt == 1)
		return (float)(int16_t)le16(p) / 32768.0f;
	u = le32(p);
	memcpy(&f, &u, sizeof(f));

	return f;
}

/** Mono samples at the file's rate */
static struct sound load(const char *file, unsigned *rate)
{
	unsigned fmt = 0, ch = 0, bits = 0;
	struct sound s = {0};
	size_t len, pos = 12;
	uint8_t *d = slurp(file, &len);

	if (memcmp(d, "RIFF", 4) || memcmp(d + 8, "WAVE", 4))
		die(file, "no WAV file");

	while (pos + 8 <= len) {
		size_t size = le32(d + pos + 4), room = len - pos - 8;
		const uint8_t *p = d + pos + 8;

		/* a recorder that was killed leaves 0 or too much here */
		if (size > room || (!size && !memcmp(d + pos, "data", 4)))
			size = room;
		if (!memcmp(d + pos, "fmt ", 4) && size >= 16) {
			fmt = le16(p);
			ch = le16(p + 2);
			*rate = le32(p + 4);
			bits = le16(p + 14);
			if (fmt == 0xfffe && size >= 26)
				fmt = le16(p + 24);
		}
		else if (!memcmp(d + pos, "data", 4)) {
			size_t width = bits / 8, i, c;

			if (!ch || *rate < RATE ||
			    !((fmt == 1 && bits == 16) ||
			      (fmt == 3 && bits == 32)))
				die(file, "16-bit PCM or float is wanted");
			s.n = size / (width * ch);
			s.v = need(s.n, sizeof(*s.v));
			for (i = 0; i < s.n; i++)
				for (c = 0; c < ch; c++)
					s.v[i] += sample(p + (i * ch + c) *
							 width, fmt) / ch;
			break;
		}
		pos += 8 + size + (size & 1);
	}
	free(d);
	if (s.n < *rate / 2)
		die(file, "less than half a second of sound");

	return s;
}

/** To 8 kHz through a windowed sinc that keeps what is below 3.6 kHz */
static struct sound narrow(const char *file)
{
	unsigned rate = 0;
	struct sound in = load(file, &rate);
	double cut = 2.0 * 3600 / rate, ratio = (double)rate / RATE;
	long half = (long)(16 * ratio), k;
	struct sound out = {0};
	size_t i;

	out.n = (size_t)(in.n / ratio);
	out.v = need(out.n, sizeof(*out.v));
	for (i = 0; i < out.n; i++) {
		double at = i * ratio, sum = 0;
		long mid = (long)at;

		for (k = mid - half + 1; k <= mid + half; k++) {
			double x = k - at, w;

			if (k < 0 || k >= (long)in.n)
				continue;
			w = cut * (0.5 + 0.5 * cos(pi * x / (half + 1)));
			if (fabs(x) > 1e-9)
				w *= sin(pi * cut * x) / (pi * cut * x);
			sum += w * in.v[k];
		}
		out.v[i] = (float)sum;
	}
	free(in.v);

	return out;
}

static struct env envelope(struct sound s)
{
	static float co[BINS][WIN], si[BINS][WIN];
	struct env e = {0};
	double floor_ = 0;
	long i;
	int b, t;

	for (b = 0; b < BINS; b++) {
		for (t = 0; t < WIN; t++) {
			double w = 0.5 - 0.5 * cos(2 * pi * t / WIN);
			double a = 2 * pi * (200 + 50 * b) * t / RATE;

			co[b][t] = (float)(w * cos(a));
			si[b][t] = (float)(w * sin(a));
		}
	}

	e.n = s.n < WIN ? 0 : (long)((s.n - WIN) / HOP + 1);
	e.v = need((size_t)e.n * BANDS, sizeof(*e.v));
	for (i = 0; i < e.n; i++) {
		const float *x = s.v + i * HOP;

		for (b = 0; b < BINS; b++) {
			float re = 0, im = 0;
			/* bands are as wide as they are high: log scale */
			int band = (int)(BANDS * log((200 + 50 * b) / 195.0) /
					 log(3400 / 195.0));

			for (t = 0; t < WIN; t++) {
				re += x[t] * co[b][t];
				im += x[t] * si[b][t];
			}
			if (band >= BANDS)
				band = BANDS - 1;
			e.v[i * BANDS + band] += re * re + im * im;
		}
		for (b = 0; b < BANDS; b++)
			floor_ = fmax(floor_, e.v[i * BANDS + b]);
	}

	/* whatever is 40 dB under the loudest is silence */
	e.level = 10 * log10(floor_ + 1e-12);
	floor_ = floor_ * 1e-4 + 1e-9;
	for (i = 0; i < e.n * BANDS; i++)
		e.v[i] = (float)log(e.v[i] + floor_);
	free(s.v);

	return e;
}

/**
 * Normalised cross-correlation of a[from..to) with b shifted by lag
 *
 * @return -1..1; 0 where too little overlaps or one side has no shape
 */
static double correlate(const struct env *a, const struct env *b, long from,
			long to, long lag, double overlap)
{
	double ab = 0, aa = 0, bb = 0;
	long want = to - from, n, i;
	int k;

	if (from + lag < 0)
		from = -lag;
	if (to + lag > b->n)
		to = b->n - lag;
	n = to - from;
	if (n < overlap * want || n < FPS / 4)
		return 0;

	for (k = 0; k < BANDS; k++) {
		double sa = 0, sb = 0, xab = 0, xaa = 0, xbb = 0;

		for (i = from; i < to; i++) {
			double p = a->v[i * BANDS + k];
			double q = b->v[(i + lag) * BANDS + k];

			sa += p;
			sb += q;
			xab += p * q;
			xaa += p * p;
			xbb += q * q;
		}
		ab += xab - sa * sb / n;
		aa += xaa - sa * sa / n;
		bb += xbb - sb * sb / n;
	}

	/* silence and steady tones hardly move: nothing to compare */
	if (aa < 0.05 * n * BANDS || bb < 0.05 * n * BANDS)
		return 0;

	return ab / sqrt(aa * bb);
}

static double search(const struct env *a, const struct env *b, long from,
		     long to, long lo, long hi, double overlap, long *at)
{
	double best = 0;
	long lag;

	*at = lo;
	for (lag = lo; lag <= hi; lag++) {
		double r = correlate(a, b, from, to, lag, overlap);

		if (r > best) {
			best = r;
			*at = lag;
		}
	}

	return best;
}

int main(int argc, char *argv[])
{
	double threshold = 0.7, whole, parts = 0;
	struct env a, b;
	long at, own, n, k;
	int i = 1;

	if (argc > 3 && !strcmp(argv[1], "-t")) {
		threshold = strtod(argv[2], NULL);
		i = 3;
	}
	if (argc - i != 2) {
		fputs("usage: wavmatch [-t threshold] SPOKEN HEARD\n", stderr);
		return 2;
	}

	a = envelope(narrow(argv[i]));
	b = envelope(narrow(argv[i + 1]));

	whole = search(&a, &b, 0, a.n, -a.n / 2, b.n, 0.6, &at);
	n = a.n / FPS;
	for (k = 0; k < n; k++)
		parts += search(&a, &b, a.n * k / n, a.n * (k + 1) / n,
				at - SLIP, at + SLIP, 0.8, &own) / n;
	if (parts > whole)
		whole = parts;

	printf("score=%.2f delay=%.2f level=%.1f %s\n", whole,
	       (double)at / FPS, b.level - a.level,
	       whole >= threshold ? "ok" : "no match");

	return whole < threshold;
}
