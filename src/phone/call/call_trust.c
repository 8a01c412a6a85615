/**
 * @file call_trust.c  Is it the same person as ever?
 *
 * ZRTP says whether both ends remember that their words were compared. What
 * it cannot say is what is missing: somebody in the middle is a device never
 * met before, with which nothing can mismatch. So each device is looked up in
 * the trust store, and a peer who was verified and comes up otherwise is an
 * alarm, until the user has compared the words anew.
 */
#include "call.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/contact/contact.h"
#include "phone/media/stream.h"
#include "phone/store/trust.h"

enum { DATE_MAX = 16 };


static bool is_zrtp(const struct call *call)
{
	return call->facts.keys == KEYS_ZRTP;
}


static void date(char *buf, size_t size, int64_t t)
{
	const time_t tt = (time_t)t;
	struct tm tm;

	if (!localtime_r(&tt, &tm) ||
	    !strftime(buf, size, "%Y-%m-%d", &tm))
		buf[0] = '\0';
}


static void note(struct call *call, const char *key, enum trust_what what)
{
	const char *device = call->secure.info.peer_id;
	int err;

	err = trust_note(call->cs->db, account_address(call->acc), key,
			 device, time(NULL), what);
	if (err)
		warning("call %u: verifications: %m\n", call->id, err);
}


/* A peer that was verified and is not now */
static void came_unverified(struct call *call, const char *key,
			    const struct trust_known *known)
{
	const bool same = known->verified > 0;
	char when[DATE_MAX], text[256];

	date(when, sizeof(when), same ? known->verified :
	     known->peer_verified);
	(void)re_snprintf(text, sizeof(text), same ?
			  "This device was verified on %s, but the other "
			  "side does not remember it. Compare the words "
			  "before you trust this call" :
			  "You verified this person on %s, but this is "
			  "another device, or somebody in the middle. "
			  "Compare the words before you trust this call",
			  when);

	note(call, key, same ? TRUST_LOST : TRUST_NEW);
	call->facts.alarm = true;
	call_secure_alarm(call, "unverified", text);
}


bool call_trust_known(const struct call *call)
{
	char *key = NULL;
	bool met;

	if (!calls_need_store(call->cs) ||
	    contact_uri_key(&key, call_peer_uri(call)))
		return false;

	met = trust_met(call->cs->db, account_address(call->acc), key);
	mem_deref(key);

	return met;
}


void call_trust_met(struct call *call)
{
	const struct stream_crypto *info = &call->secure.info;
	struct trust_known known;
	char *key = NULL;
	int err;

	call->facts.sas_verified = is_zrtp(call) && info->verified;

	/* Where nothing can be kept, nothing is known */
	if (!is_zrtp(call) || !calls_need_store(call->cs) ||
	    contact_uri_key(&key, call_peer_uri(call)))
		return;

	err = trust_seen(call->cs->db, account_address(call->acc), key,
			 info->peer_id, time(NULL), &known);
	if (err)
		warning("call %u: identities: %m\n", call->id, err);
	else if (!info->verified && (known.verified || known.peer_verified))
		came_unverified(call, key, &known);

	mem_deref(key);
}


void call_trust_answered(struct call *call)
{
	char when[DATE_MAX], text[256];
	char *key = NULL;
	int64_t since = 0;

	/* no codec: their answer is still to come, in the ACK */
	if (!*stream_codec(call->stream) ||
	    !strcmp(stream_crypto_way(call->stream),
		    key_exchange_name(KEYS_ZRTP)) ||
	    !calls_need_store(call->cs) ||
	    contact_uri_key(&key, call_peer_uri(call)))
		return;

	/* The label says what it is worth; what it was worth once is said
	 * here. Somebody on the way may have taken ZRTP out of SDP */
	if (!trust_verified(call->cs->db, account_address(call->acc), key,
			    &since) && since) {
		date(when, sizeof(when), since);
		(void)re_snprintf(text, sizeof(text),
				  "You verified this person on %s, but this "
				  "call is not encrypted end to end. Somebody "
				  "on the way may have seen to that", when);
		call_secure_alarm(call, "not-end-to-end", text);
	}
	mem_deref(key);
}


bool call_trust_alarm(struct call *call, const char *kind)
{
	char *key = NULL;

	/* Refused or without effect, and the keys are what they were */
	if (!strcmp(kind, "goclear") || !strcmp(kind, "forged"))
		return false;

	if (!strcmp(kind, "cache-mismatch") && call->cs->db &&
	    !contact_uri_key(&key, call_peer_uri(call)))
		note(call, key, TRUST_MISMATCH);
	mem_deref(key);

	return true;
}


/* Which alarms does it answer that the words are the same? */
static bool answered_by_words(const struct call_alarm *a)
{
	return !strcmp(a->kind, "unverified") ||
	       !strcmp(a->kind, "cache-mismatch") ||
	       !strcmp(a->kind, "hash") || !strcmp(a->kind, "forged") ||
	       !strcmp(a->kind, "goclear") || !strcmp(a->kind, "downgrade");
}


static void words_same(struct call *call)
{
	struct call_secure *cs = &call->secure;
	bool left = false;
	size_t i;

	for (i = 0; i < cs->alarmc; i++) {
		if (answered_by_words(&cs->alarmv[i]))
			cs->alarmv[i].acknowledged = true;
		else
			left = true;
	}

	call->facts.sas_verified = true;
	call->facts.alarm = left;
}


static void words_differ(struct call *call)
{
	call->facts.sas_verified = false;
	call->facts.alarm = true;
	call->secure.differed = true;
	call_secure_alarm(call, "words", "The words differ: somebody in the "
			  "middle can listen");
	call_alarms_read(call);
}


/* It lasts; the phone goes on without if the disk will not have it */
static void remember(struct call *call, bool same)
{
	char *key = NULL;
	int err;

	if (!call->cs->db)
		return;

	err = contact_uri_key(&key, call_peer_uri(call));
	if (!err)
		err = trust_compared(call->cs->db,
				     account_address(call->acc), key,
				     call->secure.info.peer_id, time(NULL),
				     same);
	mem_deref(key);
	if (err)
		warning("call %u: verifications: %m\n", call->id, err);
}


int call_compared(struct call *call, bool same, const char **why)
{
	struct call_secure *cs = &call->secure;
	int err;

	if (call->state == CALL_ENDED || !is_zrtp(call) ||
	    !cs->info.sas_b32[0]) {
		*why = "This call has no words to compare";
		return ENOENT;
	}
	if (cs->differed && same) {
		*why = "The words of this call differed: end it and call "
		       "again";
		return EPERM;
	}

	err = stream_confirm(call->stream, same);
	if (err) {
		*why = "The words cannot be confirmed now";
		return err;
	}

	remember(call, same);
	if (same)
		words_same(call);
	else
		words_differ(call);

	info("call %u: words compared, label %s\n", call->id,
	     label_name(call_label(call)));
	call_changed(call);

	return 0;
}


void call_alarms_read(struct call *call)
{
	struct call_secure *cs = &call->secure;
	size_t i;

	for (i = 0; i < cs->alarmc; i++)
		cs->alarmv[i].acknowledged = true;
}


void call_acknowledge(struct call *call)
{
	call_alarms_read(call);
	call_changed(call);
}


const char *call_device(const struct call *call)
{
	return call->secure.info.peer_id;
}
