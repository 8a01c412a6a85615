/**
 * @file frames.c  Which 20 ms of a sound came through, and how late
 *
 * Usage: frames make RATE SECONDS OUT.wav
 *        frames SENT.wav HEARD.wav [SKIP seconds]
 *
 * Each 20 ms of what is sent are a tone that none of the sixteen frames
 * around has. A frame came through if its own tone is the loudest thing
 * where it should be, within 60 ms of where the ones before were: what a
 * concealment makes up from its neighbours does not count. Both files begin
 * at the same moment. Prints the share and the delay.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TONES = 17, LEAST_HZ = 400, STEP_HZ = 120, FIRST_MS = 300,
       AROUND_MS = 60, HEAD = 44 };

/** Of the energy where a frame is heard */
#define LEAST_SHARE 0.2

struct wav {
	int16_t *v;
	size_t n;
	uint32_t rate;
};


static void fail(const char *what)
{
	fprintf(stderr, "frames: %s\n", what);
	exit(1);
}


static double tone_of(size_t frame)
{
	return LEAST_HZ + STEP_HZ * (double)(frame * 7 % TONES);
}


static void make(uint32_t rate, unsigned seconds, const char *path)
{
	const size_t n = (size_t)rate * seconds, frame = rate / 50;
	const uint32_t bytes = (uint32_t)n * 2, riff = bytes + HEAD - 8;
	const uint32_t second = rate * 2;
	uint8_t head[HEAD] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0";
	FILE *f = fopen(path, "wb");
	double phase = 0;
	size_t i;

	memcpy(head + 4, &riff, 4);
	memcpy(head + 24, &rate, 4);
	memcpy(head + 28, &second, 4);
	head[32] = 2;
	head[34] = 16;
	memcpy(head + 36, "data", 4);
	memcpy(head + 40, &bytes, 4);
	if (!f || fwrite(head, 1, HEAD, f) != HEAD)
		fail(path);

	for (i = 0; i < n; i++) {
		const int16_t s = (int16_t)(9000 * sin(phase));

		phase += 2 * M_PI * tone_of(i / frame) / rate;
		if (fwrite(&s, 2, 1, f) != 1)
			fail(path);
	}
	if (fclose(f))
		fail(path);
}


static void load(struct wav *w, const char *path)
{
	uint8_t head[HEAD];
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fread(head, 1, HEAD, f) != HEAD || memcmp(head, "RIFF", 4) ||
	    head[22] != 1 || head[34] != 16)
		fail(path);
	memcpy(&w->rate, head + 24, 4);
	(void)fseek(f, 0, SEEK_END);
	size = ftell(f) - HEAD;
	(void)fseek(f, HEAD, SEEK_SET);
	w->n = size > 0 ? (size_t)size / 2 : 0;
	w->v = calloc(w->n + 1, 2);
	if (!w->v)
		fail("no memory");
	w->n = fread(w->v, 2, w->n, f);
	(void)fclose(f);
}


/* Share of a tone in 15 ms of sound, 0 to 1 */
static double share(const struct wav *w, double ms, double hz)
{
	const long from = lround((ms + 2.5) * w->rate / 1000);
	const long n = (long)w->rate * 15 / 1000;
	double re = 0, im = 0, all = 1;
	long i;

	if (from < 0 || from + n > (long)w->n)
		return 0;

	for (i = 0; i < n; i++) {
		const double s = w->v[from + i];
		const double a = 2 * M_PI * hz * (double)i / w->rate;

		re += s * cos(a);
		im += s * sin(a);
		all += s * s;
	}

	return all < 1e4 * (double)n ? 0 :
		2 * (re * re + im * im) / ((double)n * all);
}


/* Is the tone of this frame the loudest of all of them there? */
static bool is_loudest(const struct wav *w, double ms, size_t frame,
		       double own)
{
	size_t k;

	for (k = 1; k < TONES; k++) {
		if (share(w, ms, tone_of(frame + k)) > own)
			return false;
	}

	return own > LEAST_SHARE;
}


/* The best place of a frame: where its tone is loudest; is it there? */
static bool find(const struct wav *w, size_t frame, double from, double to,
		 double *delay)
{
	double best = 0, d;

	for (d = from; d <= to; d += 2.5) {
		const double s = share(w, (double)frame * 20 + d,
				       tone_of(frame));

		if (s > best) {
			best = s;
			*delay = d;
		}
	}

	return is_loudest(w, (double)frame * 20 + *delay, frame, best);
}


/* Where the first frames are: the delay at which most of them sound */
static double first_delay(const struct wav *w, size_t skip)
{
	double best = -1, at = 0, d;
	size_t k;

	for (d = -40; d < FIRST_MS; d += 2.5) {
		double sum = 0;

		for (k = skip; k < skip + 25; k++)
			sum += share(w, (double)k * 20 + d, tone_of(k));
		if (sum > best) {
			best = sum;
			at = d;
		}
	}

	return at;
}


static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}


int main(int argc, char *argv[])
{
	struct wav sent, heard;
	double *delays, at, d;
	size_t k, skip, all, back = 0;

	if (argc == 5 && !strcmp(argv[1], "make")) {
		make((uint32_t)strtoul(argv[2], NULL, 10),
		     (unsigned)strtoul(argv[3], NULL, 10), argv[4]);
		return 0;
	}
	if (argc < 3)
		fail("SENT HEARD [SKIP] or make RATE SECONDS OUT");

	load(&sent, argv[1]);
	load(&heard, argv[2]);
	skip = argc > 3 ? strtoul(argv[3], NULL, 10) * 50 : 0;
	all = sent.n / (sent.rate / 50);
	delays = calloc(all + 1, sizeof(*delays));
	if (!delays || !heard.rate || skip >= all)
		fail("too short");

	at = first_delay(&heard, skip);
	for (k = skip; k < all; k++) {
		d = at;
		if (!find(&heard, k, at - AROUND_MS, at + AROUND_MS, &d))
			continue;
		delays[back++] = d;
		at += (d - at) * 0.2;
	}
	qsort(delays, back, sizeof(*delays), compare);
	printf("back=%.1f delay=%.0f p95=%.0f\n",
	       100 * (double)back / (double)(all - skip),
	       back ? delays[back / 2] : -1,
	       back ? delays[back * 95 / 100] : -1);
	free(delays);
	free(sent.v);
	free(heard.v);

	return 0;
}
