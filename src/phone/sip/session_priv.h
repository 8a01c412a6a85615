/**
 * @file session_priv.h  Inside a session; for the files of this room only
 */
#ifndef OFFHOOK_SESSION_PRIV_H
#define OFFHOOK_SESSION_PRIV_H

#include "request.h"
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
	bool offered;              /**< The INVITE held our offer        */
	bool reinvite;
};

struct session {
	struct le he;
	struct stack *stack;
	struct sip_dialog *dlg;
	struct session_invite *invite;  /**< Ours, in flight            */
	struct sip_strans *st;     /**< Theirs, not yet answered         */
	const struct sip_msg *msg; /**< The INVITE of st                 */
	struct mbuf *remote;       /**< Offer of the first INVITE        */
	struct mbuf *early;        /**< SDP of the last 1xx              */
	struct mbuf *offer;        /**< Our open re-INVITE's             */
	struct tmr tmr;            /**< Close, or 491 again              */
	char *uri;
	char *name;
	char *callid;
	enum session_state state;
	enum sip_transp tp;
	bool incoming;
	bool told;                 /**< estabh was called                */
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

/** BYE; what comes of it interests nobody */
void session_bye(struct stack *stack, struct sip_dialog *dlg, bool incoming);

/** estabh, once */
void session_established(struct session *sess);

/** Body of a message if it is SDP, as an mbuf of its own; or NULL */
struct mbuf *session_sdp(const struct sip_msg *msg);

/** Peer's address and name from a header */
int session_peer(struct session *sess, const struct uri *uri,
		 const struct pl *dname);

/* ---- session_uac.c ---- */
void session_invite_drop(struct session *sess, bool cancel);

/** Try again after 491 (RFC 3261 14.1) */
int session_reinvite(struct session *sess, struct mbuf *desc);

/** A 2xx of an INVITE that no transaction took: ACK it again */
void session_stray_2xx(struct stack *stack, const struct sip_msg *msg);

/* ---- session_uas.c ---- */
/** A new INVITE that passed the gate */
void session_invited(struct stack *stack, const struct sip_msg *msg);

/** A request with a To tag; false: no session knows it */
bool session_request(struct stack *stack, const struct sip_msg *msg);

/** Final answer to the INVITE that waits, if one does */
void session_refuse(struct session *sess, uint16_t scode,
		    const char *reason);

/** A 2xx of this session waits for its ACK: BYE when it has come */
bool session_accept_pending(const struct session *sess);
void session_accept_drop(struct session *sess, bool bye);

#endif
