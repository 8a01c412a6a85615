/**
 * @file call.h  A call as its user knows it
 *
 * The only room that joins SIP, media and security. A call outlives its
 * session by five seconds, so that screens and scripts can read how it
 * ended. Main loop only.
 */
#ifndef OFFHOOK_CALL_H
#define OFFHOOK_CALL_H

#include "common/re_compat.h"
#include "phone/secure/label.h"

struct calls;
struct call;
struct config;
struct db;
struct account;
struct accounts;
struct contacts;
struct stream_figures;

enum call_state {
	CALL_CALLING,          /**< INVITE sent                         */
	CALL_RINGING,          /**< Rings, here or there                */
	CALL_EARLY,            /**< Sound before the answer             */
	CALL_ESTABLISHED,
	CALL_HELD,             /**< By us                               */
	CALL_REMOTE_HELD,      /**< By the peer                         */
	CALL_ENDED
};

enum { CALL_ALARMS = 6 };

/** Somebody may be in the middle, or tried to be */
struct call_alarm {
	char kind[24];         /**< "fingerprint", "downgrade", ...     */
	char text[256];
	bool acknowledged;     /**< The user has read it                */
};

/** Called before the first call: plugins must be loaded by then */
typedef void (calls_prepare_h)(void *arg);

/**
 * @param csp  Calls, free with mem_deref(); registers itself with the
 *             accounts as the taker of calls
 * @param dir  Folder for what the encryption remembers of its peers
 */
int calls_alloc(struct calls **csp, const struct config *config,
		struct accounts *accounts, struct contacts *contacts,
		const char *dir, calls_prepare_h *prepareh, void *arg);

/** Called when store and contacts are wanted at once; same arg */
void calls_set_store_handler(struct calls *cs, calls_prepare_h *storeh);

/** The store came up: rows are written from now on */
void calls_set_store(struct calls *cs, struct db *db,
		     struct contacts *contacts);

/** struct call in le->data, oldest first, ended ones last 5 s */
const struct list *calls_list(const struct calls *cs);
struct call *call_by_id(const struct calls *cs, uint32_t id);

/**
 * This machine is at another address now: the calls of an account get new
 * sockets and tell their peers by re-INVITE
 */
void calls_address_changed(struct calls *cs, const struct account *acc);

/** End all calls: BYE, CANCEL or 480 */
void calls_hangup_all(struct calls *cs);

/**
 * Call somebody
 *
 * @param why  Set to a sentence on error
 */
int call_dial(struct call **callp, struct calls *cs, struct account *acc,
	      const char *target, const char **why);

/* Each returns 0, or errorcode with *why set to a sentence (EALREADY,
 * ENOTCONN: not in a state for it) */
int call_answer(struct call *call, const char **why);
int call_reject(struct call *call, uint16_t scode, const char **why);
int call_hangup(struct call *call, const char **why);
int call_set_hold(struct call *call, bool hold, const char **why);
int call_set_mute(struct call *call, bool mute, const char **why);
/** Digits in the way the account says: RFC 4733, INFO or tones */
int call_send_dtmf(struct call *call, const char *digits, const char **why);
/** Stop the ring tone of this call */
int call_silence(struct call *call, const char **why);

/** Let the caller hear us before we answer (183) */
int call_early(struct call *call, const char **why);
/** Hold whoever talks, talk to another one; call NULL: the held one */
int call_swap(struct call **callp, struct calls *cs, struct call *call,
	      const char **why);
/** Call the last one again */
int call_redial(struct call **callp, struct calls *cs, const char **why);

/** Hand the peer on to a target (blind transfer); ends when it got there */
int call_transfer(struct call *call, const char *target, const char **why);
/** Connect the peers of two calls with one another (attended transfer) */
int call_transfer_to(struct call *call, struct call *other,
		     const char **why);

/** Mix two calls: a conference; who is in one brings it along */
int call_join(struct call *call, struct call *other, const char **why);
/** Take a call out of its conference and hold it */
int call_split(struct call *call, const char **why);
/** Number that the calls of a conference share, 0: none */
uint32_t call_conference(const struct call *call);

/** Which call to pick up, as dialog-info tells it (RFC 4235) */
struct call_dialog {
	const char *call_id;
	const char *local_tag;   /**< Of whoever is called to get it     */
	const char *remote_tag;
	bool early;              /**< Only while it rings                */
};

/** Take over a call by Replaces (RFC 3891) */
int call_pickup(struct call **callp, struct calls *cs, struct account *acc,
		const char *target, const struct call_dialog *dlg,
		const char **why);

/** What the network wants and the user has to allow */
enum question_kind { QUESTION_NONE, QUESTION_REDIRECT, QUESTION_TRANSFER };

int call_allow(struct call *call, const char **why);
int call_deny(struct call *call, const char **why);
enum question_kind call_question_kind(const struct call *call);
const char *call_question_target(const struct call *call);
const char *call_question_by(const struct call *call);

/** Who sent the call on to us, as the network says; "" if nobody */
const char *call_diverted_uri(const struct call *call);
const char *call_diverted_name(const struct call *call);

/** Record both sides into a file of its own (record.folder), or no more */
int call_record(struct call *call, bool on, const char **why);
bool call_recording(const struct call *call);
/** Path of the last recording, "" if there was none */
const char *call_record_file(const struct call *call);

uint32_t call_id(const struct call *call);
struct account *call_account(const struct call *call);
const char *call_peer_uri(const struct call *call);
const char *call_peer_name(const struct call *call);
bool call_incoming(const struct call *call);
enum call_state call_state(const struct call *call);
const char *call_state_name(const struct call *call);
bool call_is_up(const struct call *call);   /**< Sound may flow         */
bool call_muted(const struct call *call);
bool call_held(const struct call *call);           /**< By us          */
bool call_remote_held(const struct call *call);    /**< By the peer    */
int64_t call_start(const struct call *call);
int64_t call_answered(const struct call *call);
int64_t call_ended(const struct call *call);
const char *call_codec(const struct call *call);
uint32_t call_codec_rate(const struct call *call);
enum label call_label(const struct call *call);
enum key_exchange call_keys(const struct call *call);
/** Who could listen, a sentence */
const char *call_label_text(const struct call *call);
const char *call_sas_b32(const struct call *call);     /**< "" if none  */
const char *call_sas_words(const struct call *call);
bool call_verified(const struct call *call);
/** Algorithms, a line each */
const char *call_crypto_details(const struct call *call);
/** "tls" or "none" */
const char *call_signalling(const struct call *call);
/** Name of the peer's device, "" if it has none */
const char *call_device(const struct call *call);

/**
 * The user compared the words
 *
 * @param same  They are the same; false: they differ, which stays
 *
 * @return 0, ENOENT: there are no words, EPERM: they differed before
 */
int call_compared(struct call *call, bool same, const char **why);

/** The user has read the alarms; what they mean stays */
void call_acknowledge(struct call *call);

/** i-th alarm, NULL behind the last */
const struct call_alarm *call_alarm(const struct call *call, size_t i);
const char *call_transport(const struct call *call);
const char *call_digits(const struct call *call);
const char *call_notice(const struct call *call);
uint16_t call_code(const struct call *call);
const char *call_reason(const struct call *call);
const struct stream_figures *call_figures(const struct call *call);
float call_mos(const struct call *call);

#endif
