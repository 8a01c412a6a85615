/**
 * @file adapt.h  How to send over the net as it is
 *
 * Pure. Times are microseconds on any steady clock.
 */
#ifndef OFFHOOK_ADAPT_H
#define OFFHOOK_ADAPT_H

#include <stdbool.h>
#include <stdint.h>

/** One word for the net */
enum adapt_net {
	NET_GOOD,
	NET_LOSSY,               /**< Packets get lost; mended as may be   */
	NET_NARROW,              /**< Less is sent, for more gets stuck    */
	NET_POOR                 /**< No less can be sent, and still       */
};

/** What codec and peer allow */
struct adapt_limits {
	bool rate;               /**< The codec obeys a bit rate           */
	bool fec;                /**< ... and the peer uses in-band FEC    */
	bool red;                /**< The peer understands RFC 2198        */
	uint32_t bitrate;        /**< Of the codec by itself, bit/s        */
	uint32_t ptime;          /**< ms, as agreed on                     */
	uint32_t ptime_max;      /**< ms, most that the peer takes         */
};

/** How to send */
struct adapt_plan {
	uint32_t bitrate;        /**< bit/s of the codec                   */
	uint32_t ptime;          /**< ms                                   */
	uint32_t loss;           /**< Percent to be prepared for by FEC    */
	unsigned red;            /**< Older payloads in each packet        */
	bool dtx;                /**< Nothing while nobody speaks          */
};

struct adapt {
	struct adapt_limits lim;
	struct adapt_plan plan;
	unsigned level;          /**< Of the ladder, 0: all of it          */
	float loss;              /**< Share, smoothed                      */
	bool poor;               /**< Much was lost, and no less can be sent */
	float rtt_min;           /**< ms                                   */
	float queue;             /**< ms above it                          */
	uint64_t changed;        /**< When the level changed last          */
	uint64_t raised;         /**< When it last went up, 0: proven      */
	uint64_t excused;        /**< Until then loss is not our doing     */
	unsigned wall;           /**< Level that was too much ...          */
	uint64_t wall_until;     /**< ... and is not tried again so long   */
	uint32_t hold;           /**< us to wait next time                 */
	unsigned steps;          /**< Levels up next time                  */
	struct {
		bool on;
		unsigned from;   /**< Level before                         */
		float loss;      /**< Loss before                          */
		unsigned reports;
	} trial;                 /**< Is it less that helps?               */
};

void adapt_init(struct adapt *a, const struct adapt_limits *lim);

/** Do codec and peer allow the same as before? */
bool adapt_limits_same(const struct adapt_limits *x,
		       const struct adapt_limits *y);

/**
 * A report of the peer
 *
 * @param loss    Share of our packets that got lost since the last, 0 to 1
 * @param rtt_ms  Round trip, 0: not known
 * @param now     Time
 *
 * @return True if the plan has changed
 */
bool adapt_report(struct adapt *a, float loss, float rtt_ms, uint64_t now);

/** The word; rx_loss is the share of the peer's packets that do not come */
enum adapt_net adapt_net(const struct adapt *a, float rx_loss);

/** "good", "lossy", "narrow", "poor" */
const char *adapt_net_name(enum adapt_net net);

/** Bits a second on the wire with IPv4, UDP and RTP headers */
uint32_t adapt_wire(uint32_t bitrate, uint32_t ptime, unsigned red);

#endif
