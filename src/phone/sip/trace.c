/**
 * @file trace.c  SIP messages in the log, when OFFHOOK_SIP_TRACE=1
 *
 * Also where a CANCEL is seen before the transaction layer takes it.
 * Headers only, line by line, cleaned, and redacted by the log: what
 * people say and the keys of a call stay out.
 */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/text.h"
#include "session_priv.h"
#include "stack_priv.h"

enum { LINE = 512 };

static void trace_handler(bool tx, enum sip_transp tp, const struct sa *src,
			  const struct sa *dst, const uint8_t *pkt,
			  size_t len, void *arg)
{
	const char *p = (const char *)pkt, *end = p + len;
	static int log = -1;

	if (!tx)
		session_cancel_peek(arg, pkt, len);

	if (log < 0) {
		const char *v = getenv("OFFHOOK_SIP_TRACE");

		log = v && *v == '1';
	}
	if (!log)
		return;

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

void stack_trace_init(struct stack *stack)
{
	sip_set_trace_handler(stack->sip, trace_handler);
}
