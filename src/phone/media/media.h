/**
 * @file media.h  The media room's door: loop, settings, devices
 *
 * Functions of this header are called on the main loop. The media thread
 * is started with the first stream or tone.
 */
#ifndef OFFHOOK_MEDIA_H
#define OFFHOOK_MEDIA_H

#include "common/re_compat.h"

/** Settings; strings borrowed, copied by media_configure() */
struct media_config {
	const char *address;     /**< Local address of RTP, "" = the one
				      that routes to the peer          */
	uint16_t port_min;       /**< RTP ports, even ones are used     */
	uint16_t port_max;
	const char *codecs;      /**< "opus,PCMU,PCMA": order of offer  */
	const char *opus;        /**< Parameters of Opus as in SDP, or
				      NULL: its own                     */
	const char *source;      /**< "driver,device"                   */
	const char *sink;
	const char *ring;        /**< Ring device, "" = sink            */
	const char *tones;       /**< Country whose tones one hears     */
	int volume;              /**< Of the loudspeaker: percent more,
				      or less, than as it comes         */
	int mic;                 /**< Of the microphone                 */
	bool echo;               /**< Take out the echo ...             */
	bool noise;              /**< ... and the noise of microphones  */
	bool gain;               /**< Level what is said                */
};

/** Take over settings; running streams keep theirs; 0 or errorcode */
int media_configure(const struct media_config *conf);

/** Have running streams change to the devices that are set now */
void media_follow(void);

/** Stop the media loop and wait for it (at exit) */
void media_close(void);

/** What one hears of a call besides the peer */
enum tone {
	TONE_NONE,
	TONE_RINGBACK,
	TONE_RING,               /**< At the device that is set for it      */
	TONE_BUSY,
	TONE_CONGESTION,         /**< It could not be put through           */
	TONE_WAITING             /**< Another one rings while one talks     */
};

/** Play a tone until TONE_NONE; busy and congestion end by themselves */
void tone_play(enum tone tone);

/** The phone cannot ring where it should: a sentence for the user */
typedef void (tone_trouble_h)(const char *text);

/** Be told of that */
void tone_listen(tone_trouble_h *h);

/** Let the digits one presses be heard here */
void tone_digits(const char *digits);

/** The countries whose tones are known: "eu at au ..." */
const char *tone_countries(void);

#endif
