/**
 * @file prack.c  Provisional answers that arrive (RFC 3262), both sides
 *
 * Caller: each reliable 1xx gets its PRACK, in the dialog it opened; one
 * that comes again or too early is ignored. Callee: one 1xx at a time is
 * repeated until its PRACK is here; what should follow waits for that. A
 * 200 waits only where the 1xx carried SDP (RFC 3262 3).
 */
#include "gate.h"
#include "session_priv.h"

/* ---- caller's side ---- */

static void send_prack(struct session *sess, struct session_early *early,
		       uint32_t rseq, uint32_t cseq, struct mbuf *answer)
{
	struct request_conf conf = {
		.met = "PRACK",
		.dlg = early->dlg,
		.flags = REQUEST_DIALOG | REQUEST_AUTH,
		.ctype = "application/sdp",
		.body = answer,
	};
	char hdr[64];

	if (re_snprintf(hdr, sizeof(hdr), "RAck: %u %u INVITE\r\n", rseq,
			cseq) < 0)
		return;
	conf.hdrs = hdr;
	(void)request_send(NULL, sess->stack, &conf);
}

bool prack_progress(struct session *sess, struct session_invite *inv,
		    struct session_early *early, const struct sip_msg *msg)
{
	const uint32_t rseq = session_hdr_u32(msg, SIP_HDR_RSEQ);
	struct mbuf *desc, *answer = NULL;

	if (!rseq || !sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "100rel"))
		return true;
	if (early->rseq && rseq != early->rseq + 1)
		return false;

	early->rseq = rseq;
	desc = session_sdp(msg);
	if (desc && !inv->desc && !early->answered && sess->h.offerh)
		(void)sess->h.offerh(&answer, desc, sess->h.arg);
	early->answered |= desc != NULL;
	send_prack(sess, early, rseq, msg->cseq.num, answer);
	mem_deref(answer);
	mem_deref(desc);

	return true;
}

/* ---- callee's side ---- */

void prack_stop(struct session *sess)
{
	tmr_cancel(&sess->rel.tmr);
	sess->rel.mb = mem_deref(sess->rel.mb);
}

static void repeat_handler(void *arg)
{
	struct session *sess = arg;
	struct session_prack *rel = &sess->rel;

	/* RFC 3262 3: after 64*T1 the INVITE is refused */
	if (++rel->txc >= 7) {
		prack_stop(sess);
		session_refuse(sess, 504, "Server Time-out");
		session_end(sess, ETIMEDOUT, 0,
			    "The caller did not confirm the ringing");
		return;
	}

	rel->mb->pos = 0;
	(void)sip_send(sess->stack->sip, sess->msg->sock, sess->msg->tp,
		       &rel->dst, rel->mb);
	tmr_start(&rel->tmr, (uint64_t)SIP_T1 << rel->txc, repeat_handler,
		  sess);
}

bool prack_wanted(const struct session *sess, const struct mbuf *desc)
{
	const struct session_prack *rel = &sess->rel;

	if (rel->required)
		return true;

	return rel->supported && desc && sess->opt.rel != SESSION_REL_OFF;
}

/* RFC 3262 5: to an INVITE without an offer the first of them has ours */
static int first_offer(struct session *sess, struct mbuf **descp)
{
	if (sess->remote || sess->rel.rseq || !sess->h.offerh)
		return 0;

	return sess->h.offerh(descp, NULL, sess->h.arg);
}

int prack_reply(struct session *sess, struct mbuf *desc)
{
	const struct session_reply reply = { sess, sess->msg };
	struct session_prack *rel = &sess->rel;
	struct mbuf *offer = NULL;
	struct pl rport;
	int err;

	if (rel->mb) {
		/* one at a time; ringing twice says nothing new */
		if (desc) {
			mem_deref(rel->ring);
			rel->ring = mem_ref(desc);
		}
		return 0;
	}

	if (!desc) {
		err = first_offer(sess, &offer);
		if (err)
			return err;
		rel->offered = offer != NULL;
	}

	if (!rel->rseq)
		rel->rseq = 1u + rand_u16();
	else
		++rel->rseq;
	rel->with_desc = desc || offer;
	sip_reply_addr(&rel->dst, sess->msg, !msg_param_exists(
			       &sess->msg->via.params, "rport", &rport));

	err = sip_treplyf(&sess->st, &rel->mb, sess->stack->sip, sess->msg,
			  true, desc ? 183 : 180,
			  desc ? "Session Progress" : "Ringing",
			  "%H"
			  "Allow: " GATE_ALLOW "\r\n"
			  "Require: 100rel\r\n"
			  "RSeq: %u\r\n"
			  "%H",
			  session_contact_print, &reply, rel->rseq,
			  session_body_print, desc ? desc : offer);
	if (!err) {
		rel->open = true;
		rel->txc = 0;
		tmr_start(&rel->tmr, SIP_T1, repeat_handler, sess);
	}
	mem_deref(offer);

	return err;
}

/* What waited for the PRACK */
static void go_on(struct session *sess)
{
	struct session_prack *rel = &sess->rel;
	struct mbuf *desc;

	if (rel->accept) {
		desc = rel->accept;
		rel->accept = NULL;
		rel->ring = mem_deref(rel->ring);
		if (session_answer(sess, desc))
			session_end(sess, EPROTO, 0, "The call broke");
		mem_deref(desc);
	}
	else if (rel->ring) {
		desc = rel->ring;
		rel->ring = NULL;
		(void)session_ring(sess, desc);
		mem_deref(desc);
	}
}

/* SDP in a PRACK: the answer to our offer, or a new offer */
static int prack_sdp(struct session *sess, struct mbuf *desc,
		     struct mbuf **answerp)
{
	struct session_prack *rel = &sess->rel;

	if (rel->offered && !rel->answered) {
		if (!desc)
			return EPROTO;
		return sess->h.answerh ?
			sess->h.answerh(desc, sess->h.arg) : 0;
	}
	if (!desc)
		return 0;
	if (!rel->answered && !rel->with_desc)
		return EPROTO;

	return sess->h.offerh ?
		sess->h.offerh(answerp, desc, sess->h.arg) : EPROTO;
}

void prack_request(struct session *sess, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_RACK);
	struct sip *sip = sess->stack->sip;
	struct session_prack *rel = &sess->rel;
	struct mbuf *desc, *answer = NULL;
	struct rack rack;

	if (!hdr || rack_decode(&rack, &hdr->val)) {
		(void)sip_treply(NULL, sip, msg, 400, "Bad RAck");
		return;
	}
	if (!rel->open || rack.rseq != rel->rseq || !sess->msg ||
	    rack.cseq != sess->msg->cseq.num ||
	    pl_strcmp(&rack.met, "INVITE")) {
		(void)sip_treply(NULL, sip, msg, 481,
				 "Call Leg/Transaction Does Not Exist");
		return;
	}

	rel->open = false;
	prack_stop(sess);
	desc = session_sdp(msg);
	if (prack_sdp(sess, desc, &answer)) {
		(void)sip_treply(NULL, sip, msg, 488, "Not Acceptable Here");
	}
	else {
		rel->answered |= rel->with_desc;
		(void)sip_treplyf(NULL, NULL, sip, msg, false, 200, "OK",
				  "%H", session_body_print, answer);
	}
	if (sess->state != SESSION_CLOSED)
		go_on(sess);
	mem_deref(answer);
	mem_deref(desc);
}
