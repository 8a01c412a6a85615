/**
 * @file resample.c  From any sample rate to any other, for modules too
 *
 * A windowed sinc, cut off below half of the lower rate, kept as a table of
 * phases: as many as the ratio needs, so that 8, 16, 44.1 and 48 kHz are
 * exact. Each sample is computed from the source directly, there is no
 * state to get out of step.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include "module.h"

enum {
	ZEROS      = 12,       /**< Zero crossings on each side         */
	PHASES_MAX = 640,      /**< Of the table; then nearest is taken */
	ONE        = 1 << 14   /**< Sums of 16 bit sound stay in 32 bit */
};

struct resample {
	uint64_t num, den;     /**< Source position = pos * num / den   */
	size_t phases;
	int half;              /**< Taps on each side                   */
	int16_t *table;        /**< phases x 2 * half, in 1/ONE         */
};


static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		const uint32_t t = a % b;

		a = b;
		b = t;
	}

	return a;
}


/* A windowed sinc of one phase: Hann over the whole kernel. Sine and
   cosine go from tap to tap by rotation, which is ten times as fast as
   asking for each, and exact enough over a thousand of them */
static void row_fill(int16_t *row, double *v, int half, double cut,
		     double frac)
{
	const double x0 = 1 - half - frac;
	const double sa = sin(M_PI * cut), ca = cos(M_PI * cut);
	const double sb = sin(M_PI / half), cb = cos(M_PI / half);
	double s = sin(M_PI * cut * x0), c = cos(M_PI * cut * x0);
	double ws = sin(M_PI * x0 / half), wc = cos(M_PI * x0 / half);
	double sum = 0, t;
	int i;

	for (i = 0; i < 2 * half; i++) {
		const double x = x0 + i;

		t = fabs(x) < 1e-6 ? cut : s / (M_PI * x);
		v[i] = t * (0.5 + 0.5 * wc);
		sum += v[i];

		t = s * ca + c * sa;
		c = c * ca - s * sa;
		s = t;
		t = ws * cb + wc * sb;
		wc = wc * cb - ws * sb;
		ws = t;
	}

	for (i = 0; i < 2 * half; i++)
		row[i] = (int16_t)lrint(v[i] / sum * ONE);
}


static int table_fill(struct resample *rs, double cut)
{
	const size_t taps = 2 * (size_t)rs->half;
	double *v = malloc(taps * sizeof(*v));
	size_t p;

	if (!v)
		return ENOMEM;

	for (p = 0; p < rs->phases; p++)
		row_fill(rs->table + p * taps, v, rs->half, cut,
			 (double)p / (double)rs->phases);
	free(v);

	return 0;
}


struct resample *resample_new(uint32_t from, uint32_t to)
{
	struct resample *rs;
	uint32_t g;
	double cut;

	if (!from || !to)
		return NULL;

	rs = calloc(1, sizeof(*rs));
	if (!rs)
		return NULL;

	g = gcd(from, to);
	rs->num = from / g;
	rs->den = to / g;
	if (from == to)
		return rs;

	cut = to < from ? 0.94 * to / from : 0.94;
	rs->half = (int)ceil(ZEROS / cut);
	rs->half = (rs->half + 3) & ~3;     /* taps come in eights */
	rs->phases = rs->den < PHASES_MAX ? (size_t)rs->den : PHASES_MAX;
	rs->table = malloc(rs->phases * 2 * (size_t)rs->half *
			   sizeof(*rs->table));
	if (!rs->table || table_fill(rs, cut)) {
		resample_free(rs);
		return NULL;
	}

	return rs;
}


void resample_free(struct resample *rs)
{
	if (!rs)
		return;

	free(rs->table);
	free(rs);
}


size_t resample_reach(const struct resample *rs)
{
	return (size_t)rs->half;
}


static int16_t at(const int16_t *in, int64_t inc, int64_t i)
{
	return i >= 0 && i < inc ? in[i] : 0;
}


/* What of a plain copy is in the piece, silence around it */
static void copy(int16_t *out, size_t n, const int16_t *in, int64_t inc,
		 int64_t i)
{
	size_t k;

	if (i >= 0 && i + (int64_t)n <= inc) {
		memcpy(out, in + i, n * sizeof(*out));
		return;
	}

	for (k = 0; k < n; k++)
		out[k] = at(in, inc, i + (int64_t)k);
}


/* In eights, for which compilers know what the CPU has */
static int32_t convolve(const int16_t *row, const int16_t *p, int taps)
{
	int32_t sum = 0;
	int i, j;

	for (i = 0; i < taps; i += 8) {
		for (j = 0; j < 8; j++)
			sum += row[i + j] * p[i + j];
	}

	return sum;
}


/* The same at the ends of the sound */
static int32_t convolve_edge(const int16_t *row, const int16_t *in,
			     int64_t inc, int64_t first, int taps)
{
	int32_t sum = 0;
	int i;

	for (i = 0; i < taps; i++)
		sum += row[i] * at(in, inc, first + i);

	return sum;
}


static int16_t clip(int32_t sum)
{
	const int32_t v = (sum + ONE / 2) >> 14;

	return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}


void resample_span(const struct resample *rs, uint64_t pos, size_t n,
		   uint64_t *first, size_t *span)
{
	const uint64_t lo = pos * rs->num / rs->den;
	const uint64_t hi = (pos + n) * rs->num / rs->den +
		(uint64_t)rs->half + 1;

	*first = lo > (uint64_t)rs->half ? lo - (uint64_t)rs->half : 0;
	*span = (size_t)(hi - *first);
}


void resample_at(const struct resample *rs, int16_t *out, size_t n,
		 uint64_t pos, const int16_t *in, uint64_t first, size_t inc)
{
	const int taps = 2 * rs->half;
	const int64_t len = (int64_t)inc;
	const uint64_t step = rs->num / rs->den, part = rs->num % rs->den;
	uint64_t rem = pos * rs->num % rs->den;
	int64_t i = (int64_t)(pos * rs->num / rs->den) - (int64_t)first;
	size_t k;

	if (!rs->table) {
		copy(out, n, in, len, i);
		return;
	}

	i -= rs->half - 1;
	for (k = 0; k < n; k++) {
		const size_t phase = rs->phases == rs->den ? (size_t)rem :
			(size_t)(rem * rs->phases / rs->den);
		const int16_t *row = rs->table + phase * (size_t)taps;

		out[k] = clip(i >= 0 && i + taps <= len ?
			      convolve(row, in + i, taps) :
			      convolve_edge(row, in, len, i, taps));

		i += (int64_t)step;
		rem += part;
		if (rem >= rs->den) {
			rem -= rs->den;
			++i;
		}
	}
}
