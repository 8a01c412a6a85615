/**
 * @file gate_fuzz.c  libFuzzer: any bytes through the parser and the gate
 *
 * Whatever the gate lets in must be safe to read by those behind it, so the
 * things they look at are looked at here.
 */
#include "phone/sip/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_msg *msg = NULL;
	struct sip_dialog *dlg = NULL;
	struct gate_verdict v;
	struct mbuf *mb;

	mb = mbuf_alloc(size ? size : 1);
	if (!mb)
		return 0;

	(void)mbuf_write_mem(mb, data, size);
	mb->pos = 0;
	if (!sip_msg_decode(&msg, mb) && msg->req && gate_check(&v, msg)) {
		if (gate_body_len(msg) > GATE_BODY)
			__builtin_trap();
		(void)sip_dialog_accept(&dlg, msg);
		mem_deref(dlg);
	}

	mem_deref(msg);
	mem_deref(mb);

	return 0;
}
