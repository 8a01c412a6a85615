/**
 * @file params.h  Parameters of a request: read them or say what is wrong
 */
#ifndef OFFHOOK_RPC_PARAMS_H
#define OFFHOOK_RPC_PARAMS_H

#include "server.h"

/** A string, NULL if it is not there or not a string */
const char *param_str(json_t *params, const char *key);

/** A whole number or a string of digits; ENOENT, EINVAL */
int param_id(json_t *params, const char *key, int64_t *idp);

bool param_bool(json_t *params, const char *key, bool def);

/** Fail the request: "KEY is missing" and the like; returns false */
bool param_missing(struct rpc_request *req, const char *key);

/** The account named by "account"; *accp NULL if none was named.
 *  False: the request has failed already */
struct account;
bool param_account(struct phone *ph, struct rpc_request *req,
		   json_t *params, struct account **accp);

/** What part of a long list is wanted; 100 rows if nothing is said */
struct page {
	int64_t before;          /**< Only ids below it, 0: the newest   */
	uint32_t limit;
};

/** "before" and "limit" (at most 1,000). False: the request has failed */
bool param_page(struct rpc_request *req, json_t *params, struct page *page);

/** Fail the request if the store is not there; returns whether it is */
bool param_store(struct phone *ph, struct rpc_request *req);

#endif
