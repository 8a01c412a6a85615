/**
 * @file oneway.h  Why one side hears nothing
 *
 * Pure.
 */
#ifndef OFFHOOK_ONEWAY_H
#define OFFHOOK_ONEWAY_H

#include <stdbool.h>
#include <stdint.h>

/** What is known when nothing has come for a while */
struct oneway {
	bool ever;               /**< Packets came before                  */
	bool reports;            /**< Reports (RTCP) still come            */
	uint32_t strangers;      /**< Packets from elsewhere, not taken    */
	bool refused;            /**< What we send is refused there        */
	bool peer_private;       /**< The peer named a private address ... */
	bool own_private;        /**< ... and so did we                    */
};

/** The likely cause as a sentence for the user */
const char *oneway_cause(const struct oneway *ow);

#endif
