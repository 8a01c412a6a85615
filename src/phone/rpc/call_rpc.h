/**
 * @file call_rpc.h  What the files of the methods call.* share
 */
#ifndef OFFHOOK_RPC_CALL_H
#define OFFHOOK_RPC_CALL_H

#include "server.h"

struct call;

/** Could this be the call that is meant? */
typedef bool (rpc_call_fits_h)(const struct call *call);

rpc_call_fits_h rpc_call_fits_up;        /**< It is up                 */
rpc_call_fits_h rpc_call_fits_talking;   /**< Up, and not held by us   */

/**
 * The call that was named, or the only one that fits
 *
 * @param key  Name of the parameter
 *
 * @return NULL: the request has failed already
 */
struct call *rpc_call_find(struct phone *ph, struct rpc_request *req,
			   json_t *params, const char *key,
			   rpc_call_fits_h *fits);

/** Answer with the call, or with why not */
void rpc_call_reply(struct phone *ph, struct rpc_request *req,
		    const struct call *call, int err, const char *why);

#endif
