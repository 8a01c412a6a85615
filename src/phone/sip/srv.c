/**
 * @file srv.c  The order of servers (RFC 2782), and who is not there
 *
 * The draw among records of one priority goes over what is left of them
 * again and again, as RFC 2782 wants it: those of weight 0 stand first, so
 * that they have a small chance too.
 */
#include <string.h>

#include "srv.h"

static void swap(struct srv_rec *a, struct srv_rec *b)
{
	struct srv_rec tmp = *a;

	*a = *b;
	*b = tmp;
}

static void move_front(struct srv_rec *recv, size_t i)
{
	for (; i > 0; i--)
		swap(&recv[i], &recv[i - 1]);
}

static bool before(const struct srv_rec *a, const struct srv_rec *b)
{
	if (a->pri != b->pri)
		return a->pri < b->pri;

	return !a->weight && b->weight;
}

static void draw(struct srv_rec *recv, size_t n, srv_random_h *randomh)
{
	uint32_t sum = 0, run = 0, pick;
	size_t i;

	for (i = 0; i < n; i++)
		sum += recv[i].weight;

	pick = randomh ? randomh(sum + 1) : 0;
	for (i = 0; i + 1 < n; i++) {
		run += recv[i].weight;
		if (run >= pick)
			break;
	}
	move_front(recv, i);
}

void srv_order(struct srv_rec *recv, size_t recc, srv_random_h *randomh)
{
	size_t i, k, end;

	if (!recv)
		return;

	for (i = 1; i < recc; i++) {
		for (k = i; k > 0 && before(&recv[k], &recv[k - 1]); k--)
			swap(&recv[k], &recv[k - 1]);
	}

	for (i = 0; i < recc; i++) {
		for (end = i; end < recc && recv[end].pri == recv[i].pri;)
			++end;
		draw(&recv[i], end - i, randomh);
	}
}

bool srv_hop_is(const struct srv_hop *a, const struct srv_hop *b)
{
	return a && b && a->tp == b->tp &&
		sa_cmp(&a->addr, &b->addr, SA_ALL);
}

void srv_dead_add(struct srv_dead *dead, const struct srv_hop *hop,
		  uint64_t now)
{
	if (!dead || !hop)
		return;

	srv_dead_remove(dead, hop);
	dead->v[dead->next].hop = *hop;
	dead->v[dead->next].until = now + SRV_DEAD_MS;
	dead->next = (dead->next + 1) % SRV_DEAD;
}

void srv_dead_remove(struct srv_dead *dead, const struct srv_hop *hop)
{
	size_t i;

	for (i = 0; dead && i < SRV_DEAD; i++) {
		if (srv_hop_is(&dead->v[i].hop, hop))
			dead->v[i].until = 0;
	}
}

bool srv_dead_is(const struct srv_dead *dead, const struct srv_hop *hop,
		 uint64_t now)
{
	size_t i;

	for (i = 0; dead && i < SRV_DEAD; i++) {
		if (dead->v[i].until > now &&
		    srv_hop_is(&dead->v[i].hop, hop))
			return true;
	}

	return false;
}

void srv_dead_last(const struct srv_dead *dead, struct srv_hop *hopv,
		   size_t hopc, uint64_t now)
{
	size_t i, k, sorted = 0;

	for (i = 0; i < hopc; i++) {
		struct srv_hop hop = hopv[i];

		if (srv_dead_is(dead, &hop, now))
			continue;
		for (k = i; k > sorted; k--)
			hopv[k] = hopv[k - 1];
		hopv[sorted++] = hop;
	}
}

void srv_first(struct srv_hop *hopv, size_t hopc, const struct srv_hop *hop)
{
	size_t i;

	for (i = 0; i < hopc; i++) {
		struct srv_hop tmp = hopv[i];

		if (!srv_hop_is(&tmp, hop))
			continue;
		for (; i > 0; i--)
			hopv[i] = hopv[i - 1];
		hopv[0] = tmp;
		return;
	}
}
