/**
 * @file call_priv.h  What the files of this room share
 */
#ifndef OFFHOOK_CALL_PRIV_H
#define OFFHOOK_CALL_PRIV_H

#include "phone/call/call.h"
#include "phone/call/screening.h"
#include "phone/media/media.h"
#include "phone/media/stream.h"
#include "phone/secure/policy.h"
#include "phone/sip/session.h"

enum { CALL_RINGING_MAX = 3, CALL_BURST_MAX = 6, CALL_DIGITS_MAX = 64 };

/** What the user is asked about a call (call_question.c) */
struct call_question {
	enum question_kind kind;
	char *target;                    /**< The whole of it            */
	char *by;                        /**< Who wants it               */
	char *replaces;                  /**< Value of Replaces, or NULL */
	struct tmr tmr;                  /**< No answer is a no          */
};

/** Handing on, both ways (transfer.c) */
struct call_transfer {
	bool out;                        /**< We asked the peer to go    */
	uint32_t other;                  /**< ... into that call of ours */
	uint32_t referrer;               /**< The call whose peer sent us */
};

/** How a call is protected (call_secure.c) */
struct call_secure {
	struct policy policy;
	struct policy_offer offerv[POLICY_OFFERS];
	size_t offerc, offer;            /**< The one that is tried      */
	struct stream_crypto info;       /**< What is known of the keys  */
	struct call_alarm alarmv[CALL_ALARMS];
	size_t alarmc;
	bool differed;                   /**< The words, says the user   */
	bool upgraded;                   /**< ZRTP was offered later on  */
	char why[256];                   /**< Why it ended, if we know
					      better than SIP            */
};

struct calls {
	struct list calll;               /**< struct call, owned         */
	uint32_t last_id;
	const struct config *config;
	struct accounts *accounts;
	struct contacts *contacts;
	struct db *db;                   /**< NULL until the store is up */
	enum tone tone;
	uint32_t last_conference;
	char *last_target;               /**< For redial                 */
	struct account *last_account;
	struct screening_sources sources;
	calls_prepare_h *prepareh;
	calls_prepare_h *storeh;         /**< May be NULL                */
	void *prepare_arg;
	char *dir;                       /**< For what keys remember     */
	struct tmr rest_tmr;             /**< Runs after the last call   */
};

/** What it sounded like, second by second */
struct call_quality {
	uint32_t seconds;
	float mos_sum, mos_min;
	float rtt_sum, playout_sum;
	uint32_t goodc;                  /**< Seconds of a good net      */
	const char *net;                 /**< Word of the last bad one   */
};

struct call {
	struct le le;
	struct calls *cs;
	uint32_t id;
	struct account *acc;             /**< Referenced                 */
	struct session *sess;            /**< NULL once ended            */
	struct stream *stream;           /**< NULL once ended            */
	enum call_state state;
	bool incoming;
	bool hold;                       /**< We asked for hold          */
	bool muted;
	bool silenced;
	bool rejected;                   /**< By us                      */
	bool cancelled;                  /**< We hung up before an answer */
	bool elsewhere;                  /**< Somebody else has it       */
	uint32_t conference;             /**< 0: none                    */
	uint32_t redirects;              /**< 3xx that were followed     */
	char *hdrs;                      /**< More lines of its INVITE   */
	char *diverted_uri;              /**< Who sent it on to us       */
	char *diverted_name;
	struct call_question question;
	struct call_transfer transfer;
	char dtmf[CALL_DIGITS_MAX];      /**< To be sent by INFO         */
	struct tmr dtmf_tmr;
	struct tmr unmute_tmr;           /**< Answered without a hand    */
	char *peer_uri;
	char *peer_name;
	char *transport;
	char *codec;
	char *record_file;               /**< The last one               */
	uint32_t rate;
	int64_t start, answered, ended;
	uint64_t answered_jiffies;
	struct label_facts facts;
	struct call_secure secure;
	struct stream_figures figures;   /**< The last ones              */
	struct call_quality quality;
	char digits[CALL_DIGITS_MAX];
	char notice[256];
	char reason[256];
	uint16_t scode;
	struct tmr tmr;                  /**< Ring time; then removal    */
	struct tmr offer_tmr;            /**< A change that has to wait  */
	bool hold_asked;                 /**< Hold or resume is open     */
};

/** What the session tells a call; arg is to be the call */
extern const struct session_handlers call_session_handlers;

/** Answered, by whichever side: note time and codec */
void call_set_up(struct call *call);

/** The state of a call that is up, from who holds it */
void call_update_state(struct call *call);

/** The call is over: keep what is to be told, let go of the rest */
void call_end(struct call *call, int err, uint16_t scode,
	      const char *reason);

/** Offer all that is true now: hold, address, keys. While another change
 *  is under way, a little later. 0 or errorcode */
int call_reoffer(struct call *call);

/** Hold or resume was refused: the call goes on as it was */
void call_hold_refused(struct call *call, const char *reason);

/** A stream for a call, told of by call_media.c */
int call_stream_alloc(struct stream **sp, struct call *call);

/** New sockets for the sound at the account's address of now; the peer
 *  does not know yet */
int call_stream_move(struct call *call);

/** Codec and rate as the stream has them now */
void call_note_stream(struct call *call);

/** A digit the peer sent, by RTP or by INFO */
void call_add_digit(struct call *call, char digit);

/** The recording ended by itself */
void call_record_failed(struct call *call, int err);

/** Sentence for an error of the stream */
const char *call_stream_error(int err);

/** A call changed: tones follow, listeners are told */
void call_changed(struct call *call);

/** A new call in the list, its stream made */
int call_new(struct call **callp, struct calls *cs, struct account *acc,
	     bool incoming);

/** Write it to the call log */
void call_log_write(const struct call *call);

/**
 * The database, opened now if that was put off until after a first ring
 *
 * @return Database, or NULL if it cannot be opened
 */
struct db *calls_need_store(const struct calls *cs);

/** If that was the last call: later give back the memory it does not need */
void calls_rest(struct calls *cs);

/** Ring tone, ringback or silence, from the state of all calls */
void calls_update_tone(struct calls *cs);

/** Put whoever else is talking on hold */
void calls_hold_others(struct calls *cs, const struct call *except);

/** How the first offer is to be protected. EPERM: there can be no call */
int call_secure_dial(struct call *call, const char **why);

/** Refused with this: was another offer made? */
bool call_secure_again(struct call *call, uint16_t scode);

/**
 * An INVITE: may it become a call? desc NULL: without an offer
 *
 * @param why  Set to a sentence if protection is the reason, else NULL
 */
int call_secure_invited(struct call *call, struct mbuf *desc,
			const char **why);

/** What the stream says about keys; the call may end in here */
void call_secure_event(struct call *call, const struct stream_crypto *ev);

/** An offer or answer was refused with err: note what that means */
int call_secure_refuse(struct call *call, int err);

/** Did this peer ever speak ZRTP with this account? */
bool call_trust_known(const struct call *call);

/** Keys are there: whose are they? Sets the facts, may raise an alarm */
void call_trust_met(struct call *call);

/** Answered: is it less than this peer was worth once? */
void call_trust_answered(struct call *call);

/** An alarm of the agreement: does it break the label? */
bool call_trust_alarm(struct call *call, const char *kind);

/** Mark all alarms as read */
void call_alarms_read(struct call *call);

/** Something the user has to know: noted, logged and told */
void call_secure_alarm(struct call *call, const char *kind,
		       const char *text);

/** Send the INVITE of a call that we make; sets its peer */
int call_connect(struct call *call, const char *uri, const char **why);

/** A new call of ours, INVITE sent; hdrs: more lines for it, or NULL */
int call_begin(struct call **callp, struct calls *cs, struct account *acc,
	       const char *uri, const char *hdrs, const char **why);

/** What the settings say about sessions of an account */
void call_options(struct session_options *opt, const struct call *call);

/** Its peer ends this call, or we do in a while */
void call_expect_end(struct call *call);

/* ---- call_question.c ---- */
int call_ask(struct call *call, enum question_kind kind, const char *target,
	     const char *by, const char *replaces);
void call_question_clear(struct call *call);

/* ---- transfer.c ---- */
/** The peer says how our transfer goes (session_referred_h) */
void call_transfer_progress(struct call *call, uint16_t scode, bool final);

/** The peer wants us to call somebody (session_refer_h) */
void call_referral(struct call *call, const struct session_referral *ref);
int call_follow_referral(struct call *call, const char *target,
			 const char *by, const char *replaces,
			 const char **why);

/** How this call goes, to the one that sent us here */
void call_tell_referrer(struct call *call, uint16_t scode);

struct call *call_of_session(const struct calls *cs,
			     const struct session *sess);

/** A call that rings takes the place of another one */
void call_replaced(struct call *old, struct call *call);

/* ---- conference.c ---- */
/** A call that has ended leaves its conference */
void call_conference_left(struct call *call);

/** A call that never was: a row in the call log */
void calls_log_refused(const struct calls *cs, const struct account *acc,
		       const char *uri, const char *name, uint16_t scode,
		       const char *why, bool missed);

/** An INVITE came in through an account (account_invite_h) */
void call_incoming_handler(struct account *acc, struct session *sess,
			   void *arg);

#endif
