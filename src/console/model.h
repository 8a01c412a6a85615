/**
 * @file model.h  What the phone last said
 *
 * Filled from answers and events, read by the panels. All texts are cleaned
 * on the way in, so that nothing behind this door needs to think of it.
 */
#ifndef OFFHOOK_MODEL_H
#define OFFHOOK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct m_peer {
	char *uri;
	char *name;             /**< "" if unknown                    */
	char *contact;          /**< Contact's id or ""               */
};

struct m_account {
	int64_t id;
	char *address, *name, *server, *transport, *state, *reason, *listen;
	int64_t voicemail;      /**< Messages not heard, -1: some     */
	bool enabled;
};

struct m_call {
	int64_t id;
	int64_t account;
	struct m_peer peer;
	bool incoming;
	char *state, *codec, *crypto, *label, *transport, *digits, *reason;
	char *advice;           /**< What to do about the reason      */
	char *notice;
	char *sas, *sas_words;  /**< To compare, "" if none           */
	char *alarm;            /**< The first nobody has read, or "" */
	int64_t start, answered, ended;
	int rate;
	bool muted, held, remote_held, recording;
	int64_t conference;     /**< Number it shares, 0: in none     */
	char *question;         /**< Whom the network wants called, or "" */
	char *question_by;
	bool moved;             /**< ... instead of this one (3xx)    */
	char *diverted, *diverted_by; /**< Address and name, or ""    */
	bool figures;           /**< There are some                   */
	double rtt_ms, loss, jitter_ms, mos;
	char network[8];        /**< good, lossy, narrow, poor or ""  */
	double mic, speaker;    /**< 0..1                             */
	char sent[64];          /**< DTMF typed here                  */
};

struct m_contact {
	char *id;
	char *name;
	char **uris;
	size_t uric;
	char *presence;
	char *lamp;             /**< "", unknown, free, ringing, busy */
};

struct m_log {
	int64_t id;
	struct m_peer peer;
	bool incoming;
	char *result, *account, *reason;
	int64_t start, duration;
	double mos;             /* How it was heard, 0: not known        */
	bool seen;
};

struct m_conversation {
	int64_t id;
	int64_t account;
	struct m_peer peer;
	int64_t unread;
	char *label;
	int64_t last;           /**< Time of the last message         */
};

struct m_message {
	int64_t id;
	bool incoming;
	char *state, *text, *reason;
	int64_t time;
};

/** A SIP message that went by */
struct m_trace {
	int64_t id;
	double time;            /**< Seconds with fractions            */
	int64_t call;           /**< 0: of none                        */
	bool out, note;
	char *title, *text;
};

/** An array of pointers to objects */
struct m_array {
	void **v;
	size_t n;
	size_t size;
};

struct model {
	struct m_array accounts, calls, contacts, log, conversations;
	struct m_array messages;   /**< Of one conversation, oldest first */
	struct m_array trace;      /**< Oldest first                      */
	int64_t conversation;      /**< Which, 0: none                    */
	bool messages_all;         /**< Nothing older                     */
	bool log_all;
	int64_t missed, unread;
	char *version;
	char *shown;               /**< See model_shown()                 */
};

struct model *model_alloc(void);

/** How we are shown to others, "": nothing to nobody */
const char *model_shown(const struct model *m);

void model_free(struct model *m);

/** Forget everything: the phone is another one now */
void model_reset(struct model *m);

/* Whole answers */
void model_status(struct model *m, const json_t *status);
void model_accounts(struct model *m, const json_t *list);
void model_calls(struct model *m, const json_t *list);
void model_contacts(struct model *m, const json_t *list);
void model_conversations(struct model *m, const json_t *list);

/** A page of the log: the first replaces what there was; limit: asked for */
void model_log(struct model *m, const json_t *list, bool first,
	       size_t limit);

/** A page of messages; older: goes before what there is */
void model_messages(struct model *m, int64_t conversation,
		    const json_t *list, bool older, size_t limit);

/** Empty the messages and keep those of another conversation from now on */
void model_open_conversation(struct model *m, int64_t conversation);

/**
 * Take an event
 *
 * @return true if it was one that changes what is shown
 */
bool model_event(struct model *m, const char *method, const json_t *params);

/** Keep a message of the trace, forget all (model_trace.c) */
void model_trace_add(struct model *m, const json_t *msg);
void model_trace_clear(struct model *m);

struct m_account *model_account(const struct model *m, int64_t id);
struct m_call *model_call(const struct model *m, int64_t id);
struct m_contact *model_contact(const struct model *m, const char *id);
struct m_conversation *model_conversation(const struct model *m, int64_t id);

/** Newest conversation with this contact or, without one, this URI */
struct m_conversation *model_conversation_with(const struct model *m,
					       const char *contact,
					       const char *uri);

/** Unread messages of a contact, over all its conversations */
int64_t model_contact_unread(const struct model *m,
			     const struct m_contact *ct);

/** Name to show: the name, else the address without sip: */
const char *model_peer_name(const struct m_peer *peer);

/* The same for rows of arrays */
static inline struct m_account *model_account_at(const struct model *m,
						 size_t i)
{
	return i < m->accounts.n ? m->accounts.v[i] : NULL;
}

static inline struct m_call *model_call_at(const struct model *m, size_t i)
{
	return i < m->calls.n ? m->calls.v[i] : NULL;
}

static inline struct m_contact *model_contact_at(const struct model *m,
						 size_t i)
{
	return i < m->contacts.n ? m->contacts.v[i] : NULL;
}

static inline struct m_trace *model_trace_at(const struct model *m, size_t i)
{
	return i < m->trace.n ? m->trace.v[i] : NULL;
}

static inline struct m_log *model_log_at(const struct model *m, size_t i)
{
	return i < m->log.n ? m->log.v[i] : NULL;
}

static inline struct m_conversation *
model_conversation_at(const struct model *m, size_t i)
{
	return i < m->conversations.n ? m->conversations.v[i] : NULL;
}

static inline struct m_message *model_message_at(const struct model *m,
						 size_t i)
{
	return i < m->messages.n ? m->messages.v[i] : NULL;
}

#endif
