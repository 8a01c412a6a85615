/**
 * @file stack.h  One SIP stack an account: sockets, TLS, listeners
 *
 * A stack owns libre's struct sip, its transports and its struct tls, so
 * that no credential, connection or request of one account ever meets
 * another. The gate (gate.h) is its first listener; then requests inside
 * sessions; then MESSAGE and OPTIONS; then INVITE. Main loop only.
 */
#ifndef OFFHOOK_STACK_H
#define OFFHOOK_STACK_H

#include "common/re_compat.h"

struct stack;
struct session;

/** What a stack is made from; copied */
struct stack_config {
	const char *aor;          /**< Address: "sip:alice@example.org"     */
	const char *display_name; /**< Or NULL                              */
	const char *server;       /**< Registrar and outbound proxy, e.g.
				       "sip:1.2.3.4:5061;transport=tls";
				       NULL: the AOR's domain               */
	const char *auth_user;    /**< Digest user name, NULL: AOR's user   */
	const char *ca_file;      /**< PEM file of CAs, NULL: the system's  */
	const char *listen;       /**< "HOST:PORT" or NULL: the address that
				       routes to the server, random port    */
	bool direct;              /**< No registrar; listens UDP and TCP    */
	const char *instance;     /**< UUID of this phone (RFC 5626), NULL:
				       none                             */
	const char *allow;        /**< Addresses and networks beside the
				       server that may send requests:
				       "192.0.2.7, 10.0.0.0/8"; or NULL */
	const char *pin;          /**< SHA-256 of the one certificate that
				       is believed (hex), or NULL       */
	const char *client_cert;  /**< PEM file, certificate and key, to
				       show to the server; direct: what
				       callers by TLS are shown; or NULL */
	const char *realm;        /**< Realm to give the password to, NULL:
				       the first that fits the account      */
};

/** Name of the SIP side of the phone: User-Agent */
#define STACK_SOFTWARE "offhook"

/**
 * The password is wanted (a challenge came)
 *
 * @param passp  Set to a new string (mem_deref); wiped by the caller
 *
 * @return 0, ENOENT if there is none
 */
typedef int (stack_password_h)(char **passp, void *arg);

/**
 * An INVITE came in that passed the gate; session is new, nothing but 100
 * has been answered. The handler calls session_accept() or
 * session_reject(); the session is owned by the handler (mem_ref is its).
 */
typedef void (stack_invite_h)(struct session *session, void *arg);

/** A MESSAGE that passed the gate; see message.h */
struct message_in;
typedef void (stack_message_h)(const struct message_in *msg, void *arg);

/** A transport failed or came up; text is a sentence for the user */
typedef void (stack_event_h)(int err, const char *text, void *arg);

struct stack_handlers {
	stack_password_h *passwordh;
	stack_invite_h *inviteh;
	stack_message_h *messageh;
	stack_event_h *eventh;
	void *arg;
};

/**
 * Make a stack and open its transports
 *
 * @param stackp  Stack, free with mem_deref()
 * @param conf    What it is made from
 * @param h       Handlers
 *
 * @return 0 if success, otherwise errorcode (EADDRINUSE and its like from
 *         the sockets, EINVAL: bad address, ENOENT: CA file missing)
 */
int stack_alloc(struct stack **stackp, const struct stack_config *conf,
		const struct stack_handlers *h);

/**
 * No handler is called any more and new requests get 503. The stack stays
 * alive by itself until what it sent is answered, at most 2 s (so that a
 * BYE or a REGISTER that was just sent gets through), the owner may drop
 * it at once.
 *
 * @param force  Drop what is open, wait for nothing
 */
void stack_close(struct stack *stack, bool force);

/** Requests sent and not yet finally answered */
uint32_t stack_pending(const struct stack *stack);

/** The realm the password goes to, NULL if none was learnt yet */
const char *stack_realm(const struct stack *stack);

const char *stack_aor(const struct stack *stack);
const char *stack_domain(const struct stack *stack);
struct sip *stack_sip(const struct stack *stack);

/** Transport that requests of this stack use (from server or AOR) */
enum sip_transp stack_transp(const struct stack *stack);

/** First local address of a transport, port included; ENOENT if none */
int stack_laddr(const struct stack *stack, enum sip_transp tp,
		struct sa *laddr);

/**
 * Contact URI for requests to dst: `sip:RANDOM@HOST:PORT;transport=tcp`
 * (print handler, libre's %H). No user or host name of this machine's
 * owner is in it.
 */
int stack_contact_print(struct re_printf *pf, const struct stack *stack);

/** The name the registrar gave this phone (RFC 5627), NULL: none */
const char *stack_gruu(const struct stack *stack);

/** Why the last TLS connection was refused, as a sentence; "" if none */
const char *stack_tls_reason(const struct stack *stack);

/** Is the connection to the server TLS with a verified certificate? */
bool stack_tls_verified(const struct stack *stack);

/** The server's certificate as it was last seen; NULL: none was */
const struct tls_cert *stack_tls_cert(const struct stack *stack);

/**
 * The machine's addresses or routes changed: open the sockets anew if ours
 * is another one now
 *
 * @return True if it is: register again, and tell the peers of calls
 */
bool stack_follow(struct stack *stack);

/**
 * A NOTIFY that nobody asked for came from our server: many report waiting
 * messages so (RFC 3842 leaves it open)
 *
 * @param event  Value of Event
 * @param body   Hostile
 *
 * @return true if it was understood
 */
typedef bool (stack_notify_h)(const struct pl *event, const char *body,
			      size_t len, void *arg);
void stack_set_notify_handler(struct stack *stack, stack_notify_h *h,
			      void *arg);

/** Set the seam for OPTIONS answers: SDP of our abilities, or NULL */
typedef int (stack_capability_h)(struct mbuf **descp, void *arg);
void stack_set_capability_handler(struct stack *stack,
				  stack_capability_h *h, void *arg);

#endif
