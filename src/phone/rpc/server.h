/**
 * @file server.h  JSON-RPC 2.0 over the phone's Unix socket
 */
#ifndef OFFHOOK_RPC_SERVER_H
#define OFFHOOK_RPC_SERVER_H

#include <jansson.h>

#include "common/re_compat.h"

struct phone;
struct rpc_request;

enum {
	RPC_PARSE = -32700, RPC_REQUEST = -32600, RPC_METHOD = -32601,
	RPC_PARAMS = -32602, RPC_FAILED = 1
};

/**
 * Handle one request: reply or fail, now or later (then keep a reference)
 *
 * @param ph      The phone
 * @param req     Request
 * @param params  Object, never NULL; borrowed
 */
typedef void (rpc_method_h)(struct phone *ph, struct rpc_request *req,
			    json_t *params);

/** One row of a namespace's table, ended by name NULL */
struct rpc_method {
	const char *name;
	const char *params;      /**< For phone.describe, "" if none     */
	const char *result;      /**< What comes back, for it as well    */
	const char *help;
	rpc_method_h *h;
};

/** The methods of one namespace */
struct rpc_namespace {
	const struct rpc_method *methods;
	bool bare;               /**< Needs no plugin, store or contact  */
};

extern const struct rpc_method rpc_phone_methods[];
extern const struct rpc_method rpc_account_methods[];
extern const struct rpc_method rpc_call_methods[];
extern const struct rpc_method rpc_call_several_methods[];
extern const struct rpc_method rpc_call_rules_methods[];
extern const struct rpc_method rpc_secure_methods[];
extern const struct rpc_method rpc_chat_methods[];
extern const struct rpc_method rpc_contact_methods[];
extern const struct rpc_method rpc_presence_methods[];
extern const struct rpc_method rpc_log_methods[];
extern const struct rpc_method rpc_audio_methods[];
extern const struct rpc_method rpc_config_methods[];
extern const struct rpc_method rpc_trace_methods[];

/** All namespaces, ended by methods NULL */
extern const struct rpc_namespace rpc_namespaces[];

int rpc_open(struct phone *ph);
void rpc_close(void);

/** Answer; takes the result over. NULL: out of memory is answered */
void rpc_reply(struct rpc_request *req, json_t *result);

/** Answer with an error; the text is a sentence, a NULL is "It failed" */
void rpc_fail(struct rpc_request *req, int code, const char *text);

/** Has the connection of this request ended? */
bool rpc_is_gone(const struct rpc_request *req);

/** Did both come over one connection? */
bool rpc_same_client(const struct rpc_request *a,
		     const struct rpc_request *b);

/** End the searches of the call log that are under way (log.c) */
void rpc_log_close(void);

/** Send events to the connection of this request from now on, or not */
void rpc_subscribe(struct rpc_request *req, bool on);

/** Send SIP messages to the connection of this request, or not */
void rpc_trace(struct rpc_request *req, bool on);

#endif
