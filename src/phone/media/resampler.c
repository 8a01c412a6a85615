/**
 * @file resampler.c  A stream of sound at another rate, block by block
 *
 * Blocks are 20 ms at both rates, so that each begins at the same phase of
 * the filter. What the filter reaches back for stays in front of the next
 * block; what it would need of the future makes the delay: some samples.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "phone/module/module.h"

#include "channels.h"
#include "resampler.h"

enum { RATE_MAX = 48000, BLOCKS = 50, OUT_MAX = RATE_MAX / BLOCKS };

struct resampler {
	struct resample *rs;
	unsigned channels;
	size_t inc, outc;        /**< Of a block of one channel            */
	size_t hist;             /**< Samples kept of the block before     */
	uint64_t pos;            /**< Where each block begins, as if it
				      were somewhere in a long sound       */
	uint64_t first;          /**< What buf[0] is, in that long sound   */
	int16_t *buf;            /**< One channel behind the other         */
};


static void destructor(void *arg)
{
	struct resampler *r = arg;

	resample_free(r->rs);
	mem_deref(r->buf);
}


int resampler_alloc(struct resampler **rsp, uint32_t from, uint32_t to,
		    unsigned channels)
{
	struct resampler *r;
	size_t reach;

	if (!rsp || !from || !to || from % BLOCKS || to % BLOCKS ||
	    from > RATE_MAX || to > RATE_MAX || !channels ||
	    channels > CHANNELS_MAX)
		return EINVAL;

	if (from == to) {
		*rsp = NULL;
		return 0;
	}

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	r->channels = channels;
	r->inc = from / BLOCKS;
	r->outc = to / BLOCKS;
	r->rs = resample_new(from, to);
	if (!r->rs)
		goto nomem;

	reach = resample_reach(r->rs);
	r->hist = 2 * reach;
	r->buf = mem_zalloc(channels * (r->hist + r->inc) * sizeof(*r->buf),
			    NULL);
	if (!r->buf)
		goto nomem;

	/* buf[reach] is where a block begins: half the filter before it,
	   half of it behind */
	r->pos = r->outc * (1 + reach / r->inc);
	r->first = r->inc * (1 + reach / r->inc) - reach;

	*rsp = r;

	return 0;

 nomem:
	mem_deref(r);
	return ENOMEM;
}


/* 20 ms of one channel that are behind what is kept of it */
static void convert(const struct resampler *r, int16_t *buf, int16_t *out)
{
	resample_at(r->rs, out, r->outc, r->pos, buf, r->first,
		    r->hist + r->inc);
	memmove(buf, buf + r->inc, r->hist * sizeof(*buf));
}


static void convert_two(const struct resampler *r, int16_t *out,
			const int16_t *in)
{
	int16_t one[OUT_MAX];
	unsigned ch;
	size_t i;

	for (ch = 0; ch < r->channels; ch++) {
		int16_t *buf = r->buf + ch * (r->hist + r->inc);

		for (i = 0; i < r->inc; i++)
			buf[r->hist + i] = in[i * r->channels + ch];
		convert(r, buf, one);
		for (i = 0; i < r->outc; i++)
			out[i * r->channels + ch] = one[i];
	}
}


void resampler_block(struct resampler *r, int16_t *out, size_t outc,
		     const int16_t *in, size_t inc)
{
	if (!r) {
		const size_t n = inc < outc ? inc : outc;

		memmove(out, in, n * sizeof(*out));
		memset(out + n, 0, (outc - n) * sizeof(*out));
		return;
	}

	if (inc != r->inc * r->channels || outc != r->outc * r->channels) {
		memset(out, 0, outc * sizeof(*out));
	}
	else if (r->channels > 1) {
		convert_two(r, out, in);
	}
	else {
		memcpy(r->buf + r->hist, in, inc * sizeof(*in));
		convert(r, r->buf, out);
	}
}
