/**
 * @file session_hdr.h  Header values of sessions, taken apart
 *
 * Pure: text in, numbers and slices out. RFC 3262 (RAck), 4028
 * (Session-Expires), 3891 (Replaces), 3515 (Refer-To, sipfrag), 3326
 * (Reason), 5806 and 7044 (who diverted a call).
 */
#ifndef OFFHOOK_SESSION_HDR_H
#define OFFHOOK_SESSION_HDR_H

#include "common/re_compat.h"

enum refresher { REFRESHER_NONE, REFRESHER_UAC, REFRESHER_UAS };

struct session_expires {
	uint32_t secs;
	enum refresher refresher;
};

/** "1800;refresher=uac"; EBADMSG if it is none */
int session_expires_decode(struct session_expires *se, const struct pl *val);

struct rack {
	uint32_t rseq, cseq;
	struct pl met;
};

/** "1 314159 INVITE"; EBADMSG if it is none */
int rack_decode(struct rack *rack, const struct pl *val);

struct replaces {
	struct pl callid, to_tag, from_tag;
	bool early_only;
};

/** "id@host;to-tag=1;from-tag=2;early-only"; EBADMSG if it is none */
int replaces_decode(struct replaces *rep, const struct pl *val);

struct reason_hdr {
	struct pl protocol;      /**< "SIP", "Q.850"                     */
	uint16_t cause;
	struct pl text;          /**< Without quotes                     */
};

/** "SIP;cause=200;text=\"Call completed elsewhere\"" */
int reason_decode(struct reason_hdr *r, const struct pl *val);

/** What a Refer-To asks for */
struct refer_to {
	char *uri;               /**< Plain: no headers, no method       */
	char *replaces;          /**< Value for Replaces, or NULL        */
};

/**
 * Refer-To: "<sip:bob@example.org?Replaces=...>"
 *
 * Whatever else stands in the URI's headers is dropped.
 *
 * @param rt  Result; both strings are mem_deref'd by the caller
 *
 * @return 0, EBADMSG: malformed, ENOTSUP: not an INVITE to sip: or sips:
 */
int refer_to_decode(struct refer_to *rt, const struct pl *val);

/** Print a string as the value of a URI header (%XX), libre's %H */
int header_escape(struct re_printf *pf, const char *s);

/** "SIP/2.0 180 Ringing": its code, 0 if it is none */
uint16_t sipfrag_code(const char *body, size_t len);

/** Parameter of a header value without the name: quotes are taken off */
bool hdr_param(const struct pl *val, const char *name, struct pl *value);

/** Could a header line be ended or begun by this text? */
bool hdr_safe(const char *s);

#endif
