/**
 * @file client.h  The console's end of the RPC
 *
 * One connection to the phone's socket. Requests are answered by handlers,
 * notifications go to one event handler; nothing here waits, except
 * client_call() and client_wait() for the shell commands.
 */
#ifndef OFFHOOK_CLIENT_H
#define OFFHOOK_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct client;

/** A notification of the phone; params is borrowed */
typedef void (client_event_h)(const char *method, json_t *params, void *arg);

/**
 * The answer to a request
 *
 * @param err     0, EPROTO: the phone refused, else the connection broke
 * @param result  Result (borrowed), NULL if err
 * @param text    What the phone said, one sentence, if err
 */
typedef void (client_reply_h)(int err, json_t *result, const char *text,
			      void *arg);

/**
 * Make a client; it is not connected yet
 *
 * @param cp      Client, free with client_close()
 * @param socket  Path of the phone's socket
 * @param eventh  Called for each notification, may be NULL
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int client_open(struct client **cp, const char *socket,
		client_event_h *eventh, void *arg);
void client_close(struct client *c);

/**
 * Make a connection elsewhere than to the socket
 *
 * @param fdp    A stream, not blocking
 * @param again  There was one before
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (client_connect_h)(int *fdp, bool again, void *arg);

/** Who makes connections from now on */
void client_set_connect(struct client *c, client_connect_h *h, void *arg);

/** Are they made by somebody else? */
bool client_is_remote(const struct client *c);

/** Milliseconds the oldest request has waited for its answer, 0: none does */
uint64_t client_waits(const struct client *c);

/** Who gets the events from now on */
void client_set_event_handler(struct client *c, client_event_h *eventh,
			      void *arg);

/**
 * Connect
 *
 * @return 0 if success, ENOENT or ECONNREFUSED: no phone listens, otherwise
 *         errorcode
 */
int client_connect(struct client *c);

/** Close the connection; requests under way are answered with ECONNRESET */
void client_disconnect(struct client *c);
bool client_is_connected(const struct client *c);

/** For poll(): the descriptor (-1 if not connected) and what to wait for */
int client_fd(const struct client *c);
short client_poll_events(const struct client *c);

/**
 * Read, write and dispatch what poll() announced
 *
 * @return 0 if success, otherwise errorcode: the connection is closed then
 */
int client_handle(struct client *c, short revents);

/**
 * Send a request
 *
 * @param c       Client
 * @param method  Method of docs/rpc.md
 * @param params  Parameters, stolen, NULL if none
 * @param h       Gets the answer, may be NULL
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode: h is not called then
 */
int client_request(struct client *c, const char *method, json_t *params,
		   client_reply_h *h, void *arg);

/**
 * Wait until something was read
 *
 * @param timeout_ms  Milliseconds, -1 for ever
 *
 * @return 0 if success, ETIMEDOUT, EINTR, otherwise the connection is gone
 */
int client_wait(struct client *c, int timeout_ms);

/**
 * Request and wait for the answer
 *
 * @param resultp  Result, json_decref() it
 *
 * @return 0 if success, EPROTO: refused, otherwise errorcode; the sentence
 *         is in client_error()
 */
int client_call(struct client *c, const char *method, json_t *params,
		json_t **resultp);

/** The sentence that goes with the last error of client_call() */
const char *client_error(const struct client *c);

#endif
