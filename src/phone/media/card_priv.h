/**
 * @file card_priv.h  What card.c and card_user.c share
 */
#ifndef OFFHOOK_CARD_PRIV_H
#define OFFHOOK_CARD_PRIV_H

#include "card.h"
#include "loop.h"
#include "mixer.h"
#include "resampler.h"

enum {
	CARD_SETTING = 512,
	CARD_BLOCKS  = 1000 / LOOP_PTIME     /**< In a second */
};

struct card {
	struct le le;
	bool shared;
	bool failed;             /**< To be closed                        */
	bool running;            /**< Gives (takes) blocks by its clock   */
	bool told;               /**< That it does not work               */
	bool tried;              /**< It was opened once, or should be    */
	bool widen;              /**< Somebody has two channels           */
	bool narrow;             /**< It can have only one                */
	char setting[CARD_SETTING];
	char why[CARD_SETTING + 256];     /**< What was told               */
	const void *pair;
	struct audio_param prm;
	const struct audio_driver *drv;
	struct audio_dev *dev;
	struct list users;
	uint64_t last;           /**< Block by its clock, us              */

	struct clip_guard guard;
	bool mixed;              /**< Something waits in mix              */
	uint64_t seq;            /**< Of the block in buf (source)        */

	/* not zeroed: what is not used is never touched */
	struct mixer mix;
	int16_t buf[MIXER_BLOCK];
};

struct card_user {
	struct le le;
	struct card *card;
	struct card_handlers h;
	struct resampler *rs;
	uint32_t srate;
	unsigned channels;
	bool wrote;              /**< Into the block that is mixed now    */
	bool writes;             /**< Wrote into the one before           */
	uint64_t seq;            /**< Of the block read last              */
};

/** The card of this wish: one that is there already, or a new one that is
 *  not open yet; a reference, NULL if memory is out */
struct card *card_get(const struct card_wish *wish);

/** Open it, or tell its users why not */
void card_open(struct card *card);

/** It does not work (any more); closed later */
void card_fail(struct card *card, int err, const char *why);

/** Samples of 20 ms as the device has them, over all channels */
size_t card_block(const struct card *card);

/** The device has another rate or other channels now */
void card_users_follow(struct card *card);

/* ---- a device with a clock: what its users take and give ---- */

void card_user_take(struct card_user *u, const int16_t *sampv, size_t sampc);
void card_user_give(struct card_user *u, int16_t *sampv, size_t sampc);

#endif
