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
	const char *source;      /**< "driver,device"                   */
	const char *sink;
	const char *alert;       /**< Ring device, "" = sink            */
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

/** One line what is wrong with the sound settings, or "" (doctor) */
int media_check_devices(char *buf, size_t size);

/** Local tones, mixed into the alert or sink device */
enum tone { TONE_NONE, TONE_RINGBACK, TONE_RING, TONE_BUSY };

/** Play a tone until TONE_NONE; TONE_BUSY ends by itself */
void tone_play(enum tone tone);

#endif
