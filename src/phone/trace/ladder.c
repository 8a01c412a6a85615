/**
 * @file ladder.c  Messages of one call as a ladder: who, to whom, what
 *
 * A participant is an address. Over UDP its port belongs to it; a TCP
 * connection that came in has a port that says nothing, so there the host
 * alone counts.
 */
#include "ladder.h"

#include <stdlib.h>

#include "common/table.h"
#include "common/text.h"

static const struct table_name kinds[] = {
	{ "request", LADDER_REQUEST },
	{ "progress", LADDER_PROGRESS },
	{ "good", LADDER_GOOD },
	{ "bad", LADDER_BAD },
	{ "note", LADDER_NOTE },
	{ NULL, 0 },
};

struct collect {
	struct ladder *ladder;
	const struct trace_msg *msgv[LADDER_ROWS];
};


const char *ladder_kind_name(enum ladder_kind kind)
{
	return table_name(kinds, (int)kind);
}


/* "(SDP)", "(dialog-info)"; nothing if there is no body */
static void body_word(char *buf, size_t size, const struct trace_msg *msg)
{
	struct pl type, word, length;

	buf[0] = '\0';
	if (trace_header(&type, msg->buf, msg->len, "Content-Type", 'c') ||
	    (!trace_header(&length, msg->buf, msg->len, "Content-Length",
			   'l') && !pl_u32(&length)))
		return;

	if (re_regex(type.p, type.l, "/[^; \t\r\n]+", &word))
		return;

	if (!pl_strcasecmp(&word, "sdp"))
		(void)re_snprintf(buf, size, " (SDP)");
	else
		(void)re_snprintf(buf, size, " (%r)", &word);
}


int ladder_text(struct re_printf *pf, const struct trace_msg *msg)
{
	struct pl met, code, phrase = PL_INIT, cmet = PL_INIT;
	char body[48];

	if (msg->note)
		return re_hprintf(pf, "%s", msg->buf);

	body_word(body, sizeof(body), msg);
	if (!re_regex(msg->buf, msg->len, "SIP/2.0 [0-9]+[ ]*[^\r\n]*",
		      &code, NULL, &phrase) && code.p == msg->buf + 8) {
		(void)re_regex(msg->cseq.p, msg->cseq.l,
			       "[0-9]+[ \t]+[A-Z]+", NULL, NULL, &cmet);
		if (!pl_strcmp(&cmet, "INVITE"))
			cmet.l = 0;
		return re_hprintf(pf, "%r %b%s%r%s", &code, phrase.p,
				  MIN(phrase.l, (size_t)48),
				  cmet.l ? " / " : "", &cmet, body);
	}
	if (!re_regex(msg->buf, MIN(msg->len, (size_t)64), "[A-Z]+ ", &met) &&
	    met.p == msg->buf)
		return re_hprintf(pf, "%r%s", &met, body);

	return re_hprintf(pf, "(no SIP)");
}


static enum ladder_kind kind_of(const struct trace_msg *msg)
{
	if (msg->note)
		return LADDER_NOTE;
	if (msg->len < 9 || memcmp(msg->buf, "SIP/2.0 ", 8))
		return LADDER_REQUEST;

	switch (msg->buf[8]) {

	case '1': return LADDER_PROGRESS;
	case '2': return LADDER_GOOD;
	default:  return LADDER_BAD;
	}
}


static bool is_again(const struct trace_msg *a, const struct trace_msg *b)
{
	size_t n = strcspn(a->buf, "\r\n");

	return !a->note && !b->note && a->tx == b->tx &&
		n == strcspn(b->buf, "\r\n") && !memcmp(a->buf, b->buf, n) &&
		pl_isset(&a->branch) && !pl_cmp(&a->branch, &b->branch) &&
		!pl_cmp(&a->cseq, &b->cseq);
}


/* The participant at the far end, a new one if it was not seen yet */
static unsigned member(struct ladder *l, const struct trace_msg *msg)
{
	const struct sa *sa = msg->tx ? &msg->dst : &msg->src;
	char name[64];
	unsigned i;

	if (msg->tp == SIP_TRANSP_UDP)
		(void)re_snprintf(name, sizeof(name), "%J", sa);
	else
		(void)re_snprintf(name, sizeof(name), "%j %s", sa,
				  sip_transp_name(msg->tp));

	for (i = 1; i < l->memberc; i++) {
		if (!strcmp(l->member[i], name))
			return i;
	}
	if (l->memberc == LADDER_MEMBERS)
		return LADDER_MEMBERS - 1;

	str_ncpy(l->member[l->memberc], name, sizeof(l->member[0]));

	return l->memberc++;
}


static void row_text(struct ladder_row *row, const struct trace_msg *msg)
{
	char buf[256];
	char *clean;

	if (re_snprintf(buf, sizeof(buf), "%H", ladder_text, msg) < 0)
		buf[sizeof(buf) - 1] = '\0';

	clean = text_clean(buf, strlen(buf), TEXT_LINE);
	if (clean) {
		size_t n = text_fit(clean, LADDER_COLUMNS, NULL);

		while (n >= sizeof(row->text))
			n = text_prev(clean, n);
		memcpy(row->text, clean, n);
		row->text[n] = '\0';
	}
	free(clean);
}


static bool count_handler(const struct trace_msg *msg, void *arg)
{
	struct collect *col = arg;
	struct ladder *l = col->ladder;

	if (l->rowc == LADDER_ROWS) {
		memmove(col->msgv, col->msgv + 1,
			(LADDER_ROWS - 1) * sizeof(col->msgv[0]));
		--l->rowc;
		++l->left_out;
	}
	col->msgv[l->rowc++] = msg;

	return false;
}


static void fill(struct ladder *l, const struct trace_msg *const msgv[])
{
	size_t i, k;

	str_ncpy(l->member[0], msgv[0]->account +
		 (strncmp(msgv[0]->account, "sip:", 4) ? 0 : 4),
		 sizeof(l->member[0]));
	l->memberc = 1;

	for (i = 0; i < l->rowc; i++) {
		struct ladder_row *row = &l->rowv[i];
		const struct trace_msg *msg = msgv[i];
		unsigned far = msg->note ? 0 : member(l, msg);

		row->id = msg->id;
		row->time = msg->time;
		row->from = msg->tx ? 0 : far;
		row->to = msg->tx ? far : 0;
		row->kind = kind_of(msg);
		for (k = i; k > 0 && k + 20 > i && !row->again; k--)
			row->again = is_again(msgv[k - 1], msg);
		row_text(row, msg);
	}
}


static void destructor(void *arg)
{
	struct ladder *l = arg;

	mem_deref(l->rowv);
}


int ladder_make(struct ladder **lp, const char *callid)
{
	struct collect *col;
	struct ladder *l;
	int err = 0;

	if (!lp || !callid)
		return EINVAL;

	col = mem_zalloc(sizeof(*col), NULL);
	l = mem_zalloc(sizeof(*l), destructor);
	if (!col || !l) {
		err = ENOMEM;
		goto out;
	}

	col->ladder = l;
	trace_apply(callid, 0, count_handler, col);
	if (!l->rowc) {
		err = ENOENT;
		goto out;
	}

	l->rowv = mem_zalloc(l->rowc * sizeof(*l->rowv), NULL);
	if (!l->rowv) {
		err = ENOMEM;
		goto out;
	}
	fill(l, col->msgv);

 out:
	mem_deref(col);
	if (err)
		mem_deref(l);
	else
		*lp = l;

	return err;
}
