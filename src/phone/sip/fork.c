/**
 * @file fork.c  Early dialogs: an INVITE that rings at several places
 *
 * A proxy may send our INVITE to several phones; each that rings opens a
 * dialog of its own (RFC 3261 12.1, 13.2.2.1), known by its To tag. Each
 * keeps its SDP and its sequence of reliable answers.
 */
#include "session_priv.h"

enum { EARLY_MAX = 16 };

static void destructor(void *arg)
{
	struct session_early *early = arg;

	list_unlink(&early->le);
	mem_deref(early->dlg);
	mem_deref(early->rtag);
	mem_deref(early->desc);
}

struct session_early *session_early(struct session *sess,
				    struct sip_dialog *half,
				    const struct sip_msg *msg)
{
	struct session_early *early;
	struct le *le;

	if (!pl_isset(&msg->to.tag))
		return NULL;

	LIST_FOREACH(&sess->earlyl, le) {
		early = le->data;

		if (!pl_strcmp(&msg->to.tag, early->rtag))
			return early;
	}

	/* the newest is the likeliest to answer */
	if (list_count(&sess->earlyl) >= EARLY_MAX)
		mem_deref(list_ledata(list_head(&sess->earlyl)));

	early = mem_zalloc(sizeof(*early), destructor);
	if (!early)
		return NULL;
	if (pl_strdup(&early->rtag, &msg->to.tag) ||
	    sip_dialog_fork(&early->dlg, half, msg))
		return mem_deref(early);

	list_append(&sess->earlyl, &early->le, early);

	return early;
}

struct session_early *session_early_find(const struct session *sess,
					 const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(&sess->earlyl, le) {
		struct session_early *early = le->data;

		if (sip_dialog_cmp(early->dlg, msg))
			return early;
	}

	return NULL;
}
