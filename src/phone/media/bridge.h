/**
 * @file bridge.h  Streams that hear one another: conferences
 *
 * Media loop.
 */
#ifndef OFFHOOK_BRIDGE_H
#define OFFHOOK_BRIDGE_H

#include "card.h"
#include "common/re_compat.h"

struct bridge_member;

/** 20 ms of what a member says, at its rate; silence if there is nothing */
typedef void (bridge_pull_h)(int16_t *sampv, size_t sampc, uint64_t now,
			     void *arg);

/** 20 ms of what a member is to hear, at the other of its rates */
typedef void (bridge_push_h)(const int16_t *sampv, size_t sampc,
			     uint64_t now, void *arg);

/** What a member brings and wants */
struct bridge_terms {
	uint32_t id;             /**< Of the conference, not 0             */
	uint32_t pull_rate;      /**< Sample rates                         */
	uint32_t push_rate;
	bool mute;               /**< Does not hear our microphone         */
	const char *source;      /**< The devices at our end; those of who */
	const char *sink;        /**< joined last count                    */
	bridge_pull_h *pullh;
	bridge_push_h *pushh;
	card_event_h *eventh;    /**< About the devices                    */
	void *arg;
};

/**
 * Join a conference, or change the terms
 *
 * Each member hears the others and us, we hear all of them.
 *
 * @param mp  Member; *mp NULL: a new one, which leaves with mem_deref()
 * @param t   Terms
 *
 * @return 0 if success, otherwise errorcode
 */
int bridge_join(struct bridge_member **mp, const struct bridge_terms *t);

#endif
