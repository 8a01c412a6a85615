/**
 * @file stack_priv.h  Inside a stack; for the files of this room only
 */
#ifndef OFFHOOK_STACK_PRIV_H
#define OFFHOOK_STACK_PRIV_H

#include "srv.h"
#include "stack.h"

enum {
	STACK_SEEN = 1024,        /**< Requests remembered (power of 2)  */
	STACK_KNOWN = 24          /**< Addresses of our server           */
};

struct auth;
struct doorman;
struct keepalive;
struct outbound;
struct resolver;
struct tls_policy;

/** A request answered without a transaction: its repetition is known */
struct stack_seen {
	uint64_t key;
	uint64_t until;
};

struct stack {
	struct sip *sip;
	struct resolver *resolver;
	struct outbound *ob;
	struct doorman *door;
	struct keepalive *keep;   /**< Of the registration, not owned    */
	struct tls_policy *policy;
	struct auth *auth;        /**< NULL: direct, nothing to log in to */
	struct sip_lsnr *lsnr_req;
	struct sip_lsnr *lsnr_resp;
	struct hash *ht_sess;     /**< Sessions by Call-ID, not owned    */
	struct list requestl;     /**< struct request, owned             */
	struct list legl;         /**< Left for another server; owned    */
	struct list subl;         /**< struct subscription, not owned    */
	struct list acceptl;      /**< 2xx sent, ACK awaited; owned      */
	struct list ackl;         /**< ACK sent, to repeat; owned        */
	struct tmr tmr_free;
	struct tmr tmr_close;
	char *aor;                /**< "sip:alice@example.org"           */
	char *domain;             /**< "example.org" or "[v6]:port"      */
	char *user;
	char *name;               /**< Display name, quoted, or NULL     */
	char *hop;                /**< Next hop, NULL if direct          */
	char *hop_tcp;            /**< The same by TCP                   */
	char *host;               /**< Host of the next hop              */
	char *listen;             /**< As the user gave it, or NULL      */
	char *allow;              /**< Who else may send requests        */
	enum sip_transp tp;
	struct sa laddr;          /**< Our first address                 */
	struct sa server;         /**< Where our requests go             */
	struct srv_hop flow;      /**< Where we are registered           */
	struct sa conn[SIP_TRANSPC]; /**< Our end of the connection there */
	struct sa knownv[STACK_KNOWN]; /**< Where the server was found   */
	size_t knownc;
	bool direct;
	bool closing;
	uint64_t close_until;
	struct stack_handlers h;
	stack_capability_h *caph;
	void *caparg;
	stack_notify_h *notifyh;
	void *notify_arg;
	struct stack_seen *seen;
	struct pl cancel_callid;  /**< Of the CANCEL that is being read; */
	struct pl cancel_reason;  /**< they point into its packet        */
};

/** Drop the reference that a handler of libre's holds while it runs: the
 *  stack must not be destroyed below libre's feet */
void stack_release(struct stack *stack);

/** Note where an answer came in (our end of the connection) */
void stack_response(struct stack *stack, const struct sip_msg *msg);

/** Small messages go out at once on the connection a message came by */
void stack_nodelay(const struct sip_msg *msg);

/** Addresses of our server: requests may come from there */
void stack_know(struct stack *stack, const struct srv_hop *hopv,
		size_t hopc);

/** Our address towards another one */
int stack_laddr_for(const struct stack *stack, enum sip_transp tp,
		    const struct sa *dst, struct sa *laddr);

/** Open the sockets; errors of the first address only */
int stack_transports_open(struct stack *stack);

/** Write the Contact line of a request; dst is where it goes */
int stack_contact_hdr(struct mbuf *mb, const struct stack *stack,
		      enum sip_transp tp, const struct sa *src,
		      const struct sa *dst);

/** Print the Contact line of an answer to a request */
int stack_contact_reply(struct re_printf *pf, const struct stack *stack,
			const struct sip_msg *msg);

/** A half dialog to a target, routed through the account's server */
int stack_dialog(struct sip_dialog **dlgp, const struct stack *stack,
		 const char *uri, bool tcp);

/** Inbound requests and stray responses */
int stack_dispatch_init(struct stack *stack);

/** Look at each packet; log it when the environment asks for it */
void stack_trace_init(struct stack *stack);

#endif
