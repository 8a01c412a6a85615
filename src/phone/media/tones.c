/**
 * @file tones.c  What ringing, busy and the like sound like
 *
 * Pure. A country is a row of four tones (ITU-T E.180, Supplement 2); how
 * the phone itself rings is the same everywhere, for it is no network that
 * says so. Tones are made sample by sample, with soft edges.
 */
#include <math.h>
#include <string.h>

#include "common/re_compat.h"

#include "tones.h"

enum { EDGE_MS = 5, NOTE_MS = 50, BUSY_MS = 4000, LEVEL = 10, RING = 25 };

#define BACK(...)    { __VA_ARGS__, LEVEL, false, 0 }
#define FAIL(...)    { __VA_ARGS__, LEVEL, false, BUSY_MS }

enum { RINGBACK, BUSY, CONGESTION, WAITING, COUNTRY_TONES };

static const struct country {
	char name[4];
	struct tone_shape tonev[COUNTRY_TONES];
} countries[] = {
	{ "eu", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 480, 480 }),
		  FAIL(425, 0, { 240, 240 }),
		  BACK(425, 0, { 200, 200, 200, 5000 }) } },
	{ "at", { BACK(420, 0, { 1000, 5000 }), FAIL(420, 0, { 400, 400 }),
		  FAIL(420, 0, { 200, 200 }), BACK(420, 0, { 40, 1950 }) } },
	{ "au", { BACK(413, 438, { 400, 200, 400, 2000 }),
		  FAIL(425, 0, { 375, 375 }), FAIL(425, 0, { 375, 375 }),
		  BACK(425, 0, { 200, 200, 200, 4400 }) } },
	{ "br", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 250, 250 }),
		  FAIL(425, 0, { 250, 250, 750, 250 }),
		  BACK(425, 0, { 50, 1000 }) } },
	{ "ch", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 500, 500 }),
		  FAIL(425, 0, { 200, 200 }),
		  BACK(425, 0, { 200, 200, 200, 4000 }) } },
	{ "cn", { BACK(450, 0, { 1000, 4000 }), FAIL(450, 0, { 350, 350 }),
		  FAIL(450, 0, { 700, 700 }), BACK(450, 0, { 400, 4000 }) } },
	{ "de", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 480, 480 }),
		  FAIL(425, 0, { 240, 240 }),
		  BACK(425, 0, { 200, 200, 200, 5000 }) } },
	{ "es", { BACK(425, 0, { 1500, 3000 }), FAIL(425, 0, { 200, 200 }),
		  FAIL(425, 0, { 200, 200, 200, 200, 200, 600 }),
		  BACK(425, 0, { 175, 175, 175, 3500 }) } },
	{ "fr", { BACK(440, 0, { 1500, 3500 }), FAIL(440, 0, { 500, 500 }),
		  FAIL(440, 0, { 250, 250 }), BACK(440, 0, { 300, 10000 }) } },
	{ "in", { BACK(400, 0, { 400, 200, 400, 2000 }),
		  FAIL(400, 0, { 750, 750 }), FAIL(400, 0, { 250, 250 }),
		  BACK(400, 0, { 200, 100, 200, 7500 }) } },
	{ "it", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 500, 500 }),
		  FAIL(425, 0, { 200, 200 }),
		  BACK(425, 0, { 400, 100, 250, 100, 150, 14000 }) } },
	{ "jp", { BACK(384, 416, { 1000, 2000 }), FAIL(400, 0, { 500, 500 }),
		  FAIL(400, 0, { 500, 500 }),
		  BACK(400, 0, { 500, 100, 50, 450, 50, 3000 }) } },
	{ "nl", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 500, 500 }),
		  FAIL(425, 0, { 250, 250 }), BACK(425, 0, { 500, 9500 }) } },
	{ "pl", { BACK(425, 0, { 1000, 4000 }), FAIL(425, 0, { 500, 500 }),
		  FAIL(425, 0, { 500, 500 }),
		  BACK(425, 0, { 150, 150, 150, 4000 }) } },
	{ "ru", { BACK(425, 0, { 800, 3200 }), FAIL(425, 0, { 400, 400 }),
		  FAIL(425, 0, { 200, 200 }), BACK(425, 0, { 200, 5000 }) } },
	{ "se", { BACK(425, 0, { 1000, 5000 }), FAIL(425, 0, { 250, 250 }),
		  FAIL(425, 0, { 250, 750 }),
		  BACK(425, 0, { 200, 500, 200, 4000 }) } },
	{ "uk", { BACK(400, 450, { 400, 200, 400, 2000 }),
		  FAIL(400, 0, { 375, 375 }),
		  FAIL(400, 0, { 400, 350, 225, 525 }),
		  BACK(400, 0, { 100, 3000 }) } },
	{ "us", { BACK(440, 480, { 2000, 4000 }),
		  FAIL(480, 620, { 500, 500 }), FAIL(480, 620, { 250, 250 }),
		  BACK(440, 0, { 300, 9700 }) } },
};

static const struct tone_shape none = { 0, 0, { 0 }, 0, false, 0 };
static const struct tone_shape ring = {
	750, 940, { 1600, 2400 }, RING, true, 0
};


const char *tone_countries(void)
{
	static char list[RE_ARRAY_SIZE(countries) * 4 + 1];
	size_t i, n = 0;

	for (i = 0; i < RE_ARRAY_SIZE(countries); i++) {
		const int len = re_snprintf(list + n, sizeof(list) - n,
					    "%s%s", n ? " " : "",
					    countries[i].name);

		if (len < 0)
			break;
		n += (size_t)len;
	}

	return list;
}


const struct tone_shape *tone_shape(const char *country, enum tone tone)
{
	const struct country *c = &countries[0];
	size_t i;

	for (i = 0; country && i < RE_ARRAY_SIZE(countries); i++) {
		if (!strcmp(countries[i].name, country))
			c = &countries[i];
	}

	switch (tone) {
	case TONE_RING:       return &ring;
	case TONE_RINGBACK:   return &c->tonev[RINGBACK];
	case TONE_BUSY:       return &c->tonev[BUSY];
	case TONE_CONGESTION: return &c->tonev[CONGESTION];
	case TONE_WAITING:    return &c->tonev[WAITING];
	default:              return &none;
	}
}


void tone_gen_init(struct tone_gen *g, const struct tone_shape *shape,
		   uint32_t srate)
{
	g->shape = shape;
	g->srate = srate;
	g->pos = 0;
}


/* Loudness at a sample of a step: soft edges make no click */
static double envelope(uint32_t at, uint32_t on, uint32_t edge)
{
	if (at < edge)
		return (double)at / edge;
	if (on - at < edge)
		return (double)(on - at) / edge;

	return 1;
}


/* Where in the cadence: how loud; *at is the sample within it */
static double loudness(const struct tone_gen *g, uint32_t *at)
{
	const struct tone_shape *sh = g->shape;
	const uint32_t ms = g->srate / 1000;
	uint32_t all = 0, pos;
	size_t i;

	for (i = 0; i < TONE_STEPS; i++)
		all += sh->stepv[i] * ms;

	pos = (uint32_t)(g->pos % all);
	*at = pos;
	for (i = 0; i < TONE_STEPS; i++) {
		const uint32_t n = sh->stepv[i] * ms;

		if (pos < n)
			return i % 2 ? 0 : envelope(pos, n, EDGE_MS * ms);
		pos -= n;
	}

	return 0;
}


static double wave(const struct tone_gen *g, uint32_t at)
{
	const struct tone_shape *sh = g->shape;
	const double t = 2 * M_PI * (double)g->pos / g->srate;
	const uint32_t ms = g->srate / 1000;

	if (sh->trill)
		return sin(t * (at / (NOTE_MS * ms) % 2 ? sh->f2 : sh->f1));

	return sin(t * sh->f1) + (sh->f2 ? sin(t * sh->f2) : 0);
}


bool tone_gen_fill(struct tone_gen *g, int16_t *sampv, size_t sampc)
{
	const struct tone_shape *sh = g->shape;
	const uint64_t end = sh->all_ms * (uint64_t)(g->srate / 1000);
	size_t i;

	for (i = 0; i < sampc; i++, g->pos++) {
		double loud = 0;
		uint32_t at = 0;

		if (sh->stepv[0] && !(end && g->pos >= end))
			loud = loudness(g, &at);
		sampv[i] = loud > 0 ? (int16_t)(327.67 * sh->level * loud *
						wave(g, at)) : 0;
	}

	return sh->stepv[0] && !(end && g->pos >= end);
}
