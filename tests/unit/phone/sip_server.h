/**
 * @file sip_server.h  A server for tests: real SIP, answers as it is told
 *
 * Stands on libre's own SIP stack. Checks digests strictly: the nonce must
 * be the one it gave, and nc must grow.
 */
#ifndef OFFHOOK_TEST_SIP_SERVER_H
#define OFFHOOK_TEST_SIP_SERVER_H

#include "phone/sip/digest.h"

struct server {
	struct sip *sip;
	struct sip_lsnr *lsnr;
	struct sa udp, tcp, tls;
	const char *challenges;  /* header lines; NULL: ask for nothing    */
	const char *check;       /* challenge value an answer must fit to  */
	const char *hdrs;        /* header lines of the good answer        */
	uint16_t scode;          /* good answer; 0: silence                */
	uint16_t ask;            /* 401 or 407                             */
	uint32_t nc;
	unsigned reqs, good, bad, none;
	char met[16];
	char auth[1024];
	char ruri[256];
	char expires[16];
	enum sip_transp tp;
	void (*done)(void);
};

static bool server_auth_ok(struct server *s, const struct sip_msg *msg,
			   const char *pass)
{
	const struct sip_hdr *hdr;
	struct httpauth_digest_resp resp;
	struct digest_challenge *ch = NULL;
	char ha1[DIGEST_HEX], want[DIGEST_HEX], cnonce[64] = "";
	struct pl pl, cn;
	uint32_t nc;
	bool ok = false;

	hdr = sip_msg_hdr(msg, s->ask == 407 ? SIP_HDR_PROXY_AUTHORIZATION :
			  SIP_HDR_AUTHORIZATION);
	if (!hdr) {
		++s->none;
		return false;
	}
	(void)pl_strcpy(&hdr->val, s->auth, sizeof(s->auth));

	pl_set_str(&pl, s->check);
	if (digest_challenge_parse(&ch, &pl) ||
	    httpauth_digest_response_decode(&resp, &hdr->val))
		goto out;

	if (!re_regex(hdr->val.p, hdr->val.l, "cnonce=\"[^\"]+\"", &cn))
		(void)pl_strcpy(&cn, cnonce, sizeof(cnonce));
	nc = pl_isset(&resp.nc) ? pl_x32(&resp.nc) : s->nc + 1;

	if (digest_ha1(ha1, ch, "alice", pass) ||
	    digest_response(want, ch, ha1, &msg->met, &resp.uri, cnonce, nc))
		goto out;

	ok = !pl_strcmp(&resp.response, want) && nc > s->nc &&
		!pl_strcmp(&resp.nonce, ch->nonce) &&
		!pl_cmp(&resp.uri, &msg->ruri);
	if (ok)
		s->nc = nc;
	else
		++s->bad;

 out:
	mem_deref(ch);

	return ok;
}

static bool server_handler(const struct sip_msg *msg, void *arg)
{
	struct server *s = arg;

	if (!pl_strcmp(&msg->met, "ACK"))
		return true;

	++s->reqs;
	(void)pl_strcpy(&msg->met, s->met, sizeof(s->met));
	(void)pl_strcpy(&msg->ruri, s->ruri, sizeof(s->ruri));
	(void)pl_strcpy(&msg->expires, s->expires, sizeof(s->expires));
	s->tp = msg->tp;

	if (!s->scode)
		return true;

	if (s->challenges && !server_auth_ok(s, msg, "secret")) {
		(void)sip_treplyf(NULL, NULL, s->sip, msg, false, s->ask,
				  "Who Are You",
				  "%sContent-Length: 0\r\n\r\n",
				  s->challenges);
	}
	else {
		++s->good;
		(void)sip_treplyf(NULL, NULL, s->sip, msg, false, s->scode,
				  "Answer", "%sContent-Length: 0\r\n\r\n",
				  s->hdrs ? s->hdrs : "");
	}

	if (s->done)
		s->done();

	return true;
}

static void server_start(struct server *s, const char *addr, struct tls *tls)
{
	struct sa laddr;

	memset(s, 0, sizeof(*s));
	s->scode = 200;
	s->ask = 401;
	assert_int_equal(sa_set_str(&laddr, addr, 0), 0);
	assert_int_equal(sip_alloc(&s->sip, NULL, 16, 16, 16, "test", NULL,
				   NULL), 0);
	assert_int_equal(sip_transp_add(s->sip, SIP_TRANSP_UDP, &laddr), 0);
	assert_int_equal(sip_transp_laddr(s->sip, &s->udp, SIP_TRANSP_UDP,
					  NULL), 0);
	assert_int_equal(sip_transp_add(s->sip, SIP_TRANSP_TCP, &laddr), 0);
	assert_int_equal(sip_transp_laddr(s->sip, &s->tcp, SIP_TRANSP_TCP,
					  NULL), 0);
	if (tls) {
		assert_int_equal(sip_transp_add(s->sip, SIP_TRANSP_TLS,
						&laddr, tls), 0);
		assert_int_equal(sip_transp_laddr(s->sip, &s->tls,
						  SIP_TRANSP_TLS, NULL), 0);
	}
	assert_int_equal(sip_listen(&s->lsnr, s->sip, true, server_handler,
				    s), 0);
}

static void server_stop(struct server *s)
{
	s->lsnr = mem_deref(s->lsnr);
	s->sip = mem_deref(s->sip);
}

#endif
