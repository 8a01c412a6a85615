/**
 * @file session_priv.h  Inside a session; for the files of this room only
 */
#ifndef OFFHOOK_SESSION_PRIV_H
#define OFFHOOK_SESSION_PRIV_H

#include "request.h"
#include "session_hdr.h"
#include "session.h"
#include "stack_priv.h"

/**
 * An INVITE of ours in flight. Lives in its request (its `own`), so that
 * an answer which comes after the session has gone still finds somebody
 * to acknowledge it.
 */
struct session_invite {
	struct session *sess;      /**< NULL: nobody is interested       */
	struct stack *stack;       /**< Borrowed: it owns the request    */
	struct sip_dialog *half;   /**< Of the first INVITE: each 2xx
					forks its dialog from it         */
	struct request *req;
	struct mbuf *desc;         /**< The offer, or NULL               */
	bool reinvite;
};

/** A dialog that a 1xx of our INVITE opened; one for each branch of a
 *  fork */
struct session_early {
	struct le le;
	struct sip_dialog *dlg;
	char *rtag;
	struct mbuf *desc;         /**< Its last SDP, or NULL            */
	uint32_t rseq;             /**< Last one, 0: none (RFC 3262)     */
	bool answered;             /**< SDP came reliably                */
};

/** Our provisional answers that want a PRACK (RFC 3262 3) */
struct session_prack {
	bool required, supported;  /**< By the caller                    */
	uint32_t rseq;             /**< Of the last one                  */
	bool open;                 /**< Its PRACK has not come           */
	struct mbuf *mb;           /**< To be repeated until then        */
	struct sa dst;
	struct tmr tmr;
	uint32_t txc;
	bool with_desc;            /**< It holds SDP                     */
	bool offered;              /**< ... which is our offer           */
	bool answered;             /**< Offer and answer are exchanged   */
	struct mbuf *ring;         /**< 183 that waits for the PRACK     */
	struct mbuf *accept;       /**< 200 that waits for it            */
};

/** RFC 4028 */
struct session_timer {
	uint32_t secs;             /**< 0: no timer                      */
	uint32_t min;              /**< Least that was asked for         */
	bool ours;                 /**< We refresh                       */
	unsigned tries;            /**< 422 in a row                     */
	struct tmr tmr;
};

/** RFC 3515, both ways */
struct session_refer_state {
	struct refer_out *out;     /**< Our REFER, while under way       */
	bool in;                   /**< Theirs                           */
	bool quiet;                /**< They want no NOTIFY (RFC 4488)   */
	uint32_t id;               /**< CSeq of theirs                   */
	unsigned told;             /**< NOTIFYs sent                     */
	struct request *notify;    /**< The one in flight                */
	uint16_t next;             /**< Code of the one after it, or 0   */
};

struct session {
	struct le he;
	struct stack *stack;
	struct sip_dialog *dlg;
	struct session_invite *invite;  /**< Ours, in flight            */
	struct sip_strans *st;     /**< Theirs, not yet answered         */
	const struct sip_msg *msg; /**< The INVITE of st                 */
	struct mbuf *remote;       /**< Offer of the first INVITE        */
	struct mbuf *early;        /**< SDP of the last 1xx without a tag */
	struct list earlyl;        /**< struct session_early, owned      */
	struct mbuf *offer;        /**< Our open change's                */
	struct request *update;    /**< Our UPDATE in flight             */
	struct session_prack rel;
	struct session_timer timer;
	struct session_refer_state refer;
	struct session_options opt;
	char *hdrs;                /**< opt.hdrs                         */
	char *ltag, *rtag;         /**< Of the dialog; NULL: none yet    */
	char *moved;               /**< Where a 3xx points               */
	char *diverted_uri, *diverted_name;
	const char *bye_reason;    /**< Constant: value of Reason        */
	struct tmr tmr;            /**< Close, or 491 again              */
	char *uri;
	char *name;
	char *callid;
	enum session_state state;
	enum sip_transp tp;
	bool incoming;
	bool told;                 /**< estabh was called                */
	bool elsewhere;            /**< Somebody else answered           */
	bool anonymous, asks_answer, from_server;
	bool peer_update;          /**< Its Allow names UPDATE           */
	struct sa src;             /**< Of the first INVITE              */
	struct session_handlers h;

	int close_err;
	uint16_t close_scode;
	char reason[256];
};

/* ---- session.c ---- */
int session_alloc(struct session **sessp, struct stack *stack,
		  const struct session_handlers *h);

/** Enter it into the stack's table; needs callid */
void session_hash(struct session *sess);

/** closeh comes from the loop; only the first call counts */
void session_end(struct session *sess, int err, uint16_t scode,
		 const char *reason);

/** BYE; what comes of it interests nobody. reason: value of the header
 *  Reason, or NULL */
void session_bye(struct stack *stack, struct sip_dialog *dlg, bool incoming,
		 const char *reason);

/** The network or the peer broke it: BYE, closeh with err */
void session_fail(struct session *sess, int err);

/** estabh, once */
void session_established(struct session *sess);

/** Body of a message if it is SDP, as an mbuf of its own; or NULL */
struct mbuf *session_sdp(const struct sip_msg *msg);

/** Peer's address and name from a header */
int session_peer(struct session *sess, const struct uri *uri,
		 const struct pl *dname);

/** Header lines of every INVITE: Allow, Supported, timer and the like */
int session_invite_hdrs(struct re_printf *pf, const struct session *sess);

/** Print a body and the headers that belong to it */
int session_body_print(struct re_printf *pf, struct mbuf *desc);

/** Contact line of an answer to msg */
struct session_reply {
	const struct session *sess;
	const struct sip_msg *msg;
};
int session_contact_print(struct re_printf *pf,
			  const struct session_reply *r);

/** Note what a message tells of the peer's abilities */
void session_peer_allow(struct session *sess, const struct sip_msg *msg);

/** Number in a header, 0 if it is not there or none */
uint32_t session_hdr_u32(const struct sip_msg *msg, enum sip_hdrid id);

/* ---- session_uac.c ---- */
void session_invite_drop(struct session *sess, bool cancel);

/** Send an INVITE; resph gets a struct session_invite */
int session_invite_send(struct session *sess, struct sip_dialog *dlg,
			struct mbuf *desc, bool reinvite, sip_resp_h *resph);

/** Close with the sentence for an answer or an error */
void session_end_by(struct session *sess, int err,
		    const struct sip_msg *msg);

/* ---- session_ack.c ---- */
/** ACK a 2xx, and again when it comes again; half: of the first INVITE */
int session_ack(struct stack *stack, struct sip_dialog *dlg,
		struct sip_dialog *half, uint32_t cseq, struct mbuf *desc);

/** ACK and BYE for a dialog that nobody wants */
void session_refuse_dialog(struct stack *stack, struct sip_dialog *half,
			   const struct sip_msg *msg);

/** A 2xx of an INVITE that no transaction took: ACK it again */
void session_stray_2xx(struct stack *stack, const struct sip_msg *msg);

/* ---- fork.c ---- */
/** The early dialog of a 1xx or 2xx, made if new; NULL: it names none */
struct session_early *session_early(struct session *sess,
				    struct sip_dialog *half,
				    const struct sip_msg *msg);

/** The early dialog a request belongs to, or NULL */
struct session_early *session_early_find(const struct session *sess,
					 const struct sip_msg *msg);

/* ---- session_modify.c ---- */
int session_reinvite(struct session *sess, struct mbuf *desc);

/** A re-INVITE came */
void session_reinvited(struct session *sess, const struct sip_msg *msg);

/** The peer refused our re-INVITE or UPDATE, or nothing came */
void session_modify_failed(struct session *sess, int err,
			   const struct sip_msg *msg);

/** 500 with Retry-After (RFC 3261 14.2, 3311 5.2) */
void session_retry_later(struct session *sess, const struct sip_msg *msg);

/* ---- update.c ---- */
/** desc NULL: a refresh that changes nothing */
int session_update(struct session *sess, struct mbuf *desc);
void session_updated(struct session *sess, const struct sip_msg *msg);

/* ---- prack.c ---- */
/** A 1xx of our INVITE: false if it is one to ignore */
bool prack_progress(struct session *sess, struct session_invite *inv,
		    struct session_early *early, const struct sip_msg *msg);

/** Must our 1xx be sent reliably? */
bool prack_wanted(const struct session *sess, const struct mbuf *desc);
int prack_reply(struct session *sess, struct mbuf *desc);

/** A PRACK came */
void prack_request(struct session *sess, const struct sip_msg *msg);

/** No more repetitions */
void prack_stop(struct session *sess);

/* ---- session_timer.c ---- */
/** Header lines of an INVITE or UPDATE of ours, and of our 2xx */
int timer_request_print(struct re_printf *pf, const struct session *sess);
int timer_reply_print(struct re_printf *pf, const struct session *sess);

/** A request asks for a timer: false if it was answered with 422 */
bool timer_request(struct session *sess, const struct sip_msg *msg);

/** A 2xx tells what it is to be */
void timer_response(struct session *sess, const struct sip_msg *msg);

/** 422 came: true if it is worth another try */
bool timer_too_small(struct session *sess, const struct sip_msg *msg);

/** It runs from now on, or anew */
void timer_start(struct session *sess);

/* ---- refer.c ---- */
/** Nobody is interested in our REFER any more */
void refer_drop(struct session *sess);
void refer_request(struct session *sess, const struct sip_msg *msg);
void refer_notify(struct session *sess, const struct sip_msg *msg);

/* ---- session_caller.c ---- */
/** What an INVITE says about who calls, and how it came */
void session_caller(struct session *sess, const struct sip_msg *msg);

/** Reason of a BYE or CANCEL (RFC 3326); hdr may be NULL */
void session_reason_take(struct session *sess, const struct pl *val);

/* ---- info.c ---- */
void info_request(struct session *sess, const struct sip_msg *msg);

/* ---- session_uas.c ---- */
/** A new INVITE that passed the gate */
void session_invited(struct stack *stack, const struct sip_msg *msg);

/** A request with a To tag; false: no session knows it */
bool session_request(struct stack *stack, const struct sip_msg *msg);

/** A CANCEL is about to be handled by the transaction layer, which keeps
 *  its headers for itself: note its Reason */
void session_cancel_peek(struct stack *stack, const uint8_t *pkt,
			 size_t len);

/** Keep an INVITE of the peer and open its transaction */
int session_set_invite(struct session *sess, const struct sip_msg *msg);

/** Final answer to the INVITE that waits, if one does */
void session_refuse(struct session *sess, uint16_t scode,
		    const char *reason);

/** 200 to the INVITE that waits */
int session_answer(struct session *sess, struct mbuf *desc);

/* ---- session_accept.c ---- */
/** Answer 2xx and repeat it until the ACK; offered: it holds our offer */
int session_reply_2xx(struct session *sess, struct mbuf *desc,
		      bool offered);

/** An ACK came */
void session_acked(struct stack *stack, const struct sip_msg *msg);

/** A 2xx of this session waits for its ACK */
bool session_accept_pending(const struct session *sess);
/** The session goes; BYE when the ACK has come, with this constant as its
 *  Reason, or none at all (NULL) */
void session_accept_drop(struct session *sess, const char *bye);

/** A BYE for a session that is gone, whose ACK is awaited */
bool session_accept_bye(struct stack *stack, const struct sip_msg *msg);

#endif
