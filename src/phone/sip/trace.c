/**
 * @file sip/trace.c  What a stack says and hears, handed to the trace
 *
 * Also where a CANCEL is seen before the transaction layer takes it.
 * With OFFHOOK_SIP_TRACE=1 its headers go into the log as well, cleaned and
 * redacted like every line of it.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/text.h"
#include "phone/trace/trace.h"
#include "session_priv.h"
#include "stack_priv.h"

enum { LINE = 512 };

static void to_log(bool tx, enum sip_transp tp, const struct sa *src,
		   const struct sa *dst, const char *p, size_t len)
{
	const char *end = p + len;

	debug("sip: %s %s %J -> %J\n", tx ? "tx" : "rx", sip_transp_name(tp),
	      src, dst);

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);
		char *line;

		if (n && p[n - 1] == '\r')
			--n;
		if (!n)
			break;

		line = text_clean(p, MIN(n, (size_t)LINE), TEXT_LINE);
		debug("sip: %s\n", line ? line : "");
		free(line);

		if (!nl)
			break;
		p = nl + 1;
	}
}

static void trace_handler(bool tx, enum sip_transp tp, const struct sa *src,
			  const struct sa *dst, const uint8_t *pkt,
			  size_t len, void *arg)
{
	struct stack *stack = arg;
	static int log = -1;

	/* what the doorman says to itself is nobody's business */
	if (!sa_cmp(src, dst, SA_ALL) || !memmem(pkt, len, " HELLO\r\n", 8))
		trace_add(stack->aor, tx, tp, src, dst, pkt, len);
	if (!tx)
		session_cancel_peek(stack, pkt, len);

	if (log < 0) {
		const char *v = getenv("OFFHOOK_SIP_TRACE");

		log = v && *v == '1';
	}
	if (log)
		to_log(tx, tp, src, dst, (const char *)pkt, len);
}

void stack_trace_init(struct stack *stack)
{
	sip_set_trace_handler(stack->sip, trace_handler);
}
