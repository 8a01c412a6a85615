/**
 * @file presence_priv.h  What the files of presence share
 */
#ifndef OFFHOOK_PRESENCE_PRIV_H
#define OFFHOOK_PRESENCE_PRIV_H

#include "presence.h"

struct publication;
struct stack;

/** An account that takes part, for the life of its stack */
struct party {
	struct le le;
	struct presence *p;
	uint32_t account;        /**< Its id                              */
	struct stack *stack;     /**< Only to compare                     */
	bool direct;
	bool keep;
	struct publication *pub; /**< NULL: nothing is to be told         */
	bool served;             /**< A subscription worked there         */
	unsigned refused;        /**< Were answered with: not here        */
};

struct presence {
	struct accounts *accounts;
	struct contacts *contacts;       /**< NULL: not there             */
	struct event_listener *listener;
	struct list partyl;              /**< struct party, owned         */
	struct list watchl;              /**< struct watch, owned         */
	struct tmr tmr;                  /**< Something changed           */
	struct tmr pace_tmr;             /**< More contacts are to watch  */
	enum presence_state chosen;      /**< UNKNOWN: auto or off        */
	bool off;                        /**< Chosen                      */
	bool in_call, dnd;
	bool stopped;
	bool telling;                    /**< We publish an event         */
	char note[PIDF_NOTE];
	char id[12];                     /**< Of our tuple                */
};

/** Its account takes part, and its server did not say that it is no use */
struct party *presence_party(const struct presence *p,
			     const struct account *acc);
bool presence_party_works(const struct party *party);

/** Watch whom we should, at a bearable pace (presence_watch.c) */
void presence_watch_sync(struct presence *p);

/** Our own state as a document; call: busy because of a call */
void presence_own(const struct presence *p, struct pidf *pd, bool *call);

#endif
