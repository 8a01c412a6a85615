/**
 * @file loop.c  Sends back what it hears: source and sink "loop,"
 *
 * Config:   audio.source and audio.sink both "loop,"
 * Requires: nothing
 *
 * A source and a sink with the same handler argument belong to the same
 * stream; they share a short queue. The sink is written before the source
 * is read in each tick, so nothing waits there. If only one of the two is
 * a loop it is silence or nothing. It has one channel.
 */
#include <errno.h>
#include <string.h>

#include <re.h>

#include "module.h"

enum { BLOCKS = 3 };         /**< Held if the other end stands still */

struct pair {
	struct le le;
	const void *arg;
	uint32_t srate;
	size_t size;         /**< Samples there is room for */
	size_t n;            /**< Samples held              */
	int16_t *sampv;
};

struct audio_dev {
	struct pair *pair;
};

static struct list pairs = LIST_INIT;


static void pair_destructor(void *arg)
{
	struct pair *p = arg;

	list_unlink(&p->le);
	mem_deref(p->sampv);
}


static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	mem_deref(dev->pair);
}


static struct pair *pair_find(const void *arg)
{
	struct le *le;

	LIST_FOREACH(&pairs, le) {
		struct pair *p = le->data;

		if (p->arg == arg)
			return p;
	}

	return NULL;
}


static struct pair *pair_get(const struct audio_param *prm, const void *arg)
{
	struct pair *p = pair_find(arg);

	if (p)
		return p->srate == prm->srate ? mem_ref(p) : NULL;

	p = mem_zalloc(sizeof(*p), pair_destructor);
	if (!p)
		return NULL;

	p->arg = arg;
	p->srate = prm->srate;
	p->size = (size_t)prm->srate * prm->ptime / 1000 * BLOCKS;
	p->sampv = mem_zalloc(p->size * sizeof(*p->sampv), NULL);
	if (!p->sampv)
		return mem_deref(p);

	list_append(&pairs, &p->le, p);

	return p;
}


static int loop_open(struct audio_dev **devp, const struct audio_param *prm,
		     const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	(void)device;

	if (prm->channels != 1)
		return ENOTSUP;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	/* without a pair (another rate): silence */
	dev->pair = pair_get(prm, h->arg);
	*devp = dev;

	return 0;
}


static int loop_read(struct audio_dev *dev, int16_t *sampv, size_t sampc)
{
	struct pair *p = dev->pair;
	const size_t n = p ? (p->n < sampc ? p->n : sampc) : 0;

	if (n) {
		memcpy(sampv, p->sampv, n * sizeof(*sampv));
		p->n -= n;
		memmove(p->sampv, p->sampv + n, p->n * sizeof(*sampv));
	}
	memset(sampv + n, 0, (sampc - n) * sizeof(*sampv));

	return 0;
}


static int loop_write(struct audio_dev *dev, const int16_t *sampv,
		      size_t sampc)
{
	struct pair *p = dev->pair;

	if (!p || sampc > p->size)
		return 0;

	/* nobody reads: the newest is worth most */
	if (p->n + sampc > p->size)
		p->n = 0;

	memcpy(p->sampv + p->n, sampv, sampc * sizeof(*sampv));
	p->n += sampc;

	return 0;
}


static struct audio_driver loop = {
	.name = "loop", .source = true, .sink = true,
	.open = loop_open, .read = loop_read, .write = loop_write,
};


static int module_init(void)
{
	return audio_driver_register(&loop);
}


static int module_close(void)
{
	audio_driver_unregister(&loop);
	return 0;
}


OFFHOOK_MODULE("loop", "audio_driver", module_init, module_close);
