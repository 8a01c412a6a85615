/**
 * @file server.c  The socket: connections, lines, requests, events
 *
 * A connection is a line reader and an output buffer. What does not fit
 * into the socket waits in the buffer; a client that lets 8 MiB wait is
 * dropped, never waited for. An event is written to JSON once, however many
 * listen, and not at all if nobody does.
 */
#include "server.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"
#include "common/rpc_wire.h"
#include "notify.h"
#include "phone/events.h"
#include "phone/phone.h"

enum {
	BACKLOG = 16,
	CLIENTS_MAX = 64,
	OUTPUT_MAX = 8 << 20,
	OUTPUT_KEPT = 64 << 10
};

struct client {
	struct le le;
	int fd;
	struct rpc_reader rd;
	struct mbuf *out;            /**< What waits; pos: next to send  */
	struct list reql;            /**< Requests not answered yet      */
	bool writing;                /**< FD_WRITE is listened to        */
	bool subscribed;
	bool traced;                 /**< Wants each SIP message as well */
	bool dead;
};

struct rpc_request {
	struct le le;
	struct client *client;       /**< NULL once it is gone           */
	json_t *id;                  /**< NULL: a notification           */
	bool answered;
};

static struct {
	struct phone *phone;
	int fd;
	struct list clientl;
	struct event_listener *listener;
	struct tmr reap;             /**< Frees dead clients             */
} server = { .fd = -1 };


/* ---- output --------------------------------------------------------------*/

static void client_destructor(void *arg)
{
	struct client *cl = arg;
	struct le *le, *next;

	LIST_FOREACH_SAFE(&cl->reql, le, next)
	{
		struct rpc_request *req = le->data;

		req->client = NULL;
		list_unlink(&req->le);
	}

	list_unlink(&cl->le);
	if (cl->fd >= 0) {
		fd_close(cl->fd);
		(void)close(cl->fd);
	}
	rpc_reader_close(&cl->rd);
	mem_deref(cl->out);
}


static void reap_handler(void *arg)
{
	struct le *le, *next;
	(void)arg;

	LIST_FOREACH_SAFE(&server.clientl, le, next)
	{
		struct client *cl = le->data;

		if (cl->dead)
			mem_deref(cl);
	}
}


/* A client may die in the middle of its own request: free it later */
static void client_kill(struct client *cl)
{
	if (cl->dead)
		return;

	cl->dead = true;
	cl->subscribed = cl->traced = false;
	fd_close(cl->fd);
	tmr_start(&server.reap, 0, reap_handler, NULL);
}


static void io_handler(int flags, void *arg);


static void client_watch(struct client *cl, bool writing)
{
	if (cl->writing == writing)
		return;

	cl->writing = writing;
	(void)fd_listen(cl->fd, FD_READ | (writing ? FD_WRITE : 0),
			io_handler, cl);
}


/* Send what waits, as far as the socket takes it */
static void client_flush(struct client *cl)
{
	struct mbuf *mb = cl->out;

	while (mbuf_get_left(mb)) {
		ssize_t n = send(cl->fd, mbuf_buf(mb), mbuf_get_left(mb),
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			client_watch(cl, true);
			return;
		}
		if (n < 0) {
			client_kill(cl);
			return;
		}
		mbuf_advance(mb, n);
	}

	/* What somebody was behind with once is not kept for ever */
	if (mb->size > OUTPUT_KEPT)
		mbuf_reset(mb);
	else
		mbuf_rewind(mb);
	client_watch(cl, false);
}


static void client_write(struct client *cl, const char *text, size_t len)
{
	struct mbuf *mb = cl->out;
	size_t pos;
	int err;

	if (cl->dead)
		return;

	if (mbuf_get_left(mb) + len > OUTPUT_MAX) {
		warning("rpc: a console that does not read was dropped\n");
		client_kill(cl);
		return;
	}

	if (mb->pos > OUTPUT_MAX)
		(void)mbuf_shift(mb, -(ssize_t)mb->pos);

	pos = mb->pos;
	mb->pos = mb->end;
	err = mbuf_write_mem(mb, (const uint8_t *)text, len);
	err |= mbuf_write_u8(mb, '\n');
	mb->pos = pos;

	if (err)
		client_kill(cl);
	else if (!cl->writing)
		client_flush(cl);
}


static void client_send(struct client *cl, json_t *obj)
{
	char *text = json_dumps(obj, JSON_COMPACT);

	if (text)
		client_write(cl, text, strlen(text));
	else
		client_kill(cl);
	free(text);
}


/* ---- requests ------------------------------------------------------------*/

static void request_destructor(void *arg)
{
	struct rpc_request *req = arg;

	list_unlink(&req->le);
	json_decref(req->id);
}


static void answer(struct rpc_request *req, const char *key, json_t *value)
{
	json_t *obj;

	if (req->answered || !req->client || !req->id) {
		json_decref(value);
		req->answered = true;
		return;
	}

	req->answered = true;
	obj = json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", req->id,
			key, value);
	if (obj)
		client_send(req->client, obj);
	else
		client_kill(req->client);
	json_decref(obj);
}


void rpc_reply(struct rpc_request *req, json_t *result)
{
	if (result)
		answer(req, "result", result);
	else
		rpc_fail(req, RPC_FAILED, "Out of memory");
}


void rpc_fail(struct rpc_request *req, int code, const char *text)
{
	answer(req, "error",
	       json_pack("{s:i, s:s}", "code", code, "message",
			 text ? text : "It failed"));
}


bool rpc_is_gone(const struct rpc_request *req)
{
	return !req->client || req->client->dead;
}


bool rpc_same_client(const struct rpc_request *a, const struct rpc_request *b)
{
	return a->client && a->client == b->client;
}


void rpc_subscribe(struct rpc_request *req, bool on)
{
	if (req->client)
		req->client->subscribed = on;
}


void rpc_trace(struct rpc_request *req, bool on)
{
	if (req->client)
		req->client->traced = on;
}


static const struct rpc_method *method_find(const char *name, bool *barep)
{
	const struct rpc_namespace *ns;
	const struct rpc_method *m;

	for (ns = rpc_namespaces; ns->methods; ns++) {
		for (m = ns->methods; m->name; m++) {
			if (!strcmp(m->name, name)) {
				*barep = ns->bare;
				return m;
			}
		}
	}

	return NULL;
}


static void dispatch(struct rpc_request *req, json_t *obj)
{
	const char *name = json_string_value(json_object_get(obj, "method"));
	json_t *params = json_object_get(obj, "params");
	const struct rpc_method *m;
	json_t *none = NULL;
	char text[128];
	bool bare = true;

	if (!name) {
		rpc_fail(req, RPC_REQUEST, "A request needs a method");
		return;
	}

	m = method_find(name, &bare);
	if (!m) {
		(void)re_snprintf(text, sizeof(text),
				  "There is no method %s: see phone.describe",
				  strlen(name) < 64 ? name : "of this name");
		rpc_fail(req, RPC_METHOD, text);
		return;
	}

	if (!bare)
		phone_prepare(server.phone);

	if (!params || json_is_null(params))
		params = none = json_object();
	if (!json_is_object(params))
		rpc_fail(req, RPC_PARAMS, "Parameters must be an object");
	else
		m->h(server.phone, req, params);

	json_decref(none);
}


static void handle_line(struct client *cl, const char *line, size_t len)
{
	struct rpc_request *req;
	json_error_t jerr;
	json_t *obj;

	if (!len)
		return;

	req = mem_zalloc(sizeof(*req), request_destructor);
	if (!req) {
		client_kill(cl);
		return;
	}
	req->client = cl;
	list_append(&cl->reql, &req->le, req);

	obj = json_loadb(line, len, JSON_REJECT_DUPLICATES, &jerr);
	if (!json_is_object(obj)) {
		req->id = json_null();
		rpc_fail(req, obj ? RPC_REQUEST : RPC_PARSE,
			 obj ? "A request is an object" : jerr.text);
	}
	else {
		req->id = json_incref(json_object_get(obj, "id"));
		dispatch(req, obj);
	}

	json_decref(obj);
	mem_deref(req);
}


static void client_read(struct client *cl)
{
	char buf[16384], *line;
	size_t len;
	ssize_t n;
	int err;

	n = recv(cl->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_kill(cl);
		return;
	}

	err = rpc_reader_feed(&cl->rd, buf, (size_t)n);
	while (!cl->dead && (line = rpc_reader_line(&cl->rd, &len)) != NULL)
		handle_line(cl, line, len);

	if (err)
		client_kill(cl);
}


static void io_handler(int flags, void *arg)
{
	struct client *cl = arg;

	if ((flags & FD_WRITE) && !cl->dead)
		client_flush(cl);
	if ((flags & (FD_READ | FD_EXCEPT)) && !cl->dead)
		client_read(cl);
}


/* ---- connections ---------------------------------------------------------*/

static bool peer_allowed(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;

	return cred.uid == geteuid() || cred.uid == 0;
}


static void accept_handler(int flags, void *arg)
{
	struct client *cl;
	int fd;

	(void)flags;
	(void)arg;

	fd = accept4(server.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;

	if (!peer_allowed(fd) ||
	    list_count(&server.clientl) >= CLIENTS_MAX) {
		warning("rpc: a connection was refused\n");
		(void)close(fd);
		return;
	}

	cl = mem_zalloc(sizeof(*cl), client_destructor);
	if (!cl) {
		(void)close(fd);
		return;
	}

	cl->fd = fd;
	cl->out = mbuf_alloc(4096);
	rpc_reader_init(&cl->rd, RPC_LINE_MAX_IN);
	list_append(&server.clientl, &cl->le, cl);

	if (!cl->out || fd_listen(fd, FD_READ, io_handler, cl))
		mem_deref(cl);
}


static void event_handler(const struct event *ev, void *arg)
{
	json_t *obj = NULL;
	char *text = NULL;
	struct le *le;
	(void)arg;

	LIST_FOREACH(&server.clientl, le)
	{
		struct client *cl = le->data;

		if (ev->type == EVENT_TRACE ? !cl->traced : !cl->subscribed)
			continue;

		if (!obj) {
			obj = notify_event(server.phone, ev);
			text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
			if (!text)
				break;
		}
		client_write(cl, text, strlen(text));
	}

	free(text);
	json_decref(obj);
}


int rpc_open(struct phone *ph)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *path = ph->paths.socket;
	int err;

	if (strlen(path) >= sizeof(un.sun_path))
		return ENAMETOOLONG;
	memcpy(un.sun_path, path, strlen(path) + 1);

	server.phone = ph;
	server.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
			   SOCK_NONBLOCK, 0);
	if (server.fd < 0)
		return errno;

	/* The profile's lock is ours: whatever is there is left over */
	(void)unlink(path);

	if (bind(server.fd, (struct sockaddr *)&un, sizeof(un)) ||
	    chmod(path, 0600) || listen(server.fd, BACKLOG))
		return errno;

	err = fd_listen(server.fd, FD_READ, accept_handler, NULL);
	if (err)
		return err;

	return event_listen(&server.listener, event_handler, NULL);
}


void rpc_close(void)
{
	server.listener = mem_deref(server.listener);
	tmr_cancel(&server.reap);
	rpc_log_close();

	/* The door first: whoever was told that this phone goes, and comes
	   again at once, must not find it open */
	if (server.fd >= 0) {
		fd_close(server.fd);
		(void)unlink(server.phone->paths.socket);
		(void)close(server.fd);
	}
	server.fd = -1;
	list_flush(&server.clientl);
}
