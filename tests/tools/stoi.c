/**
 * @file stoi.c  How much of some speech can be understood, and how late
 *
 * Usage: stoi SPOKEN HEARD [skip seconds]
 *
 * Both WAV, mono, 16 bit, on one scale of time. Short-time objective
 * intelligibility (Taal et al. 2011) at 10 kHz: frames of 25.6 ms, 15
 * third-octave bands from 150 Hz, segments of 30 frames, each scaled,
 * clipped and correlated. A playout buffer moves speech about, so before
 * that a path of delays is laid through the recording, one for each 128 ms:
 * the likeness of spectra along it is as great as can be, each move costs.
 *
 * Prints stoi=0.951 delay=62 spread=20 gaps=120: the median delay and its
 * 5 to 95 % spread in ms, and ms of loud speech with nothing there.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FS = 10000, WIN = 256, HOP = 128, FINE = 16, FFT = 512, BANDS = 15,
	SEGMENT = 30, BLOCK = 10,
	STEP = 4,                       /* of the path, fine frames   */
	LAG_LO = -16, LAG_HI = 220,     /* of 3.2 ms: -51 to 704 ms */
	LAGS = LAG_HI - LAG_LO + 1
};

struct bank {
	long n;
	double (*e)[BANDS];      /* energy           */
	double (*l)[BANDS];      /* log, mean free   */
};


static void fail(const char *what)
{
	fprintf(stderr, "stoi: %s\n", what);
	exit(2);
}


static double *read_wav(const char *path, long *np)
{
	uint8_t head[44];
	FILE *f = fopen(path, "rb");
	uint32_t rate;
	int16_t *s;
	double *x;
	long n, m, i, k;

	if (!f || fread(head, 1, 44, f) != 44 || memcmp(head, "RIFF", 4))
		fail(path);
	memcpy(&rate, head + 24, 4);
	(void)fseek(f, 0, SEEK_END);
	n = (ftell(f) - 44) / 2;
	(void)fseek(f, 44, SEEK_SET);
	s = calloc((size_t)n + 1, sizeof(*s));
	if (!s || fread(s, 2, (size_t)n, f) != (size_t)n || n < 8000)
		fail(path);
	(void)fclose(f);

	/* windowed sinc to 10 kHz */
	m = (long)((double)n * FS / rate);
	x = calloc((size_t)m + 1, sizeof(*x));
	for (i = 0; x && i < m; i++) {
		const double at = (double)i * rate / FS;
		const double cut = rate > FS ? 0.94 * FS / rate : 0.98;
		const long half = (long)(14 / cut);

		for (k = (long)at - half; k <= (long)at + half; k++) {
			const double t = at - (double)k;
			const double w = 0.5 + 0.5 * cos(M_PI * t /
							 ((double)half + 1));

			if (k >= 0 && k < n)
				x[i] += s[k] * w * cut *
					(fabs(t) < 1e-9 ? 1 :
					 sin(M_PI * cut * t) /
					 (M_PI * cut * t));
		}
	}
	free(s);
	*np = m;

	return x;
}


static void fft(double *re, double *im)
{
	int i, j = 0, len, k;

	for (i = 1; i < FFT; i++) {
		int bit = FFT >> 1;

		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			const double t = re[i];

			re[i] = re[j];
			re[j] = t;
		}
	}
	for (len = 2; len <= FFT; len *= 2) {
		for (i = 0; i < FFT; i += len) {
			for (k = 0; k < len / 2; k++) {
				const double a = -2 * M_PI * k / len;
				const double c = cos(a), s = sin(a);
				const int p = i + k, q = p + len / 2;
				const double xr = re[q] * c - im[q] * s;
				const double xi = re[q] * s + im[q] * c;

				re[q] = re[p] - xr;
				im[q] = im[p] - xi;
				re[p] += xr;
				im[p] += xi;
			}
		}
	}
}


static struct bank analyse(const double *x, long n, long hop)
{
	struct bank b;
	long m, i;
	int k;

	b.n = n > WIN ? (n - WIN) / hop + 1 : 0;
	b.e = calloc((size_t)b.n + 1, sizeof(*b.e));
	b.l = calloc((size_t)b.n + 1, sizeof(*b.l));
	for (m = 0; b.e && b.l && m < b.n; m++) {
		double re[FFT] = {0}, im[FFT] = {0}, mean = 0;

		for (i = 0; i < WIN; i++)
			re[i] = x[m * hop + i] *
				(0.5 - 0.5 * cos(2 * M_PI * ((double)i + 1) /
						 (WIN + 1)));
		fft(re, im);
		for (k = 0; k < BANDS; k++) {
			const double mid = 150 * pow(2, k / 3.0);
			const int lo = (int)lround(mid * pow(2, -1 / 6.0) *
						   FFT / FS);
			const int hi = (int)lround(mid * pow(2, 1 / 6.0) *
						   FFT / FS);

			for (i = lo; i < hi; i++)
				b.e[m][k] += re[i] * re[i] + im[i] * im[i];
			b.l[m][k] = log(b.e[m][k] + 1e6);
			mean += b.l[m][k] / BANDS;
		}
		for (k = 0; k < BANDS; k++)
			b.l[m][k] = (b.l[m][k] - mean) + 0.3 * mean;
	}

	return b;
}


/* Correlation of the pictures of so many frames; h counts fine frames */
static double alike(const struct bank *r, const struct bank *h, long rm,
		    long hm, int frames)
{
	double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0, cov, n = 0;
	int i, k;

	for (i = 0; i < frames; i++) {
		const long a = rm + i, b = hm + i * FINE;

		if (a < 0 || a >= r->n || b < 0 || b >= h->n)
			continue;
		for (k = 0; k < BANDS; k++) {
			const double x = r->l[a][k], y = h->l[b][k];

			sx += x;
			sy += y;
			xx += x * x;
			yy += y * y;
			xy += x * y;
			n += 1;
		}
	}
	if (n < 1)
		return 0;
	cov = xy - sx * sy / n;
	xx -= sx * sx / n;
	yy -= sy * sy / n;

	return cov > 0 && xx > 1e-9 && yy > 1e-9 ? cov / sqrt(xx * yy) : 0;
}


/* Viterbi: a delay for each block */
static void lay_path(const struct bank *r, const struct bank *h,
		     const double *weight, long blocks, short *path)
{
	double score[LAGS] = {0}, next[LAGS];
	short(*from)[LAGS] = calloc((size_t)blocks, sizeof(*from));
	long b, at = 0;
	int i, j;

	for (b = 0; from && b < blocks; b++) {
		const long m = b * BLOCK + BLOCK / 2 - SEGMENT / 2;

		for (i = 0; i < LAGS; i++) {
			double top = -1e9;

			for (j = i - 60 < 0 ? 0 : i - 60;
			     j <= i + 60 && j < LAGS; j++) {
				const double cost = fmin(0.01 * abs(i - j),
							 0.5);

				if (score[j] - cost > top) {
					top = score[j] - cost;
					from[b][i] = (short)j;
				}
			}
			next[i] = top + (weight[b] > 0 ? weight[b] * alike(
				r, h, m, m * FINE + (LAG_LO + i) * STEP,
				SEGMENT) : 0);
		}
		memcpy(score, next, sizeof(score));
	}
	for (i = 1; i < LAGS; i++)
		at = score[i] > score[at] ? i : at;
	for (b = blocks - 1; b >= 0; b--) {
		path[b] = (short)((at + LAG_LO) * STEP);
		at = from ? from[b][at] : at;
	}
	free(from);
}


/* The best place between two steps, for each block */
static void refine(const struct bank *r, const struct bank *h, long blocks,
		   short *path)
{
	long b;
	int d;

	for (b = 0; b < blocks; b++) {
		const long m = b * BLOCK + BLOCK / 2 - SEGMENT / 2;
		const short at = path[b];
		double best = -1;

		for (d = 1 - STEP; d < STEP; d++) {
			const double a = alike(r, h, m, m * FINE + at + d,
					       SEGMENT);

			if (a > best) {
				best = a;
				path[b] = (short)(at + d);
			}
		}
	}
}


/* Taal's d for one segment */
static double segment(double (*x)[BANDS], double (*y)[BANDS])
{
	const double clip = 1 + pow(10, 15 / 20.0);
	double sum = 0;
	int i, k;

	for (k = 0; k < BANDS; k++) {
		double ex = 0, ey = 0, mx = 0, my = 0, c[SEGMENT], cov = 0,
			vx = 0, vy = 0;

		for (i = 0; i < SEGMENT; i++) {
			ex += x[i][k] * x[i][k];
			ey += y[i][k] * y[i][k];
		}
		for (i = 0; i < SEGMENT; i++) {
			c[i] = ey > 0 ? fmin(y[i][k] * sqrt(ex / ey),
					     x[i][k] * clip) : 0;
			mx += x[i][k] / SEGMENT;
			my += c[i] / SEGMENT;
		}
		for (i = 0; i < SEGMENT; i++) {
			cov += (x[i][k] - mx) * (c[i] - my);
			vx += (x[i][k] - mx) * (x[i][k] - mx);
			vy += (c[i] - my) * (c[i] - my);
		}
		if (vx > 0 && vy > 0)
			sum += cov / sqrt(vx * vy) / BANDS;
	}

	return sum;
}


static int by_size(const void *a, const void *b)
{
	const double d = *(const double *)a - *(const double *)b;

	return (d > 0) - (d < 0);
}


int main(int argc, char *argv[])
{
	double *x, *y, *lag, *level, *weight, top = 0, stoi = 0;
	double(*p)[BANDS], (*q)[BANDS];
	long nx, ny, m, blocks, c = 0, loud = 0, gone = 0, i, skip;
	struct bank r, h;
	short *path;
	int k;

	if (argc < 3)
		fail("SPOKEN HEARD [skip seconds]");
	x = read_wav(argv[1], &nx);
	y = read_wav(argv[2], &ny);
	skip = argc > 3 ? (long)(strtod(argv[3], NULL) * FS / HOP) : 0;
	r = analyse(x, nx, HOP);
	h = analyse(y, ny, HOP / FINE);

	blocks = (r.n + BLOCK - 1) / BLOCK;
	level = calloc((size_t)r.n + 1, sizeof(*level));
	weight = calloc((size_t)blocks + 1, sizeof(*weight));
	path = calloc((size_t)blocks + 1, sizeof(*path));
	p = calloc((size_t)r.n + 1, sizeof(*p));
	q = calloc((size_t)r.n + 1, sizeof(*q));
	lag = calloc((size_t)r.n + 1, sizeof(*lag));
	if (!level || !weight || !path || !p || !q || !lag)
		fail("memory");

	for (m = 0; m < r.n; m++) {
		for (k = 0; k < BANDS; k++)
			level[m] += r.e[m][k];
		top = fmax(top, level[m]);
	}
	for (m = 0; m < r.n; m++)
		weight[m / BLOCK] += level[m] > top * 1e-3 ? 1.0 / BLOCK : 0;
	lay_path(&r, &h, weight, blocks, path);
	refine(&r, &h, blocks, path);

	/* what is 40 dB below the loudest is silence and taken out */
	for (m = skip; m < r.n; m++) {
		const long to = m * FINE + path[m / BLOCK];
		double there = 0;

		if (level[m] <= top * 1e-4)
			continue;
		for (k = 0; k < BANDS; k++) {
			const double e = to >= 0 && to < h.n ? h.e[to][k] : 0;

			p[c][k] = sqrt(r.e[m][k]);
			q[c][k] = sqrt(e);
			there += e;
		}
		++c;
		if (level[m] > top * 1e-3) {
			lag[loud++] = path[m / BLOCK] * HOP * 1e3 / FINE / FS;
			gone += there < level[m] / 30;
		}
	}
	if (c < SEGMENT || !loud)
		fail("no speech");
	for (i = 0; i + SEGMENT <= c; i++)
		stoi += segment(p + i, q + i) / (double)(c - SEGMENT + 1);
	qsort(lag, (size_t)loud, sizeof(*lag), by_size);
	printf("stoi=%.3f delay=%.0f spread=%.0f gaps=%.0f\n", stoi,
	       lag[loud / 2], lag[loud * 95 / 100] - lag[loud * 5 / 100],
	       (double)gone * HOP * 1e3 / FS);

	return 0;
}
