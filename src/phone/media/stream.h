/**
 * @file stream.h  The RTP side of a call: one audio stream
 *
 * The handle lives on the main loop: it negotiates SDP (RFC 3264) and
 * commands its twin on the media loop, which owns the sockets, codecs,
 * playout and devices. Events come back to the main loop by mqueue.
 * No function here waits for the media loop.
 */
#ifndef OFFHOOK_STREAM_H
#define OFFHOOK_STREAM_H

#include "common/re_compat.h"
#include "phone/module/module.h"

enum {
	STREAM_LADDER = 4,
	STREAM_SAS_MAX = 64,
	STREAM_DETAILS_MAX = 512,
	STREAM_PEER_ID_MAX = 132,
	STREAM_ALARM_MAX = 24
};

struct stream;

/** How a stream is to be protected; borrowed for the call */
struct stream_security {
	const char *ladder[STREAM_LADDER];   /**< Names of media_crypto
						  modules, best first    */
	enum media_profile profile;  /**< Of our offers                  */
	bool required;               /**< No keys: no stream             */
	bool signalling_tls;
	bool caller;                 /**< We made the first offer        */
	const char *own_uri, *peer_uri;
	const char *dir;             /**< For what has to last           */
};

/** What came of agreeing on keys (STREAM_CRYPTO) */
struct stream_crypto {
	enum crypto_event ev;
	char sas_b32[STREAM_SAS_MAX];
	char sas_words[STREAM_SAS_MAX];
	bool verified;
	char details[STREAM_DETAILS_MAX];
	char peer_id[STREAM_PEER_ID_MAX];
	char alarm[STREAM_ALARM_MAX];
	char text[256];
};

/** Figures, a snapshot once a second */
struct stream_figures {
	uint32_t tx_packets, rx_packets;
	uint32_t lost;           /**< Packets that never came, in all       */
	float loss;              /**< Percent lost, last 5 s, receiving     */
	float tx_loss;           /**< Percent the peer reports (RTCP RR)    */
	float rtt_ms;            /**< 0: not known yet                      */
	float jitter_ms;         /**< RFC 3550 of what comes in             */
	float playout_ms;        /**< Delay the playout buffer adds         */
	uint32_t late;           /**< Packets too late to be played         */
	uint32_t concealed;      /**< Frames that were made up              */
	uint32_t recovered;      /**< Packets that came by redundancy       */
	uint32_t stretched_ms;   /**< Sound put in or left out, in all      */
	float mos;               /**< Of what is heard here, 0: not yet     */
	float peer_mos;          /**< Of what the peer hears, as it says    */
	const char *net;         /**< "good", "lossy", "narrow", "poor"     */
	float tx_kbps;           /**< kbit/s sent, headers counted          */
	uint32_t ptime;          /**< ms of a packet that is sent           */
	uint32_t fec;            /**< Percent of loss the FEC is made for   */
	unsigned red;            /**< Older payloads in each packet         */
	float mic;               /**< Level of the last second, 0 to 1      */
	float speaker;           /**< (peak, logarithmic: -60 dBFS is 0)    */
	uint32_t refused;        /**< Packets not protected or not genuine  */
};

enum stream_event {
	STREAM_FIGURES,          /**< New figures                           */
	STREAM_FIRST_PACKET,     /**< The first RTP packet came             */
	STREAM_SILENT,           /**< No packet for 3 s; text: why, likely  */
	STREAM_DTMF,             /**< digit: one of 0-9*#A-D (RFC 4733)     */
	STREAM_DEVICE,           /**< text: a line about the sound device   */
	STREAM_CRYPTO,           /**< crypto: of the agreement on keys      */
	STREAM_RECORD            /**< err: the recording ended by itself    */
};

struct stream_event_data {
	char digit;
	const char *text;
	int err;
	const struct stream_crypto *crypto;
};

typedef void (stream_event_h)(struct stream *s, enum stream_event ev,
			      const struct stream_event_data *data,
			      void *arg);

/**
 * @param sp     Stream, free with mem_deref() (ends it on the media loop)
 * @param sip    Our address that the account's SIP uses: RTP goes by it
 *               too where media.address is ""; NULL: the default route's
 * @param h      Event handler, main loop
 *
 * @return 0 if success, otherwise errorcode (EADDRINUSE: no port free in
 *         media.ports, ENOENT: no codec)
 */
int stream_alloc(struct stream **sp, const struct sa *sip,
		 stream_event_h *h, void *arg);

/**
 * Offer and take these codecs, in this order; before the first offer or
 * answer. Without it: those of the settings.
 *
 * @return 0 if success, otherwise errorcode (ENOENT: there is none of them)
 */
int stream_set_codecs(struct stream *s, const char *codecs);

/**
 * How to protect it; before the first offer or answer, and again before
 * another first offer. Not at all as long as nobody says.
 */
int stream_set_security(struct stream *s, const struct stream_security *sec);

/** The call is answered: from now on protection may not get weaker */
void stream_set_up(struct stream *s);

/** Do our offers show this way of agreeing on keys ("zrtp")? */
bool stream_shows(const struct stream *s, const char *way);

/** Name of the way that was agreed on ("sdes"), "" if none */
const char *stream_crypto_way(const struct stream *s);

/** The user compared the words: they agree, or not */
int stream_confirm(struct stream *s, bool same);

/**
 * Go to another local address: new sockets, all else stays. Tell the peer
 * by the next offer.
 *
 * @param s    Stream
 * @param sip  As in stream_alloc()
 *
 * @return 0 if success, otherwise errorcode; then it stays where it was
 */
int stream_move(struct stream *s, const struct sa *sip);

/** SDP to send: an offer, or the answer to the offer given before.
 *  @param descp New mbuf at position 0 */
int stream_encode(struct stream *s, struct mbuf **descp, bool offer);

/**
 * SDP that came
 *
 * @return 0, EPROTO: not SDP, ENOTSUP: no codec in common, ENOKEY: no way
 *         to agree on keys in common and one of us demands it, EACCES:
 *         less protection than before, or another peer (all but 0: 488)
 */
int stream_decode(struct stream *s, struct mbuf *desc, bool offer);

/** Start (or adapt to what was negotiated last); devices open here */
int stream_start(struct stream *s);

/** Local hold: direction of the next offer is sendonly; no sound either way */
void stream_set_hold(struct stream *s, bool hold);

/** Has the peer put us on hold (sendonly, inactive or 0.0.0.0)? */
bool stream_remote_hold(const struct stream *s);

void stream_set_mute(struct stream *s, bool mute);

/**
 * Record both sides into one file, or no more
 *
 * @param s       Stream that was started
 * @param path    File that is not there yet, NULL: end the recording
 * @param format  "wav", "flac", "opus"
 *
 * @return 0 if success, otherwise errorcode (EPROTO: there is no sound yet,
 *         ENOTSUP: no such format); what is wrong with the file comes as
 *         STREAM_RECORD
 */
int stream_record(struct stream *s, const char *path, const char *format);

/** Is it being recorded? */
bool stream_recording(const struct stream *s);

/**
 * Join a conference: all streams in it hear one another and us
 *
 * Muted, only our own microphone is not heard by this one. On hold it says
 * and hears nothing and is still in it.
 *
 * @param s           Stream
 * @param conference  Any number but 0; 0 leaves
 *
 * @return 0 if success, otherwise errorcode
 */
int stream_join(struct stream *s, uint32_t conference);

/** Send digits as RFC 4733 events, 100 ms each; ENOTSUP: not negotiated,
 *  EINVAL: not one of 0-9*#A-D */
int stream_send_dtmf(struct stream *s, const char *digits);

/** Send digits as tones in the sound; ENOTSUP: no sound yet, EINVAL */
int stream_send_tones(struct stream *s, const char *digits);

/** "opus", "PCMU", ... "" before the negotiation */
const char *stream_codec(const struct stream *s);
/** Clock rate for display: 48000, 8000 */
uint32_t stream_codec_rate(const struct stream *s);
const struct stream_figures *stream_figures(const struct stream *s);

/** Does the media line of this offer demand keys? */
bool stream_demands_keys(const struct mbuf *desc);

/** Its keys are nearly used up: the next offer brings others */
void stream_renew(struct stream *s);

/** No keys will come, and it may go on without them: so it does */
int stream_set_clear(struct stream *s);

/** SDP that tells our abilities (answer to OPTIONS) */
int stream_capabilities(struct mbuf **descp);

#endif
