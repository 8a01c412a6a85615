/**
 * @file twin.h  The half of a stream that lives on the media loop
 *
 * Made on the main loop, handed over with its first command and from then
 * on touched by the media loop only. Every command is a copy in a message.
 */
#ifndef OFFHOOK_TWIN_H
#define OFFHOOK_TWIN_H

#include "loop.h"
#include "sdp.h"
#include "stream.h"

enum { TWIN_SETTING = 512, TWIN_TEXT = 800 };

struct twin;
struct recording;

/** What the twin reports; a message to the main loop */
struct twin_report {
	uint32_t id;                 /**< Of the stream            */
	enum stream_event ev;
	struct stream_figures fig;   /**< STREAM_FIGURES           */
	char digit;                  /**< STREAM_DTMF              */
	int err;                     /**< STREAM_DEVICE            */
	char text[TWIN_TEXT];
	struct stream_crypto crypto; /**< STREAM_CRYPTO            */
};

/** How keys are agreed on from now on */
struct twin_keys {
	const struct media_crypto *mc;   /**< NULL: clear              */
	struct crypto_job *job;
	bool fresh;                      /**< As in keying_start()     */
};

/** What the twin is to do */
struct twin_state {
	struct media_agreed agreed;
	bool renegotiated;           /**< agreed is new            */
	bool hold;                   /**< Ours                     */
	bool mute;
	uint32_t conference;         /**< 0: none                  */
	char source[TWIN_SETTING];
	char sink[TWIN_SETTING];
};

/**
 * [main] Make a twin with its sockets
 *
 * @param twp      Result; mem_deref() as long as it was not handed over
 * @param id       Id of its stream
 * @param laddr    Local address of RTP
 * @param min,max  Ports
 * @param reporth  Gets reports (struct twin_report) on the main loop
 *
 * @return 0 if success, otherwise errorcode (EADDRINUSE: no port is free)
 */
int twin_alloc(struct twin **twp, uint32_t id, const struct sa *laddr,
	       uint16_t min, uint16_t max, mailbox_h *reporth);

/** [main] RTP port; only before the hand-over */
uint16_t twin_port(const struct twin *tw);

/**
 * [main] Go to another local address
 *
 * @param tw      Twin
 * @param handed  Was it handed over?
 * @param laddr   Address; its port is set to the new one
 *
 * @return 0 if success, otherwise errorcode; then nothing changed
 */
int twin_move(struct twin *tw, bool handed, struct sa *laddr, uint16_t min,
	      uint16_t max);

/**
 * [main] Hand over, start or change
 *
 * @param keys  NULL: as before; the job becomes the twin's in any case
 *
 * @return 0 or errorcode
 */
int twin_apply(struct twin *tw, const struct twin_state *state,
	       const struct twin_keys *keys);

/** [main] The user compared the words. 0 or errorcode */
int twin_confirm(struct twin *tw, bool same);

/** [main] Our SSRC; only before the hand-over */
uint32_t twin_ssrc(const struct twin *tw);

/** [main] Record from now on; NULL: no more. The recording becomes the
 *  twin's in any case. 0 or errorcode */
int twin_record(struct twin *tw, struct recording *rec);

/** [main] Send digits. 0 or errorcode */
int twin_dtmf(struct twin *tw, const char *digits, bool tones);

/** [main] End it; the twin is gone afterwards */
void twin_end(struct twin *tw);

#endif
