/**
 * @file sdp.c  Offer and answer of one audio stream (RFC 3264)
 *
 * On libre's sdp_session, which keeps the order of media lines and payload
 * types over several rounds. An offer is decoded twice: first into a
 * throw-away session, so that one that is refused leaves no trace in the
 * session that runs. What is said about keys is written and read by
 * somebody else; here it is attributes and a profile.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loop.h"
#include "sdp.h"
#include "sdp_extra.h"
#include "sdp_formats.h"

enum { DESC_MAX = 65536 };

struct media_sdp {
	struct sdp_session *sess;
	struct sdp_media *m;      /**< The session's own */
	struct sa laddr;
	char *codecs;
	bool mux;
	bool up;
	enum media_profile profile;
	media_sdp_write_h *writeh;
	media_sdp_check_h *checkh;
	void *arg;
};

/* Attributes that are written anew each time */
static const char *const written[] = {
	"crypto", "fingerprint", "setup", "zrtp-hash", "Ik", "rtcp-mux"
};


static void media_sdp_destructor(void *arg)
{
	struct media_sdp *sdp = arg;

	mem_deref(sdp->sess);
	mem_deref(sdp->codecs);
}


static const char *proto_name(enum media_profile profile)
{
	switch (profile) {

	case PROFILE_SAVP:
		return sdp_proto_rtpsavp;

	case PROFILE_TLS_SAVP:
		return "UDP/TLS/RTP/SAVP";

	default:
		return sdp_proto_rtpavp;
	}
}


static enum media_profile profile_of(const char *proto)
{
	if (!strncmp(proto, "UDP/TLS/", 8))
		return PROFILE_TLS_SAVP;

	return !strncmp(proto, sdp_proto_rtpsavp, 8) ? PROFILE_SAVP :
		PROFILE_AVP;
}


/* The feedback profile without its feedback is the same to us */
static int protos_set(struct sdp_media *m, bool clear)
{
	return sdp_media_set_alt_protos(m, clear ? 2 : 6, "RTP/AVP",
					"RTP/AVPF", "RTP/SAVP", "RTP/SAVPF",
					"UDP/TLS/RTP/SAVP",
					"UDP/TLS/RTP/SAVPF");
}


static int session_make(struct sdp_session **sessp, struct sdp_media **mp,
			const struct sa *laddr, const char *codecs,
			enum media_profile profile)
{
	struct sdp_session *sess = NULL;
	struct sdp_media *m = NULL;
	int err;

	err = sdp_session_alloc(&sess, laddr);
	if (err)
		return err;

	err = sdp_media_add(&m, sess, sdp_media_audio, sa_port(laddr),
			    proto_name(profile));
	if (err)
		goto out;

	err = protos_set(m, false);
	err |= sdp_formats_add(m, codecs);
	err |= sdp_extra_add(m, sdp_formats_pt_free);
	err |= sdp_media_set_lattr(m, true, "ptime", "%u", LOOP_PTIME);

 out:
	if (err) {
		mem_deref(sess);
	}
	else {
		*sessp = sess;
		*mp = m;
	}

	return err;
}


int media_sdp_alloc(struct media_sdp **sdpp, const struct sa *laddr,
		    const char *codecs)
{
	struct media_sdp *sdp;
	int err;

	if (!sdpp || !laddr || !codecs)
		return EINVAL;

	sdp = mem_zalloc(sizeof(*sdp), media_sdp_destructor);
	if (!sdp)
		return ENOMEM;

	sdp->laddr = *laddr;
	sdp->profile = PROFILE_AVP;
	err = str_dup(&sdp->codecs, codecs);
	if (!err)
		err = session_make(&sdp->sess, &sdp->m, laddr, codecs,
				   sdp->profile);

	if (err)
		mem_deref(sdp);
	else
		*sdpp = sdp;

	return err;
}


int media_sdp_set_crypto(struct media_sdp *sdp, enum media_profile profile,
			 media_sdp_write_h *writeh, media_sdp_check_h *checkh,
			 void *arg)
{
	struct sdp_session *sess;
	struct sdp_media *m;
	int err;

	if (!sdp || !writeh || !checkh)
		return EINVAL;

	if (profile != sdp->profile) {
		err = session_make(&sess, &m, &sdp->laddr, sdp->codecs,
				   profile);
		if (err)
			return err;
		mem_deref(sdp->sess);
		sdp->sess = sess;
		sdp->m = m;
		sdp->profile = profile;
	}

	sdp->writeh = writeh;
	sdp->checkh = checkh;
	sdp->arg = arg;

	return 0;
}


int media_sdp_move(struct media_sdp *sdp, const struct sa *laddr)
{
	if (!sdp || !laddr)
		return EINVAL;

	sdp->laddr = *laddr;
	sdp_session_set_laddr(sdp->sess, laddr);
	sdp_media_set_lport(sdp->m, sa_port(laddr));

	return 0;
}


void media_sdp_set_up(struct media_sdp *sdp)
{
	if (sdp)
		sdp->up = true;
}


static int attr_handler(bool session, const char *name, const char *value,
			void *arg)
{
	struct media_sdp *sdp = arg;

	if (session)
		return sdp_session_set_lattr(sdp->sess, false, name,
					     value ? "%s" : NULL, value);

	return sdp_media_set_lattr(sdp->m, false, name, value ? "%s" : NULL,
				   value);
}


/* RFC 5761: an offer says that one port is enough, and names both */
static int attrs_write(struct media_sdp *sdp, bool offer)
{
	int err = 0;
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(written); i++) {
		sdp_media_del_lattr(sdp->m, written[i]);
		sdp_session_del_lattr(sdp->sess, written[i]);
	}

	if (offer || sdp->mux)
		err = sdp_media_set_lattr(sdp->m, true, "rtcp-mux", NULL);
	if (!err && sdp->writeh)
		err = sdp->writeh(offer, attr_handler, sdp, sdp->arg);

	return err;
}


int media_sdp_encode(struct media_sdp *sdp, struct mbuf **descp, bool offer,
		     bool hold)
{
	const uint16_t port = sdp ? sa_port(&sdp->laddr) : 0;
	const bool mux = sdp && !offer && sdp->mux;
	int err;

	if (!sdp || !descp)
		return EINVAL;

	if (offer) {
		err = sdp_formats_restore(sdp->m);
		if (err)
			return err;
	}

	err = sdp_extra_refresh(sdp->m);
	if (err)
		return err;

	sdp_media_set_ldir(sdp->m, hold ? SDP_SENDONLY : SDP_SENDRECV);
	sdp_media_set_lport_rtcp(sdp->m, port ?
				 (uint16_t)(mux ? port : port + 1) : 0);
	err = attrs_write(sdp, offer);

	return err ? err : sdp_encode(descp, sdp->sess, offer);
}


/* A copy that ends with a line end; what libre would misread is refused */
static int desc_copy(struct mbuf **mbp, const struct mbuf *desc)
{
	const size_t len = mbuf_get_left(desc);
	const char *p = (const char *)mbuf_buf(desc);
	struct pl port;
	struct mbuf *mb;
	int err;

	if (!len || len > DESC_MAX || memchr(p, '\0', len))
		return EPROTO;

	if (!re_regex(p, len, "m=audio [0-9]+", &port) &&
	    (port.l > 5 || pl_u32(&port) > 65535))
		return EPROTO;

	mb = mbuf_alloc(len + 2);
	if (!mb)
		return ENOMEM;

	err  = mbuf_write_mem(mb, (const uint8_t *)p, len);
	err |= mbuf_write_str(mb, "\r\n");
	mb->pos = 0;

	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


/* What is in a decoded session */
static int agree(const struct sdp_session *sess, const struct sdp_media *m,
		 bool offer, bool hold, struct media_agreed *ag)
{
	const enum sdp_dir rdir = sdp_media_rdir(m);
	const struct sa *raddr = sdp_media_raddr(m);
	struct sa rtcp;
	bool zero;

	memset(ag, 0, sizeof(*ag));
	ag->dtmf_tx = ag->dtmf_rxv[0] = ag->dtmf_rxv[1] = -1;

	if (!sa_port(raddr))
		return ENOTSUP;

	sdp_formats_agree(m, ag);
	if (!ag->tx.codec || !ag->rxc)
		return ENOTSUP;
	sdp_extra_agree(m, ag);

	ag->rtp = *raddr;
	sdp_media_raddr_rtcp(m, &rtcp);
	ag->rtcp = sa_port(&rtcp);

	/* RFC 5761 5.1.1: we always offer it */
	(void)offer;
	ag->mux = sdp_media_session_rattr(m, sess, "rtcp-mux") != NULL;

	/* RFC 2543: an address of zeros is a hold, too */
	zero = !sa_isset(raddr, SA_ADDR) || sa_is_any(raddr);
	ag->send = (rdir & SDP_SENDONLY) && !zero;
	ag->recv = (rdir & SDP_RECVONLY) && !hold;

	return 0;
}


/* ---- what is said about keys ---- */

struct reader {
	const struct sdp_session *sess;
	const struct sdp_media *m;
	unsigned skip;
};


static bool nth_handler(const char *name, const char *value, void *arg)
{
	struct reader *r = arg;
	(void)name;
	(void)value;

	return !r->skip--;
}


/* Of the media line; if it says nothing, of the session */
static const char *attr_get(const struct crypto_sdp *cs, const char *name,
			    unsigned n)
{
	struct reader *r = cs->arg;

	r->skip = n;
	if (sdp_media_rattr(r->m, name))
		return sdp_media_rattr_apply(r->m, name, nth_handler, r);

	return sdp_session_rattr_apply(r->sess, name, nth_handler, r);
}


static int keys_check(const struct media_sdp *sdp,
		      const struct sdp_session *sess,
		      const struct sdp_media *m, bool offer,
		      const struct media_agreed *ag)
{
	struct reader r = { sess, m, 0 };
	const struct crypto_sdp cs = {
		.profile = profile_of(sdp_media_proto(m)),
		.offer = offer,
		.up = sdp->up,
		.mux = ag->mux,
		.attr = attr_get,
		.arg = &r,
	};

	if (sdp->checkh)
		return sdp->checkh(&cs, sdp->arg);

	return cs.profile == PROFILE_AVP ? 0 : ENOKEY;
}


bool media_sdp_demands_keys(const struct mbuf *desc)
{
	struct pl proto;
	char name[32];

	if (!desc || re_regex((const char *)mbuf_buf(desc),
			      mbuf_get_left(desc), "m=audio [0-9]+ [^ ]+",
			      NULL, &proto))
		return false;

	(void)pl_strcpy(&proto, name, sizeof(name));

	return profile_of(name) != PROFILE_AVP;
}


/* Could this offer be accepted? */
static int offer_try(const struct media_sdp *sdp, struct mbuf *mb, bool hold,
		     bool clear, struct media_agreed *ag)
{
	struct sdp_session *sess;
	struct sdp_media *m;
	const size_t pos = mb->pos;
	int err;

	err = session_make(&sess, &m, &sdp->laddr, sdp->codecs,
			   sdp->profile);
	if (err)
		return err;

	err = protos_set(m, clear);
	if (!err)
		err = sdp_decode(sess, mb, true);
	if (!err)
		err = agree(sess, m, true, hold, ag);
	if (!err)
		err = keys_check(sdp, sess, m, true, ag);

	mb->pos = pos;
	mem_deref(sess);

	return err;
}


int media_sdp_decode(struct media_sdp *sdp, struct mbuf *desc, bool offer,
		     bool hold, struct media_agreed *ag)
{
	struct mbuf *mb = NULL;
	bool clear;
	int err;

	if (!sdp || !desc || !ag)
		return EINVAL;

	err = desc_copy(&mb, desc);
	if (err)
		return err;

	err = offer ? offer_try(sdp, mb, hold, false, ag) : 0;

	/* some offer two lines, one that demands keys and one that does not */
	clear = err == ENOKEY && !offer_try(sdp, mb, hold, true, ag);
	if (clear)
		err = protos_set(sdp->m, true);
	if (!err)
		err = sdp_decode(sdp->sess, mb, offer);
	if (!err)
		err = agree(sdp->sess, sdp->m, offer, hold, ag);
	if (!err && !offer)
		err = keys_check(sdp, sdp->sess, sdp->m, false, ag);
	if (!err)
		sdp->mux = ag->mux;

	mem_deref(mb);

	switch (err) {

	case 0:
	case ENOTSUP:
	case ENOMEM:
	case ENOKEY:
	case EACCES:
		return err;

	default:
		return EPROTO;
	}
}
