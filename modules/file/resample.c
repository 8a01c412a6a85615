/**
 * @file resample.c  From any sample rate to any other
 *
 * A windowed sinc, cut off below half of the lower rate, kept as a table of
 * phases: as many as the ratio needs, so that 8, 16, 44.1 and 48 kHz are
 * exact. Each sample is computed from the source directly, there is no
 * state to get out of step.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "resample.h"

enum {
	ZEROS      = 12,       /**< Zero crossings on each side         */
	PHASES_MAX = 1024      /**< Of the table; then nearest is taken */
};

struct resample {
	uint64_t num, den;     /**< Source position = pos * num / den   */
	size_t phases;
	int half;              /**< Taps on each side                   */
	float *table;          /**< phases x 2 * half                   */
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


static double sinc(double x)
{
	return fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x);
}


/* Hann window over the whole kernel */
static double tap(double x, double cut, double width)
{
	if (fabs(x) >= width)
		return 0;

	return cut * sinc(cut * x) * (0.5 + 0.5 * cos(M_PI * x / width));
}


static void table_fill(struct resample *rs, double cut)
{
	const double width = rs->half;
	size_t p;
	int i;

	for (p = 0; p < rs->phases; p++) {
		const double frac = (double)p / (double)rs->phases;
		float *row = rs->table + p * 2 * (size_t)rs->half;
		double sum = 0;

		for (i = 0; i < 2 * rs->half; i++) {
			const double x = i - rs->half + 1 - frac;

			row[i] = (float)tap(x, cut, width);
			sum += (double)row[i];
		}
		for (i = 0; i < 2 * rs->half; i++)
			row[i] = (float)((double)row[i] / sum);
	}
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
	rs->phases = rs->den < PHASES_MAX ? (size_t)rs->den : PHASES_MAX;
	rs->table = malloc(rs->phases * 2 * (size_t)rs->half *
			   sizeof(*rs->table));
	if (!rs->table) {
		free(rs);
		return NULL;
	}
	table_fill(rs, cut);

	return rs;
}


void resample_free(struct resample *rs)
{
	if (!rs)
		return;

	free(rs->table);
	free(rs);
}


static int16_t at(const int16_t *in, size_t inc, int64_t i)
{
	return i >= 0 && (uint64_t)i < inc ? in[i] : 0;
}


static int16_t clip(float v)
{
	if (v > 32767)
		return 32767;
	if (v < -32768)
		return -32768;

	return (int16_t)lrintf(v);
}


void resample_at(const struct resample *rs, int16_t *out, size_t n,
		 uint64_t pos, const int16_t *in, size_t inc)
{
	size_t k;
	int i;

	for (k = 0; k < n; k++) {
		const uint64_t x = (pos + k) * rs->num;
		const int64_t base = (int64_t)(x / rs->den);
		const uint64_t rem = x % rs->den;
		const int64_t first = base - rs->half + 1;
		const float *row;
		float sum = 0;

		if (!rs->table) {
			out[k] = at(in, inc, base);
			continue;
		}

		row = rs->table + (size_t)(rem * rs->phases / rs->den) * 2 *
			(size_t)rs->half;

		if (first >= 0 && (uint64_t)first + 2 * (uint64_t)rs->half <=
		    inc) {
			const int16_t *p = in + first;

			for (i = 0; i < 2 * rs->half; i++)
				sum += row[i] * p[i];
		}
		else {
			for (i = 0; i < 2 * rs->half; i++)
				sum += row[i] * at(in, inc, first + i);
		}
		out[k] = clip(sum);
	}
}
