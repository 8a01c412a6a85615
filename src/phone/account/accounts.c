/**
 * @file accounts.c  The list of accounts and its file
 *
 * Ids are small integers that stay with an account for life, so that people
 * and scripts can type them. Every change writes the file whole.
 */
#include <stdio.h>
#include <string.h>

#include "account_priv.h"
#include "common/log.h"
#include "common/paths.h"
#include "phone/events.h"

enum { STOP_TIMEOUT = 2000 };


static void accounts_destructor(void *arg)
{
	struct accounts *as = arg;

	tmr_cancel(&as->stop_tmr);
	list_flush(&as->accl);
	mem_deref(as->file);
}


static bool by_id(struct le *le1, struct le *le2, void *arg)
{
	const struct account *a = le1->data, *b = le2->data;
	(void)arg;

	return a->cf->id <= b->cf->id;
}


static uint32_t next_id(const struct accounts *as)
{
	const struct account *last = list_ledata(list_tail(&as->accl));

	return last ? last->cf->id + 1 : 1;
}


static int insert(struct account **accp, struct accounts *as,
		  struct account_conf *cf)
{
	struct account *acc;
	int err;

	if (!cf->id || account_by_id(as, cf->id))
		cf->id = next_id(as);

	err = account_alloc(&acc, as, cf);
	if (err)
		return err;

	list_append(&as->accl, &acc->le, acc);
	list_sort(&as->accl, by_id, NULL);
	*accp = acc;

	return 0;
}


static void conf_handler(struct account_conf *cf, void *arg)
{
	struct accounts *as = arg;
	struct account *acc;

	(void)insert(&acc, as, cf);
}


static void conf_error_handler(unsigned lineno, const char *text, void *arg)
{
	(void)arg;
	event_notice(LOGL_WARNING, "accounts:%u: %s", lineno, text);
}


/* RFC 4122 4.4: random; one for the life of the profile, so that a
   registrar knows this phone again (RFC 5626 4.1) */
static void instance_make(struct accounts *as)
{
	const uint64_t hi = rand_u64(), lo = rand_u64();

	(void)re_snprintf(as->instance, sizeof(as->instance),
			  "%08x-%04x-4%03x-%04x-%08x%04x",
			  (unsigned)(hi >> 32), (unsigned)(hi >> 16 & 0xffff),
			  (unsigned)(hi & 0xfff),
			  (unsigned)(lo >> 48 & 0x3fff) | 0x8000,
			  (unsigned)(lo >> 16 & 0xffffffff),
			  (unsigned)(lo & 0xffff));
}


static bool instance_valid(const char *s)
{
	return strlen(s) == 36 && strspn(s, "0123456789abcdef-") == 36;
}


/* Beside the accounts file; a profile that cannot be written gets a new
   one at each start */
static void instance_read(struct accounts *as)
{
	char path[PATHS_MAX];
	FILE *f;

	if (re_snprintf(path, sizeof(path), "%s.instance", as->file) < 0)
		return;

	f = fopen(path, "re");
	if (f) {
		if (!fgets(as->instance, sizeof(as->instance), f))
			as->instance[0] = '\0';
		(void)fclose(f);
	}
	if (instance_valid(as->instance))
		return;

	instance_make(as);
	if (paths_write(path, as->instance, strlen(as->instance)))
		debug("account: %s cannot be written\n", path);
}


int accounts_open(struct accounts **asp, const char *file, uint32_t expires)
{
	struct accounts *as;
	struct le *le;
	int err;

	if (!asp || !file)
		return EINVAL;

	as = mem_zalloc(sizeof(*as), accounts_destructor);
	if (!as)
		return ENOMEM;

	as->expires = expires;
	err = str_dup(&as->file, file);
	if (err)
		goto out;
	instance_read(as);

	err = account_conf_read(file, conf_handler, conf_error_handler, as);
	if (err == EPERM) {
		event_notice(LOGL_ERROR,
			     "%s can be read by others and is not used: "
			     "chmod 600 it", file);
		err = 0;
	}
	else if (err) {
		event_notice(LOGL_ERROR, "%s cannot be read: %m", file, err);
		err = 0;
	}

	LIST_FOREACH(&as->accl, le)
	{
		account_up(le->data);
	}

 out:
	if (err)
		mem_deref(as);
	else
		*asp = as;

	return err;
}


void accounts_set_call_handler(struct accounts *as, account_invite_h *h,
			       account_capability_h *caph, void *arg)
{
	as->inviteh = h;
	as->caph = caph;
	as->call_arg = arg;
}


void accounts_set_message_handler(struct accounts *as, account_message_h *h,
				  void *arg)
{
	as->messageh = h;
	as->message_arg = arg;
}


void accounts_set_move_handler(struct accounts *as, account_move_h *h,
			       void *arg)
{
	as->moveh = h;
	as->move_arg = arg;
}


void accounts_follow(struct accounts *as)
{
	struct le *le;

	if (!as || as->stopping)
		return;

	LIST_FOREACH(&as->accl, le)
	{
		account_follow(le->data);
	}
}


/* ---- stop ----------------------------------------------------------------*/

static void done(struct accounts *as)
{
	void (*doneh)(void *) = as->doneh;

	tmr_cancel(&as->stop_tmr);
	as->doneh = NULL;
	as->stopping = false;
	if (doneh)
		doneh(as->done_arg);
}


static void stop_timeout(void *arg)
{
	done(arg);
}


void accounts_stopped(struct accounts *as)
{
	struct le *le;

	if (!as->stopping)
		return;

	LIST_FOREACH(&as->accl, le)
	{
		const struct account *acc = le->data;

		if (acc->reg &&
		    registration_state(acc->reg) != REGISTRATION_OFF)
			return;
	}

	/* From the loop: a registration is on the call stack */
	tmr_start(&as->stop_tmr, 0, stop_timeout, as);
}


void accounts_stop(struct accounts *as, void (*doneh)(void *arg), void *arg)
{
	struct le *le;

	as->doneh = doneh;
	as->done_arg = arg;
	as->stopping = true;
	tmr_start(&as->stop_tmr, STOP_TIMEOUT, stop_timeout, as);

	LIST_FOREACH(&as->accl, le)
	{
		struct account *acc = le->data;

		acc->voicemail = mem_deref(acc->voicemail);
		if (acc->reg)
			registration_stop(acc->reg);
	}

	accounts_stopped(as);
}


/* ---- find ----------------------------------------------------------------*/

const struct list *accounts_list(const struct accounts *as)
{
	return as ? &as->accl : NULL;
}


struct account *account_by_id(const struct accounts *as, uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&as->accl, le)
	{
		struct account *acc = le->data;

		if (acc->cf->id == id)
			return acc;
	}

	return NULL;
}


struct account *account_find(const struct accounts *as, const char *text)
{
	struct le *le;
	struct pl pl;

	if (!as || !str_isset(text))
		return NULL;

	if (strspn(text, "0123456789") == strlen(text)) {
		pl_set_str(&pl, text);
		return account_by_id(as, pl_u32(&pl));
	}

	if (!strncmp(text, "sip:", 4))
		text += 4;

	LIST_FOREACH(&as->accl, le)
	{
		struct account *acc = le->data;

		if (!str_casecmp(acc->cf->address, text))
			return acc;
	}

	return NULL;
}


static bool host_is_domain(const struct account *acc, const char *uri_str)
{
	const char *at = strchr(acc->cf->address, '@');
	struct uri uri;
	struct pl pl;

	if (!at || !uri_str)
		return false;

	pl_set_str(&pl, uri_str);
	if (uri_decode(&uri, &pl))
		return false;

	return !pl_strcasecmp(&uri.host, at + 1);
}


static bool host_is_numeric(const char *uri_str)
{
	struct uri uri;
	struct pl pl;
	struct sa sa;

	if (!uri_str)
		return false;

	pl_set_str(&pl, uri_str);

	return !uri_decode(&uri, &pl) && !sa_set(&sa, &uri.host, 0);
}


struct account *account_for(const struct accounts *as, const char *uri)
{
	struct account *best = NULL;
	bool numeric = host_is_numeric(uri);
	int best_rank = 0;
	struct le *le;

	if (!as)
		return NULL;

	LIST_FOREACH(&as->accl, le)
	{
		struct account *acc = le->data;
		int rank = 1;

		if (!acc->stack)
			continue;
		if (host_is_domain(acc, uri))
			rank = 4;
		else if (acc->state == ACCOUNT_DIRECT)
			rank = numeric ? 3 : 1;
		else if (acc->state == ACCOUNT_REGISTERED)
			rank = 2;

		if (rank > best_rank) {
			best = acc;
			best_rank = rank;
		}
	}

	return best;
}


/* ---- change --------------------------------------------------------------*/

static int save(const struct accounts *as)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct le *le;
	int err = 0;

	if (!mb)
		return ENOMEM;

	LIST_FOREACH(&as->accl, le)
	{
		const struct account *acc = le->data;

		err |= mbuf_printf(mb, "%H", account_conf_print, acc->cf);
	}

	if (!err)
		err = paths_write(as->file, mb->buf, mb->end);
	mem_secclean(mb->buf, mb->size);
	mem_deref(mb);

	return err;
}


int account_add(struct account **accp, struct accounts *as,
		const struct account_conf *cf, const char **why)
{
	struct account_conf *copy;
	struct account *acc;
	int err;

	if (!accp || !as || !cf || !why)
		return EINVAL;

	*why = account_conf_check(cf);
	if (*why)
		return EINVAL;

	if (account_find(as, cf->address)) {
		*why = "There is an account with this address already";
		return EEXIST;
	}

	copy = account_conf_dup(cf);
	if (!copy)
		return ENOMEM;

	err = insert(&acc, as, copy);
	mem_deref(copy);
	if (err)
		return err;

	err = save(as);
	if (err) {
		*why = "The accounts file cannot be written";
		mem_deref(acc);
		return err;
	}

	account_up(acc);
	*accp = acc;

	return 0;
}


int account_edit(struct account *acc, const struct account_conf *cf,
		 const char **why)
{
	struct account_conf *copy;
	uint32_t id;
	int err;

	if (!acc || !cf || !why)
		return EINVAL;

	*why = account_conf_check(cf);
	if (*why)
		return EINVAL;

	copy = account_conf_dup(cf);
	if (!copy)
		return ENOMEM;

	id = acc->cf->id;
	mem_deref(acc->cf);
	acc->cf = copy;
	acc->cf->id = id;

	err = save(acc->as);
	if (err)
		*why = "The accounts file cannot be written";

	account_up(acc);

	return err;
}


int account_remove(struct account *acc)
{
	struct accounts *as;
	uint32_t id;
	int err;

	if (!acc)
		return EINVAL;

	as = acc->as;
	id = acc->cf->id;
	list_unlink(&acc->le);
	mem_deref(acc);

	err = save(as);
	event_publish_id(EVENT_ACCOUNT_REMOVED, id);

	return err;
}
