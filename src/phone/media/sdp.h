/**
 * @file sdp.h  Offer and answer of one audio stream (RFC 3264)
 *
 * Main loop. No socket: addresses and ports come in and go out.
 */
#ifndef OFFHOOK_MEDIA_SDP_H
#define OFFHOOK_MEDIA_SDP_H

#include "common/re_compat.h"
#include "phone/module/module.h"

enum { SDP_CODECS = 16, SDP_FMTP_MAX = 256 };

/** A payload type and what it stands for */
struct media_format {
	const struct codec *codec;
	uint8_t pt;
};

/** What was agreed on */
struct media_agreed {
	struct media_format tx;              /**< What we send            */
	char fmtp[SDP_FMTP_MAX];             /**< How the peer wants it   */
	struct media_format rxv[SDP_CODECS]; /**< What may come           */
	size_t rxc;
	size_t likely;                       /**< Of rxv: what we send    */
	int dtmf_tx;                         /**< Payload type, -1: none  */
	uint32_t dtmf_rate;
	int dtmf_rxv[2];                     /**< -1: none                */
	int red_tx;                          /**< RFC 2198, -1: none      */
	int red_rxv[2];                      /**< -1: none                */
	bool cn_tx, cn_rx;                   /**< RFC 3389                */
	uint32_t ptime;                      /**< ms the peer would like  */
	uint32_t maxptime;                   /**< It takes, 0: not said   */
	bool xr;                             /**< RFC 3611 VoIP metrics   */
	struct sa rtp;                       /**< Of the peer             */
	uint16_t rtcp;                       /**< Port of its RTCP        */
	bool mux;
	bool send;                           /**< The peer listens        */
	bool recv;                           /**< The peer speaks         */
};

struct media_sdp;

/**
 * What an SDP says about keys, before anything of it counts
 *
 * @return 0: go on; else the error of media_sdp_decode()
 */
typedef int (media_sdp_check_h)(const struct crypto_sdp *sdp, void *arg);

/** Writes attributes about keys by calling h */
typedef int (media_sdp_write_h)(bool offer, crypto_attr_h *h, void *h_arg,
				void *arg);

/**
 * @param sdpp    Result, free with mem_deref()
 * @param laddr   Local RTP address and port
 * @param codecs  "opus,PCMU,PCMA"
 *
 * @return 0 if success, otherwise errorcode (ENOENT: none of the codecs is
 *         there)
 */
int media_sdp_alloc(struct media_sdp **sdpp, const struct sa *laddr,
		    const char *codecs);

/**
 * Who writes and reads what is said about keys, and the profile of our
 * offers; before the first of them. Without it: RTP/AVP, and what demands
 * keys is refused.
 */
int media_sdp_set_crypto(struct media_sdp *sdp, enum media_profile profile,
			 media_sdp_write_h *writeh, media_sdp_check_h *checkh,
			 void *arg);

/** The call is answered (struct crypto_sdp) */
void media_sdp_set_up(struct media_sdp *sdp);

/** Does the first line for sound in this offer demand keys? */
bool media_sdp_demands_keys(const struct mbuf *desc);

/** Our RTP is at another address: the next SDP says so. 0 or EINVAL */
int media_sdp_move(struct media_sdp *sdp, const struct sa *laddr);

/** @param hold  We do not want to hear (sendonly) */
int media_sdp_encode(struct media_sdp *sdp, struct mbuf **descp, bool offer,
		     bool hold);

/**
 * What came; a refused offer leaves everything as it was
 *
 * @return 0 if success, otherwise errorcode (EPROTO: not SDP, ENOTSUP: no
 *         audio that we can do, no codec in common; ENOKEY, EACCES: see
 *         stream_decode())
 */
int media_sdp_decode(struct media_sdp *sdp, struct mbuf *desc, bool offer,
		     bool hold, struct media_agreed *ag);

#endif
