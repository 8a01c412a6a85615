/**
 * @file label.c  Who could listen to a call
 *
 * Facts in, one word out. SDES keys count only where the signalling that
 * carries them is encrypted; without that they are as good as clear. A
 * DTLS handshake cannot be overheard, but whoever can change the signalling
 * on its way, and that is every server on it, can put himself in between.
 */
#include "label.h"

#include <string.h>

#include "common/table.h"

static const struct table_name label_names[] = {
	{ "plain", LABEL_PLAIN },
	{ "hop", LABEL_HOP },
	{ "e2e", LABEL_E2E },
	{ "verified", LABEL_VERIFIED },
	{ "broken", LABEL_BROKEN },
	{ NULL, 0 },
};

static const struct table_name key_exchange_names[] = {
	{ "none", KEYS_NONE },
	{ "sdes", KEYS_SDES },
	{ "dtls-srtp", KEYS_DTLS_SRTP },
	{ "zrtp", KEYS_ZRTP },
	{ NULL, 0 },
};

static const struct table_name minimum_names[] = {
	{ "off", MINIMUM_OFF },
	{ "prefer", MINIMUM_PREFER },
	{ "require", MINIMUM_REQUIRE },
	{ "e2e", MINIMUM_E2E },
	{ "verified", MINIMUM_VERIFIED },
	{ NULL, 0 },
};


enum label label_derive(const struct label_facts *facts)
{
	if (facts->alarm)
		return LABEL_BROKEN;

	switch (facts->keys) {
	case KEYS_NONE:
		return LABEL_PLAIN;
	case KEYS_SDES:
		return facts->signalling_tls ? LABEL_HOP : LABEL_PLAIN;
	case KEYS_DTLS_SRTP:
		return LABEL_HOP;
	case KEYS_ZRTP:
		return facts->sas_verified ? LABEL_VERIFIED : LABEL_E2E;
	}

	return LABEL_PLAIN;
}


enum label label_message(bool signalling_tls)
{
	return signalling_tls ? LABEL_HOP : LABEL_PLAIN;
}


const char *label_name(enum label label)
{
	return table_name(label_names, label);
}


const char *label_sentence(enum label label)
{
	switch (label) {
	case LABEL_PLAIN:
		return "Not encrypted: everybody on the way can listen";
	case LABEL_HOP:
		return "Encrypted on the way: the SIP servers can listen";
	case LABEL_E2E:
		return "Encrypted end to end: compare the words to be sure";
	case LABEL_VERIFIED:
		return "Encrypted end to end, words compared";
	case LABEL_BROKEN:
		return "Somebody may be listening: do not trust this call";
	}

	return "";
}


const char *label_who(const struct label_facts *facts)
{
	const enum label label = label_derive(facts);

	if (label == LABEL_PLAIN && facts->keys == KEYS_SDES)
		return "As good as not encrypted: the keys went over "
		       "signalling that everybody on the way can read";

	if (label == LABEL_HOP && facts->keys == KEYS_SDES)
		return "Your SIP server and theirs can listen: they know "
		       "the keys";

	if (label == LABEL_HOP && !facts->signalling_tls)
		return "SIP servers, and whoever can change the signalling "
		       "on its way, could get in between and listen";

	if (label == LABEL_HOP)
		return "Your SIP server and theirs could get in between "
		       "and listen";

	return label_sentence(label);
}


const char *label_signalling(bool tls)
{
	return tls ? "tls" : "none";
}


enum key_exchange key_exchange_decode(const char *name)
{
	int value = KEYS_NONE;

	(void)table_value(key_exchange_names, name, &value);

	return (enum key_exchange)value;
}


const char *key_exchange_name(enum key_exchange keys)
{
	return table_name(key_exchange_names, keys);
}


enum minimum minimum_decode(const char *name)
{
	int value = MINIMUM_VERIFIED;

	(void)table_value(minimum_names, name, &value);

	return (enum minimum)value;
}


bool minimum_valid(const char *name)
{
	int value;

	return !table_value(minimum_names, name, &value);
}


const char *minimum_name(enum minimum minimum)
{
	return table_name(minimum_names, minimum);
}


bool minimum_allows(enum minimum minimum, enum label label)
{
	if (label == LABEL_BROKEN)
		return minimum <= MINIMUM_PREFER;

	switch (minimum) {
	case MINIMUM_OFF:
	case MINIMUM_PREFER:
		return true;
	case MINIMUM_REQUIRE:
		return label >= LABEL_HOP;
	case MINIMUM_E2E:
		return label >= LABEL_E2E;
	case MINIMUM_VERIFIED:
		return label == LABEL_VERIFIED;
	}

	return false;
}
