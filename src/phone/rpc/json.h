/**
 * @file json.h  Objects of the phone as JSON, as docs/rpc.md says
 *
 * Each returns a new reference, NULL if memory is out.
 */
#ifndef OFFHOOK_RPC_JSON_H
#define OFFHOOK_RPC_JSON_H

#include <jansson.h>

#include "common/re_compat.h"

struct phone;
struct account;
struct call;
struct contact;
struct call_log_entry;
struct conversation_row;
struct message_row;
struct trace_msg;

/** A string, cleaned for the screen (one line) */
json_t *json_line(const char *s);

json_t *json_peer(const struct phone *ph, const char *uri, const char *name);
json_t *json_reason(uint16_t code, const char *text);
json_t *json_account(const struct account *acc);

/** The certificate its server showed; NULL if none did */
json_t *json_cert(const struct account *acc);
json_t *json_call(const struct phone *ph, const struct call *call);
json_t *json_contact(const struct contact *c);
json_t *json_log_entry(const struct phone *ph,
		       const struct call_log_entry *entry);
json_t *json_conversation(const struct phone *ph,
			  const struct conversation_row *row);
json_t *json_message(const struct message_row *row);
json_t *json_trace(const struct trace_msg *msg, bool text);
json_t *json_presence(const struct phone *ph);
json_t *json_counts(const struct phone *ph);

/** "info", "warning" or "error" */
const char *json_level_name(int level);

/* Arrays */
json_t *json_notices(void);
json_t *json_accounts(const struct phone *ph);
json_t *json_calls(const struct phone *ph);

#endif
