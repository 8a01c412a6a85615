/**
 * @file flood.c  How much one source may ask in a second (S-10)
 *
 * Tokens are thousandths, so that a bucket fills by rate x milliseconds
 * without a fraction. A source sits in one of the four seats that its
 * address leads to; nobody can drive out more than four others.
 */
#include <string.h>

#include "flood.h"

enum { UNIT = 1000, WAYS = 4, SETS = FLOOD_SOURCES / WAYS };

struct bucket {
	uint32_t tokens;
};

struct source {
	uint8_t addr[8];
	uint64_t seen;           /* 0: free */
	struct bucket v[FLOOD_KINDS];
};

struct flood {
	struct source v[FLOOD_SOURCES];
	struct bucket all;
	uint64_t all_seen;
	uint32_t salt;
};

static const struct {
	uint32_t rate, burst;
} limits[FLOOD_KINDS] = {
	[FLOOD_CALL] = { FLOOD_CALL_RATE, FLOOD_CALL_BURST },
	[FLOOD_ASK]  = { FLOOD_ASK_RATE, FLOOD_ASK_BURST },
};

int flood_alloc(struct flood **fp)
{
	struct flood *f;

	if (!fp)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), NULL);
	if (!f)
		return ENOMEM;

	f->salt = rand_u32();
	f->all.tokens = FLOOD_ALL_BURST * UNIT;
	*fp = f;

	return 0;
}

static void fill(struct bucket *b, uint32_t rate, uint32_t burst, uint64_t ms)
{
	const uint64_t max = (uint64_t)burst * UNIT;
	const uint64_t more = MIN(ms, (uint64_t)burst * UNIT) * rate;

	b->tokens = (uint32_t)MIN(b->tokens + more, max);
}

static bool take(struct bucket *b)
{
	if (b->tokens < UNIT)
		return false;

	b->tokens -= UNIT;

	return true;
}

static void key(uint8_t *addr, const struct sa *src)
{
	memset(addr, 0, 8);
	if (sa_af(src) == AF_INET6) {
		memcpy(addr, &src->u.in6.sin6_addr, 8);
	}
	else {
		const uint32_t in = sa_in(src);

		/* no IPv6 prefix begins with all ones like this */
		memset(addr, 0xff, 4);
		memcpy(addr + 4, &in, 4);
	}
}

static struct source *seat(struct flood *f, const uint8_t *addr, uint64_t now)
{
	uint32_t h = 2166136261u ^ f->salt;
	struct source *set, *old;
	size_t i;

	for (i = 0; i < 8; i++)
		h = (h ^ addr[i]) * 16777619u;

	set = &f->v[h % SETS * WAYS];
	for (i = 0, old = set; i < WAYS; i++) {
		if (set[i].seen && !memcmp(set[i].addr, addr, 8))
			return &set[i];
		if (set[i].seen < old->seen)
			old = &set[i];
	}

	memcpy(old->addr, addr, 8);
	old->seen = now;
	for (i = 0; i < FLOOD_KINDS; i++)
		old->v[i].tokens = limits[i].burst * UNIT;

	return old;
}

bool flood_take(struct flood *f, const struct sa *src, enum flood_kind kind,
		uint64_t now)
{
	struct source *s;
	uint8_t addr[8];
	size_t i;

	if (!f || !src || kind >= FLOOD_KINDS)
		return true;

	++now;                   /* 0 is a free seat */
	if (!f->all_seen)
		f->all_seen = now;
	fill(&f->all, FLOOD_ALL_RATE, FLOOD_ALL_BURST, now - f->all_seen);
	f->all_seen = now;

	key(addr, src);
	s = seat(f, addr, now);
	for (i = 0; i < FLOOD_KINDS; i++)
		fill(&s->v[i], limits[i].rate, limits[i].burst,
		     now - s->seen);
	s->seen = now;

	/* who is over his own limit costs the others nothing */
	return take(&s->v[kind]) && take(&f->all);
}

void flood_give_back(struct flood *f, const struct sa *src,
		     enum flood_kind kind, uint64_t now)
{
	struct source *s;
	uint8_t addr[8];

	if (!f || !src || kind >= FLOOD_KINDS)
		return;

	key(addr, src);
	s = seat(f, addr, now + 1);
	s->v[kind].tokens = MIN(s->v[kind].tokens + UNIT,
				limits[kind].burst * UNIT);
}
