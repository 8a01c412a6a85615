/**
 * @file request.c  A request of ours: sent, challenged, sent again
 *
 * The send handler of libre runs when the next hop is known and the first
 * line and Via stand in the buffer: there we see the Request-URI that the
 * digest covers and the address that will get it, and can decide whether
 * credentials go along.
 */
#include <string.h>

#include "common/log.h"
#include "auth.h"
#include "reason.h"
#include "request.h"
#include "stack_priv.h"

struct request {
	struct le le;
	struct request **reqp;
	struct stack *stack;
	struct sip_request *req;
	struct sip_dialog *dlg;
	struct mbuf *body;
	const char *met;
	char *hdrs;
	char *ctype;
	void *own;
	sip_resp_h *resph;
	void *arg;
	struct auth_try try;
	struct sa dst;
	unsigned flags;
	bool cancelled;
};

static int start(struct request *req);

static void destructor(void *arg)
{
	struct request *req = arg;

	list_unlink(&req->le);
	if (req->reqp)
		*req->reqp = NULL;
	mem_deref(req->req);
	mem_deref(req->dlg);
	mem_deref(req->body);
	mem_deref(req->hdrs);
	mem_deref(req->ctype);
	mem_deref(req->own);
}

static bool may_auth(const struct request *req, const struct sa *dst)
{
	if (!(req->flags & REQUEST_AUTH) || !req->stack->auth)
		return false;
	if (!(req->flags & REQUEST_DIALOG))
		return true;

	return sa_cmp(dst, &req->stack->server, SA_ADDR);
}

static enum auth_scope scope(const struct request *req)
{
	return req->flags & REQUEST_REGISTER ? AUTH_REGISTER : AUTH_OTHER;
}

/* met and uri point into mb, which grows: so print beside it first */
static int credentials(struct request *req, struct mbuf *mb)
{
	struct pl met, uri;
	struct mbuf *tmp;
	int err;

	err = re_regex((const char *)mb->buf, mb->end,
		       "[^ ]+ [^ ]+ SIP/2.0", &met, &uri);
	if (err)
		return err;

	tmp = mbuf_alloc(512);
	if (!tmp)
		return ENOMEM;

	err = auth_print(req->stack->auth, scope(req), tmp, &met, &uri);
	if (!err)
		err = mbuf_write_mem(mb, tmp->buf, tmp->end);
	mem_deref(tmp);

	return err;
}

static int send_handler(enum sip_transp tp, const struct sa *src,
			const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct request *req = arg;
	struct stack *stack = req->stack;
	int err = 0;

	req->dst = *dst;
	if (!(req->flags & REQUEST_DIALOG) && !stack->direct) {
		stack->server = *dst;
		stack->tp = tp;
	}

	if (req->flags & REQUEST_CONTACT)
		err = stack_contact_hdr(mb, stack, tp, src,
					req->flags & REQUEST_REGISTER ?
					NULL : dst);
	if (!err && may_auth(req, dst))
		err = credentials(req, mb);

	return err;
}

static void finish(struct request *req, int err, const struct sip_msg *msg)
{
	sip_resp_h *resph = req->resph;

	list_unlink(&req->le);
	if (req->reqp) {
		*req->reqp = NULL;
		req->reqp = NULL;
	}
	req->resph = NULL;

	if (resph)
		resph(err, msg, req->arg);
	mem_deref(req);
}

static bool challenged(struct request *req, const struct sip_msg *msg)
{
	if (msg->scode != 401 && msg->scode != 407)
		return false;
	if (req->cancelled)
		return false;

	if (!may_auth(req, &msg->src)) {
		if (!req->stack->direct)
			warning("sip: %s: challenge from %J not answered\n",
				req->met, &msg->src);
		return false;
	}

	return 0 == auth_challenge(req->stack->auth, scope(req), msg,
				   &req->try);
}

static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct request *req = arg;
	struct stack *stack = mem_ref(req->stack);

	if (!err && msg->scode < 200) {
		if (req->resph)
			req->resph(0, msg, req->arg);
	}
	else if (!err && challenged(req, msg)) {
		err = start(req);
		if (err)
			finish(req, err, NULL);
	}
	else {
		if (!err)
			stack_response(stack, msg);
		finish(req, err, msg);
	}

	stack_release(stack);
}

static int start(struct request *req)
{
	const size_t len = req->body ? mbuf_get_left(req->body) : 0;

	return sip_drequestf(&req->req, req->stack->sip, true, req->met,
			     req->dlg, 0, NULL, send_handler,
			     response_handler, req,
			     "%s%s%s%s"
			     "Content-Length: %zu\r\n"
			     "\r\n"
			     "%b",
			     req->hdrs ? req->hdrs : "",
			     len ? "Content-Type: " : "",
			     len && req->ctype ? req->ctype : "",
			     len ? "\r\n" : "",
			     len, len ? mbuf_buf(req->body) : NULL, len);
}

int request_send(struct request **reqp, struct stack *stack,
		 const struct request_conf *conf)
{
	struct request *req;
	int err = 0;

	if (!stack || !conf || !conf->met || !conf->dlg)
		return EINVAL;

	req = mem_zalloc(sizeof(*req), destructor);
	if (!req)
		return ENOMEM;

	req->stack = stack;
	req->met   = conf->met;
	req->dlg   = mem_ref(conf->dlg);
	req->body  = mem_ref(conf->body);
	req->flags = conf->flags;
	req->resph = conf->resph;
	req->arg   = conf->arg;
	if (conf->hdrs)
		err |= str_dup(&req->hdrs, conf->hdrs);
	if (conf->ctype)
		err |= str_dup(&req->ctype, conf->ctype);
	if (err)
		goto out;

	err = start(req);
	/* what libre says when it has nobody to ask for a name */
	if (err == EINVAL && !stack->dnsc)
		err = EDESTADDRREQ;
	if (err)
		goto out;

	req->own = mem_ref(conf->own);
	list_append(&stack->requestl, &req->le, req);
	if (reqp) {
		req->reqp = reqp;
		*reqp = req;
	}

 out:
	if (err)
		mem_deref(req);

	return err;
}

void request_forget(struct request *req)
{
	if (!req)
		return;

	if (req->reqp) {
		*req->reqp = NULL;
		req->reqp = NULL;
	}
	req->resph = NULL;
}

void request_cancel(struct request *req)
{
	if (!req)
		return;

	req->cancelled = true;
	sip_request_cancel(req->req);
}

void request_flush(struct stack *stack)
{
	struct le *le;

	if (!stack)
		return;

	while ((le = list_head(&stack->requestl)))
		mem_deref(list_ledata(le));
}

void request_reason(char *buf, size_t size, const struct stack *stack,
		    int err, const struct sip_msg *msg)
{
	char phrase[128] = "";

	if (!err && msg && (msg->scode == 401 || msg->scode == 407) &&
	    stack && auth_reason(stack->auth)[0]) {
		str_ncpy(buf, auth_reason(stack->auth), size);
		return;
	}

	/* nothing was sent yet: it is the name, whatever errno says */
	if (err && stack && stack->host &&
	    !sa_isset(&stack->server, SA_ADDR)) {
		(void)re_snprintf(buf, size, "The name %s cannot be found"
				  " (DNS: %m)", stack->host, err);
		buf[size - 1] = '\0';
		return;
	}

	if (msg)
		(void)pl_strcpy(&msg->reason, phrase, sizeof(phrase));

	reason_text(buf, size, err, msg ? msg->scode : 0, phrase,
		    stack_tls_reason(stack));
}
