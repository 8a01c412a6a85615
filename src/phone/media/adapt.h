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
	float last;              /**< As last reported                     */
	float mean;              /**< Of the last few at this level        */
	float former, before;    /**< last, mean when the level changed    */
	unsigned reports;        /**< At this level                        */
	bool poor;               /**< Much was lost, and no less can be sent */
	float rtt, rtt_min;      /**< ms, the last one and the least       */
	float queue;             /**< ms above it                          */
	uint64_t changed;        /**< When the level changed last          */
	uint32_t lag;            /**< us, what was under way then          */
	uint64_t heard;          /**< When a report came                   */
	uint64_t every;          /**< us between two                       */
	uint64_t raised;         /**< When it last went up, 0: proven      */
	uint64_t excused;        /**< Until then loss is not our doing ... */
	float excuse;            /**< ... if it is no more than that       */
	unsigned wall;           /**< Level that was too much ...          */
	uint64_t wall_until;     /**< ... and is not tried again so long   */
	uint32_t hold;           /**< us to wait next time                 */
	unsigned steps;          /**< Levels up next time                  */
	struct {
		bool on;
		unsigned from;   /**< Level before                         */
		float loss, rtt; /**< Before                               */
		float sum;       /**< Of the losses since                  */
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
 * @param now     When it came
 *
 * @return True if the plan has changed
 */
bool adapt_report(struct adapt *a, float loss, float rtt_ms, uint64_t now);

/**
 * No report has come; to be called about once a second. If one is overdue
 * and the peer's packets get lost, too, less is sent.
 *
 * @param rx_loss  Share of the peer's packets that do not come; 1: none does
 *
 * @return True if the plan has changed
 */
bool adapt_missed(struct adapt *a, float rx_loss, uint64_t now);

/** The word; rx_loss is the share of the peer's packets that do not come */
enum adapt_net adapt_net(const struct adapt *a, float rx_loss);

/** "good", "lossy", "narrow", "poor" */
const char *adapt_net_name(enum adapt_net net);

/** Bits a second on the wire with IPv4, UDP and RTP headers */
uint32_t adapt_wire(uint32_t bitrate, uint32_t ptime, unsigned red);

#endif
