/**
 * @file label.h  Who could listen to a call: one word and one sentence
 *
 * Pure. The only place that decides what a screen may claim.
 */
#ifndef OFFHOOK_LABEL_H
#define OFFHOOK_LABEL_H

#include <stdbool.h>

/** How the keys of the media were agreed */
enum key_exchange { KEYS_NONE, KEYS_SDES, KEYS_DTLS_SRTP, KEYS_ZRTP };

enum label {
	LABEL_PLAIN,       /**< Anybody on the path can listen            */
	LABEL_HOP,         /**< Encrypted, but servers on the path can    */
	LABEL_E2E,         /**< End to end, words not compared            */
	LABEL_VERIFIED,    /**< End to end and compared                   */
	LABEL_BROKEN       /**< Somebody may be in the middle             */
};

/** Least protection a call must have */
enum minimum {
	MINIMUM_OFF, MINIMUM_PREFER, MINIMUM_REQUIRE, MINIMUM_E2E,
	MINIMUM_VERIFIED
};

/** What is known of a call's protection */
struct label_facts {
	enum key_exchange keys;
	bool signalling_tls;     /**< Our hop to the server is TLS        */
	bool sas_verified;
	bool alarm;              /**< Words differ, cache mismatch, ...   */
};

enum label label_derive(const struct label_facts *facts);

/** Label of a MESSAGE that is not encrypted itself: as safe as its way to
 *  the server */
enum label label_message(bool signalling_tls);

/** "plain", "hop", "e2e", "verified", "broken" */
const char *label_name(enum label label);

/** A sentence that says who could listen to anything with this label */
const char *label_sentence(enum label label);

/** A sentence that says who could listen to this call */
const char *label_who(const struct label_facts *facts);

/** "none", "tls": what protects the signalling on our hop */
const char *label_signalling(bool tls);

/** "none", "sdes", "dtls-srtp", "zrtp" */
const char *key_exchange_name(enum key_exchange keys);

/** By its name; unknown ones are KEYS_NONE */
enum key_exchange key_exchange_decode(const char *name);

/** Minimum by its name in the settings; unknown words are VERIFIED, so
 *  that a typing error never lowers it */
enum minimum minimum_decode(const char *name);

/** Is it one of the five words? */
bool minimum_valid(const char *name);

/** "off", "prefer", "require", "e2e", "verified" */
const char *minimum_name(enum minimum minimum);

/** Is a call with this label allowed? */
bool minimum_allows(enum minimum minimum, enum label label);

#endif
