/**
 * @file client.c  The console's end of the RPC
 *
 * The socket is non-blocking: what cannot be written waits in a buffer until
 * poll() allows more. Requests under way are a list in the order they were
 * sent; a broken connection answers them all, so that no caller waits for
 * something that cannot come.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/rpc_wire.h"
#include "i18n.h"

struct request {
	struct request *next;
	json_int_t id;
	uint64_t sent;          /* milliseconds                   */
	bool slow;              /* its answer may take its time   */
	client_reply_h *h;
	void *arg;
};

struct client {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;
	struct rpc_reader rd;
	char *out;              /* bytes not yet written          */
	size_t out_len;
	size_t out_size;
	struct request *requests;
	json_int_t next_id;
	client_event_h *eventh;
	void *arg;
	client_connect_h *connecth;
	void *connect_arg;
	bool again;             /* there was a connection before  */
	char error[512];
};


int client_open(struct client **cp, const char *socket,
		client_event_h *eventh, void *arg)
{
	struct client *c;
	size_t len;

	if (!cp || !socket)
		return EINVAL;

	c = calloc(1, sizeof(*c));
	if (!c)
		return ENOMEM;

	len = strlen(socket);
	if (len >= sizeof(c->path)) {
		free(c);
		return ENAMETOOLONG;
	}

	memcpy(c->path, socket, len + 1);
	c->fd = -1;
	c->next_id = 1;
	c->eventh = eventh;
	c->arg = arg;
	rpc_reader_init(&c->rd, RPC_LINE_MAX_OUT);

	*cp = c;

	return 0;
}


void client_close(struct client *c)
{
	if (!c)
		return;

	client_disconnect(c);
	free(c);
}


void client_set_event_handler(struct client *c, client_event_h *eventh,
			      void *arg)
{
	c->eventh = eventh;
	c->arg = arg;
}


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


void client_set_connect(struct client *c, client_connect_h *h, void *arg)
{
	c->connecth = h;
	c->connect_arg = arg;
}


bool client_is_remote(const struct client *c)
{
	return c && c->connecth;
}


uint64_t client_waits(const struct client *c)
{
	uint64_t now = now_ms();
	const struct request *r = c ? c->requests : NULL;

	while (r && r->slow)
		r = r->next;

	return r ? now - r->sent + 1 : 0;
}


/* To the socket of the phone on this machine */
static int socket_connect(int *fdp, const struct client *c)
{
	struct sockaddr_un un;
	int fd, err;

	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	memcpy(un.sun_path, c->path, strlen(c->path) + 1);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK)) {
		err = errno;
		(void)close(fd);
		return err;
	}

	*fdp = fd;

	return 0;
}


int client_connect(struct client *c)
{
	int fd = -1, err;

	if (!c)
		return EINVAL;
	if (c->fd >= 0)
		return 0;

	err = c->connecth ? c->connecth(&fd, c->again, c->connect_arg) :
		socket_connect(&fd, c);
	if (err)
		return err;

	c->fd = fd;
	c->again = true;
	rpc_reader_close(&c->rd);
	rpc_reader_init(&c->rd, RPC_LINE_MAX_OUT);

	return 0;
}


void client_disconnect(struct client *c)
{
	struct request *list, *r;

	if (!c)
		return;

	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	rpc_reader_close(&c->rd);
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_size = 0;

	/* A handler may send anew: it must not find the old list */
	list = c->requests;
	c->requests = NULL;
	while ((r = list)) {
		list = r->next;
		if (r->h)
			r->h(ECONNRESET, NULL, _("the phone went away"),
			     r->arg);
		free(r);
	}
}


bool client_is_connected(const struct client *c)
{
	return c && c->fd >= 0;
}


int client_fd(const struct client *c)
{
	return c ? c->fd : -1;
}


short client_poll_events(const struct client *c)
{
	return (short)(POLLIN | (c && c->out_len ? POLLOUT : 0));
}


const char *client_error(const struct client *c)
{
	return c->error;
}


/* Write as much as the socket takes now */
static int flush(struct client *c)
{
	while (c->out_len) {
		ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : errno;

		c->out_len -= (size_t)n;
		memmove(c->out, c->out + n, c->out_len);
	}

	return 0;
}


static int append(struct client *c, const char *text, size_t len)
{
	if (c->out_len + len + 1 > c->out_size) {
		size_t size = (c->out_len + len + 1) * 2;
		char *out = realloc(c->out, size);

		if (!out)
			return ENOMEM;
		c->out = out;
		c->out_size = size;
	}

	memcpy(c->out + c->out_len, text, len);
	c->out_len += len;
	c->out[c->out_len++] = '\n';

	return 0;
}


int client_request(struct client *c, const char *method, json_t *params,
		   client_reply_h *h, void *arg)
{
	struct request *r = NULL, **rp;
	json_t *msg = NULL;
	char *text = NULL;
	int err = ENOMEM;

	if (!c || !method || c->fd < 0) {
		json_decref(params);
		return c && method ? ENOTCONN : EINVAL;
	}

	if (!params)
		params = json_object();
	msg = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0",
			"id", c->next_id, "method", method, "params", params);
	if (!msg)
		goto out;

	text = json_dumps(msg, JSON_COMPACT);
	r = calloc(1, sizeof(*r));
	if (!text || !r)
		goto out;

	if (strlen(text) >= RPC_LINE_MAX_IN) {
		err = EMSGSIZE;
		goto out;
	}

	err = append(c, text, strlen(text));
	if (err)
		goto out;

	r->id = c->next_id++;
	r->sent = now_ms();
	r->slow = strstr(method, ".test") || strstr(method, ".lookup");
	r->h = h;
	r->arg = arg;
	for (rp = &c->requests; *rp; rp = &(*rp)->next)
		;
	*rp = r;
	r = NULL;

	/* An error shows at the next poll(), and then to every request */
	(void)flush(c);

 out:
	free(r);
	free(text);
	json_decref(msg);

	return err;
}


static void answer(struct client *c, json_t *msg)
{
	json_t *error = json_object_get(msg, "error");
	json_int_t id = json_integer_value(json_object_get(msg, "id"));
	const char *text = NULL;
	struct request **rp, *r;
	char said[512];

	for (rp = &c->requests; (r = *rp); rp = &r->next) {
		if (r->id == id)
			break;
	}
	if (!r)
		return;

	*rp = r->next;

	if (json_is_object(error)) {
		text = json_string_value(json_object_get(error, "message"));
		if (!text || !*text)
			text = _("the phone refused");
		text = i18n_phone(text, said, sizeof(said));
	}

	if (r->h)
		r->h(text ? EPROTO : 0,
		     text ? NULL : json_object_get(msg, "result"), text,
		     r->arg);
	free(r);
}


static int dispatch(struct client *c)
{
	char *line;
	size_t len;

	while (c->fd >= 0 && (line = rpc_reader_line(&c->rd, &len))) {
		json_t *msg = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
		const char *method;

		if (!json_is_object(msg)) {
			json_decref(msg);
			return EBADMSG;
		}

		method = json_string_value(json_object_get(msg, "method"));
		if (!method)
			answer(c, msg);
		else if (c->eventh)
			c->eventh(method, json_object_get(msg, "params"),
				  c->arg);
		json_decref(msg);
	}

	return 0;
}


int client_handle(struct client *c, short revents)
{
	char buf[65536];
	ssize_t n = 0;
	int err = 0;

	if (!c || c->fd < 0)
		return ENOTCONN;

	if (revents & POLLOUT)
		err = flush(c);

	if (!err && (revents & (POLLIN | POLLHUP | POLLERR))) {
		n = recv(c->fd, buf, sizeof(buf), 0);
		if (n == 0)
			err = ECONNRESET;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			err = errno;
		else if (n > 0)
			err = rpc_reader_feed(&c->rd, buf, (size_t)n);
	}

	if (!err && n > 0)
		err = dispatch(c);

	if (err)
		client_disconnect(c);

	return err;
}


int client_wait(struct client *c, int timeout_ms)
{
	struct pollfd p = { client_fd(c), client_poll_events(c), 0 };
	int n;

	if (p.fd < 0)
		return ENOTCONN;

	n = poll(&p, 1, timeout_ms);
	if (n < 0)
		return errno;
	if (n == 0)
		return ETIMEDOUT;

	return client_handle(c, p.revents);
}


struct wait {
	struct client *c;
	bool done;
	int err;
	json_t *result;
};


static void wait_reply(int err, json_t *result, const char *text, void *arg)
{
	struct wait *w = arg;

	w->done = true;
	w->err = err;
	w->result = json_incref(result);
	if (err)
		(void)snprintf(w->c->error, sizeof(w->c->error), "%s", text);
}


int client_call(struct client *c, const char *method, json_t *params,
		json_t **resultp)
{
	struct wait w = { c, false, 0, NULL };
	int err;

	err = client_request(c, method, params, wait_reply, &w);
	if (err) {
		(void)snprintf(c->error, sizeof(c->error), "%s",
			       strerror(err));
		return err;
	}

	/* The wait ends: a lost connection answers as well */
	while (!w.done)
		(void)client_wait(c, -1);

	if (!w.err && resultp)
		*resultp = w.result;
	else
		json_decref(w.result);

	return w.err;
}
