/**
 * @file card_test.c  One channel and two at the same sound card
 *
 * A card whose left side always says 1000 and whose right side says 3000
 * serves, on the media loop, a user of one channel and then one of two.
 * What they hear and play are numbers, so that one can read off who was
 * mixed with whom.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/card.h"
#include "phone/media/loop.h"
#include "phone/media/mixer.h"
#include "phone/module/registry.h"

enum { LEFT = 1000, RIGHT = 3000, BOTH = 2000, SAID = 100 };

struct audio_dev {
	struct tmr tmr;
	struct audio_param prm;
	struct audio_handlers h;
	int16_t sampv[MIXER_BLOCK];
};

struct user {
	unsigned channels;
	struct card_user *source, *sink;
	atomic_int left, right;      /**< Heard last                  */
	atomic_int blocks;           /**< Of the right length         */
};

static atomic_int most = 2;          /**< Channels the card has       */
static atomic_int opened[3];         /**< So often with so many       */
static atomic_int played[2];         /**< By the card, last           */
static atomic_int gone;
static struct user one = { .channels = 1 }, two = { .channels = 2 };


/* ---- a card ---- */

static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	tmr_cancel(&dev->tmr);
}


static void tick(void *arg)
{
	struct audio_dev *dev = arg;
	const unsigned ch = dev->prm.channels;
	const size_t n = MIXER_FRAMES * ch;
	size_t i;

	tmr_start(&dev->tmr, 5, tick, dev);
	if (!dev->prm.capture) {
		dev->h.playbackh(dev->sampv, n, dev->h.arg);
		atomic_store(&played[0], dev->sampv[0]);
		atomic_store(&played[1], dev->sampv[ch - 1]);
		return;
	}

	for (i = 0; i < n; i++)
		dev->sampv[i] = ch == 1 ? BOTH : i % 2 ? RIGHT : LEFT;
	dev->h.captureh(dev->sampv, n, dev->h.arg);
}


static int fake_open(struct audio_dev **devp, const struct audio_param *prm,
		     const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	(void)device;

	if (prm->channels > atomic_load(&most))
		return ENOTSUP;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	dev->prm = *prm;
	dev->h = *h;
	atomic_fetch_add(&opened[prm->channels], 1);
	tmr_start(&dev->tmr, 5, tick, dev);
	*devp = dev;

	return 0;
}


static struct audio_driver fake = {
	.name = "fake", .source = true, .sink = true, .clocked = true,
	.open = fake_open,
};


/* ---- its users ---- */

static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct user *u = arg;

	if (sampc != MIXER_FRAMES * u->channels)
		return;
	atomic_store(&u->left, sampv[0]);
	atomic_store(&u->right, sampv[u->channels - 1]);
	atomic_fetch_add(&u->blocks, 1);
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	const struct user *u = arg;
	size_t i;

	for (i = 0; i < sampc; i++)
		sampv[i] = (int16_t)(u->channels == 1 ? SAID :
				     i % 2 ? 3 * SAID : SAID);
}


static void clock_handler(void *arg)
{
	(void)arg;
}


static void event_handler(int err, const char *text, void *arg)
{
	(void)err;
	(void)text;
	(void)arg;
}


static void come(void *data)
{
	struct user *u = *(struct user **)data;
	const struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		event_handler, u
	};
	struct card_wish wish = {
		.setting = "fake,", .srate = 48000, .channels = u->channels,
		.capture = true
	};

	(void)card_use(&u->source, &wish, &h);
	wish.capture = false;
	(void)card_use(&u->sink, &wish, &h);
}


static void go(void *data)
{
	struct user *u = *(struct user **)data;

	u->source = mem_deref(u->source);
	u->sink = mem_deref(u->sink);
	atomic_fetch_add(&gone, 1);
}


static void post(mailbox_h *h, struct user *u)
{
	struct user **p = mem_zalloc(sizeof(*p), NULL);

	assert_non_null(p);
	*p = u;
	assert_int_equal(loop_post(h, p), 0);
}


/* The media loop does the work: there is only to wait for it */
static void until(bool (*cond)(void))
{
	unsigned ms;

	for (ms = 0; ms < 15000 && !cond(); ms++)
		sys_msleep(1);
	assert_true(cond());
}


static bool alone(void)
{
	return one.blocks > 3 && played[0] == SAID;
}


static bool together(void)
{
	return two.blocks > 3 && played[1] == 4 * SAID;
}


static bool narrow(void)
{
	return two.blocks > 3 && played[0] == 2 * SAID;
}


static bool both_gone(void)
{
	return gone == 2;
}


static void leave(void)
{
	atomic_store(&gone, 0);
	post(go, &one);
	post(go, &two);
	until(both_gone);
	atomic_store(&one.blocks, 0);
	atomic_store(&two.blocks, 0);
}


/* A card open for one channel is opened for two when somebody has them */
static void test_widen(void **state)
{
	(void)state;

	post(come, &one);
	until(alone);
	assert_int_equal(opened[1], 2);
	assert_int_equal(one.left, BOTH);

	post(come, &two);
	until(together);
	assert_int_equal(opened[2], 2);
	assert_int_equal(two.left, LEFT);
	assert_int_equal(two.right, RIGHT);
	assert_int_equal(one.left, BOTH);
	assert_int_equal(played[0], 2 * SAID);
	leave();
}


/* One that has no two is asked once, and everybody has one */
static void test_narrow(void **state)
{
	(void)state;

	atomic_store(&most, 1);
	atomic_store(&opened[1], 0);
	post(come, &two);
	until(narrow);
	assert_int_equal(opened[1], 2);
	assert_int_equal(two.left, BOTH);
	assert_int_equal(two.right, BOTH);
	leave();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widen),
		cmocka_unit_test(test_narrow),
	};
	int n;

	if (libre_init() || audio_driver_register(&fake) || loop_init())
		return 1;

	n = cmocka_run_group_tests(tests, NULL, NULL);
	loop_close();
	audio_driver_unregister(&fake);
	libre_close();
	mem_debug();

	return n;
}
