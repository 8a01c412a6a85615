/**
 * @file outbound.c  How others reach us (RFC 5626, 5627, 3608)
 *
 * The Contact is a random name at our address: a scanner cannot guess it,
 * and nobody learns from it who owns this machine. With a GRUU the
 * registrar gives us a name of its own instead, which leads to this phone
 * from anywhere, and so stands in the Contact of calls.
 */
#include <string.h>

#include "outbound.h"
#include "stack_priv.h"
#include "target.h"

enum { URI_MAX = 256 };

struct outbound {
	char cuser[OUTBOUND_CUSER];
	char *instance;
	char *gruu;
	char *routev[OUTBOUND_ROUTES];
	size_t routec;
	uint32_t flow_timer;
	bool flow;
};

static void destructor(void *arg)
{
	struct outbound *ob = arg;

	outbound_reset(ob);
	mem_deref(ob->instance);
}

int outbound_alloc(struct outbound **obp, const char *instance)
{
	struct outbound *ob;
	int err = 0;

	if (!obp)
		return EINVAL;

	ob = mem_zalloc(sizeof(*ob), destructor);
	if (!ob)
		return ENOMEM;

	rand_str(ob->cuser, sizeof(ob->cuser));
	if (str_isset(instance))
		err = str_dup(&ob->instance, instance);

	if (err)
		mem_deref(ob);
	else
		*obp = ob;

	return err;
}

void outbound_reset(struct outbound *ob)
{
	size_t i;

	if (!ob)
		return;

	ob->gruu = mem_deref(ob->gruu);
	for (i = 0; i < ob->routec; i++)
		ob->routev[i] = mem_deref(ob->routev[i]);
	ob->routec = 0;
	ob->flow_timer = 0;
	ob->flow = false;
}


/* ---- what the registrar says ------------------------------------------- */

/* What may stand between angle brackets: RFC 3261 25.1 SIP-URI */
static int uri_dup(char **strp, const struct pl *pl)
{
	char uri[URI_MAX];

	if (pl_strcpy(pl, uri, sizeof(uri)) || target_check(uri))
		return EBADMSG;

	return str_dup(strp, uri);
}

static bool contact_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct outbound *ob = arg;
	struct sip_addr addr;
	struct pl pl;
	(void)msg;

	/* of several phones at this address, ours */
	if (sip_addr_decode(&addr, &hdr->val) ||
	    pl_strcmp(&addr.uri.user, ob->cuser))
		return false;

	/* RFC 5627 5.2: a quoted string in its own parameter */
	if (!re_regex(addr.params.p, addr.params.l, "pub-gruu=\"[^\"]+\"",
		      &pl))
		(void)uri_dup(&ob->gruu, &pl);

	return true;
}

/* A loose router's address without its ";lr", which sip_dialog_alloc() adds
   again; a strict one of RFC 2543 would not understand us */
static bool without_lr(char *uri, size_t size, const struct pl *auri)
{
	size_t i, end;

	for (i = 0; i + 3 <= auri->l; i++) {
		end = i + 3;
		if (strncasecmp(auri->p + i, ";lr", 3) ||
		    (end < auri->l && !strchr(";=?", auri->p[end])))
			continue;

		while (end < auri->l && auri->p[end] != ';')
			++end;

		return re_snprintf(uri, size, "%b%b", auri->p, i,
				   auri->p + end, auri->l - end) > 0;
	}

	return false;
}

static bool route_handler(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	struct outbound *ob = arg;
	struct sip_addr addr;
	struct pl pl;
	char uri[URI_MAX];
	(void)msg;

	if (ob->routec >= OUTBOUND_ROUTES ||
	    sip_addr_decode(&addr, &hdr->val) ||
	    !without_lr(uri, sizeof(uri), &addr.auri))
		return false;

	pl_set_str(&pl, uri);
	if (!uri_dup(&ob->routev[ob->routec], &pl))
		++ob->routec;

	return false;
}

void outbound_registered(struct outbound *ob, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;

	if (!ob || !msg)
		return;

	outbound_reset(ob);
	if (ob->instance)
		(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT,
					contact_handler, ob);
	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_SERVICE_ROUTE,
				route_handler, ob);

	hdr = sip_msg_hdr(msg, SIP_HDR_FLOW_TIMER);
	if (hdr)
		ob->flow_timer = pl_u32(&hdr->val);
	ob->flow = sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "outbound");
}

int outbound_keep(struct mbuf *mb)
{
	if (!mb || mb->end < 2 || memcmp(mb->buf + mb->end - 2, "\r\n", 2))
		return EINVAL;

	mb->pos = mb->end -= 2;

	return mbuf_write_str(mb, ";keep\r\n");
}

const char *outbound_supported(const struct outbound *ob)
{
	return ob && ob->instance ? "Supported: path, outbound, gruu\r\n" :
		"Supported: path\r\n";
}

uint32_t outbound_flow_timer(const struct outbound *ob)
{
	return ob ? ob->flow_timer : 0;
}

bool outbound_flow(const struct outbound *ob)
{
	return ob && ob->flow;
}

const char *outbound_gruu(const struct outbound *ob)
{
	return ob ? ob->gruu : NULL;
}

size_t outbound_routes(const struct outbound *ob, const char **routev,
		       size_t max)
{
	size_t i;

	for (i = 0; ob && i < ob->routec && i < max; i++)
		routev[i] = ob->routev[i];

	return i;
}

const char *outbound_user(const struct outbound *ob)
{
	return ob ? ob->cuser : "";
}


/* ---- Contact ----------------------------------------------------------- */

/*
 * A server finds its connection to us again by the address it sees, which
 * is that of our end of it, not the one we listen at. On loopback, where
 * one machine plays many, the address of the end says nothing: there the
 * listening address is the better name. REGISTER keeps to that one always,
 * because a Contact that changes leaves a stale binding.
 */
static bool end_counts(enum sip_transp tp, const struct sa *end)
{
	return tp > SIP_TRANSP_UDP && tp < SIP_TRANSPC &&
		sa_isset(end, SA_ALL) && !sa_is_loopback(end);
}

int outbound_contact_register(struct mbuf *mb, const struct stack *stack,
			      enum sip_transp tp, const struct sa *src)
{
	const struct outbound *ob = stack->ob;
	int err;

	err = mbuf_printf(mb, "Contact: <sip:%s@%J%s>", ob->cuser, src,
			  sip_transp_param(tp));
	/* RFC 5626 4.2 */
	if (ob->instance)
		err |= mbuf_printf(mb, ";reg-id=1;+sip.instance="
				   "\"<urn:uuid:%s>\"", ob->instance);
	err |= mbuf_write_str(mb, "\r\n");

	return err;
}

int stack_contact_hdr(struct mbuf *mb, const struct stack *stack,
		      enum sip_transp tp, const struct sa *src,
		     const struct sa *dst)
{
	const struct outbound *ob = stack->ob;
	const struct sa *addr = src;

	if (ob->gruu)
		return mbuf_printf(mb, "Contact: <%s>\r\n", ob->gruu);

	if (dst && end_counts(tp, &stack->conn[MAX(tp, 0)]) &&
	    sa_cmp(dst, &stack->server, SA_ALL))
		addr = &stack->conn[tp];

	/* RFC 5626 4.3: keep to this flow */
	return mbuf_printf(mb, "Contact: <sip:%s@%J%s%s>\r\n", ob->cuser,
			   addr, sip_transp_param(tp), ob->flow ? ";ob" : "");
}

int stack_contact_reply(struct re_printf *pf, const struct stack *stack,
			const struct sip_msg *msg)
{
	const struct outbound *ob = stack->ob;
	struct sa addr;

	if (ob->gruu)
		return re_hprintf(pf, "Contact: <%s>\r\n", ob->gruu);

	if (end_counts(msg->tp, &msg->dst) ||
	    sip_transp_laddr(stack->sip, &addr, msg->tp, &msg->src))
		addr = msg->dst;

	return re_hprintf(pf, "Contact: <sip:%s@%J%s%s>\r\n", ob->cuser,
			  &addr, sip_transp_param(msg->tp),
			  ob->flow ? ";ob" : "");
}

int stack_contact_print(struct re_printf *pf, const struct stack *stack)
{
	enum sip_transp tp = stack_transp(stack);
	struct sa laddr;

	if (!stack || stack_laddr(stack, tp, &laddr))
		return 0;

	return re_hprintf(pf, "sip:%s@%J%s", outbound_user(stack->ob), &laddr,
			  sip_transp_param(tp));
}
