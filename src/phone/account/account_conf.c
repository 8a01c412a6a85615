/**
 * @file account_conf.c  The accounts file and its fields
 *
 * An INI file, a section an account: `[alice@example.org]` and under it
 * `field = value`. It may hold passwords, so it is 0600 and refused when it
 * is not. The table below is the only place that knows the fields.
 */
#include "account_conf.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "common/text.h"
#include "phone/secure/label.h"
#include "phone/sip/doorman.h"
#include "phone/sip/tls_policy.h"

enum { ACCOUNTS_FILE_MAX = 256 * 1024 };

enum field_kind { FIELD_STRING, FIELD_SECRET, FIELD_BOOL, FIELD_ID };

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	const char *(*check)(const char *value);
};


static const char *check_address(const char *v)
{
	static const char bad[] =
		"must be an address like alice@example.org";
	struct uri uri;
	struct pl pl;
	char *s = NULL;
	const char *why = bad;

	if (strpbrk(v, " \t<>\"'[];?,"))
		return bad;

	if (!re_sdprintf(&s, "sip:%s", v)) {
		pl_set_str(&pl, s);
		if (!uri_decode(&uri, &pl) && pl_isset(&uri.user) &&
		    pl_isset(&uri.host) && !pl_isset(&uri.password))
			why = NULL;
	}
	mem_deref(s);

	return why;
}


static const char *check_server(const char *v)
{
	struct uri uri;
	struct pl pl;

	if (!*v)
		return NULL;

	pl_set_str(&pl, v);
	if (uri_decode(&uri, &pl) || strpbrk(v, " \t<>\"") ||
	    (pl_strcasecmp(&uri.scheme, "sip") &&
	     pl_strcasecmp(&uri.scheme, "sips")))
		return "must be a SIP URI like "
		       "sip:sip.example.org;transport=tls";

	return NULL;
}


static const char *check_listen(const char *v)
{
	struct sa sa;

	return !*v || !sa_decode(&sa, v, strlen(v))
		       ? NULL
		       : "must be ADDRESS:PORT, for example 127.0.0.1:5060";
}


static const char *check_security(const char *v)
{
	return !*v || minimum_valid(v) ? NULL :
		"must be off, prefer, require, e2e, verified or empty";
}


static const char *check_dtmf(const char *v)
{
	return !*v || !strcmp(v, "rfc4733") || !strcmp(v, "info") ||
			       !strcmp(v, "inband")
		       ? NULL
		       : "must be rfc4733, info or inband";
}


static const char *check_pin(const char *v)
{
	return !*v || tls_pin_valid(v)
		       ? NULL
		       : "must be the SHA-256 of a certificate, 64 hex "
			 "digits, as `account cert` shows it";
}


static const char *check_allow(const char *v)
{
	return !*v || doorman_list_valid(v)
		       ? NULL
		       : "must be addresses or networks like "
			 "192.0.2.7, 10.0.0.0/8";
}


static const char *check_auto(const char *v)
{
	return !*v || !strcmp(v, "auto") || !strcmp(v, "on") ||
			       !strcmp(v, "off")
		       ? NULL
		       : "must be auto, on or off";
}


static const struct field fields[] = {
	{ "address", FIELD_STRING, offsetof(struct account_conf, address),
	  check_address },
	{ "name", FIELD_STRING, offsetof(struct account_conf, name), NULL },
	{ "server", FIELD_STRING, offsetof(struct account_conf, server),
	  check_server },
	{ "user", FIELD_STRING, offsetof(struct account_conf, user), NULL },
	{ "realm", FIELD_STRING, offsetof(struct account_conf, realm), NULL },
	{ "password", FIELD_SECRET, offsetof(struct account_conf, password),
	  NULL },
	{ "password_file", FIELD_STRING,
	  offsetof(struct account_conf, password_file), NULL },
	{ "password_command", FIELD_STRING,
	  offsetof(struct account_conf, password_command), NULL },
	{ "ca", FIELD_STRING, offsetof(struct account_conf, ca), NULL },
	{ "pin", FIELD_STRING, offsetof(struct account_conf, pin),
	  check_pin },
	{ "client_cert", FIELD_STRING,
	  offsetof(struct account_conf, client_cert), NULL },
	{ "allow", FIELD_STRING, offsetof(struct account_conf, allow),
	  check_allow },
	{ "listen", FIELD_STRING, offsetof(struct account_conf, listen),
	  check_listen },
	{ "security", FIELD_STRING, offsetof(struct account_conf, security),
	  check_security },
	{ "dtmf", FIELD_STRING, offsetof(struct account_conf, dtmf),
	  check_dtmf },
	{ "mailbox", FIELD_STRING, offsetof(struct account_conf, mailbox),
	  NULL },
	{ "mwi", FIELD_STRING, offsetof(struct account_conf, mwi),
	  check_auto },
	{ "presence", FIELD_STRING, offsetof(struct account_conf, presence),
	  check_auto },
	{ "codecs", FIELD_STRING, offsetof(struct account_conf, codecs),
	  NULL },
	{ "direct", FIELD_BOOL, offsetof(struct account_conf, direct), NULL },
	{ "auto_answer", FIELD_BOOL,
	  offsetof(struct account_conf, auto_answer), NULL },
	{ "enabled", FIELD_BOOL, offsetof(struct account_conf, enabled),
	  NULL },
	{ "id", FIELD_ID, offsetof(struct account_conf, id), NULL },
};


static void *field_ptr(const struct account_conf *cf, const struct field *f)
{
	return (char *)(uintptr_t)cf + f->offset;
}


static const struct field *field_find(const char *key)
{
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].key, key))
			return &fields[i];
	}

	return NULL;
}


const char *account_conf_key(size_t i)
{
	return i < RE_ARRAY_SIZE(fields) ? fields[i].key : NULL;
}


bool account_conf_is_bool(const char *key)
{
	const struct field *f = field_find(key);

	return f && f->kind == FIELD_BOOL;
}


static void conf_destructor(void *arg)
{
	struct account_conf *cf = arg;
	size_t i;

	if (cf->password)
		mem_secclean(cf->password, strlen(cf->password));

	for (i = 0; i < RE_ARRAY_SIZE(fields); i++) {
		if (fields[i].kind == FIELD_STRING ||
		    fields[i].kind == FIELD_SECRET)
			mem_deref(*(char **)field_ptr(cf, &fields[i]));
	}
}


int account_conf_alloc(struct account_conf **cfp)
{
	struct account_conf *cf;

	if (!cfp)
		return EINVAL;

	cf = mem_zalloc(sizeof(*cf), conf_destructor);
	if (!cf)
		return ENOMEM;

	cf->enabled = true;
	*cfp = cf;

	return 0;
}


int account_conf_set(struct account_conf *cf, const char *key,
		     const char *value, const char **why)
{
	const struct field *f;
	struct pl pl;
	char *copy, **sp;
	int err;

	if (!cf || !key || !value || !why)
		return EINVAL;

	f = field_find(key);
	if (!f) {
		*why = "there is no such field";
		return ENOENT;
	}

	*why = f->check ? f->check(value) : NULL;
	if (!*why && (strpbrk(value, "\r\n") ||
		      !text_is_utf8(value, strlen(value))))
		*why = "must be one line of text";
	if (*why)
		return EINVAL;

	switch (f->kind) {
	case FIELD_BOOL:
		if (strcmp(value, "true") && strcmp(value, "false")) {
			*why = "must be true or false";
			return EINVAL;
		}
		*(bool *)field_ptr(cf, f) = !strcmp(value, "true");
		return 0;

	case FIELD_ID:
		pl_set_str(&pl, value);
		*(uint32_t *)field_ptr(cf, f) = pl_u32(&pl);
		return 0;

	case FIELD_STRING:
	case FIELD_SECRET:
		break;
	}

	err = str_dup(&copy, value);
	if (err)
		return err;

	sp = field_ptr(cf, f);
	if (*sp && f->kind == FIELD_SECRET)
		mem_secclean(*sp, strlen(*sp));
	mem_deref(*sp);
	*sp = copy;

	return 0;
}


const char *account_conf_check(const struct account_conf *cf)
{
	if (!str_isset(cf->address))
		return "An account needs an address like alice@example.org";

	return NULL;
}


static bool field_is_default(const struct account_conf *cf,
			     const struct field *f)
{
	if (f->kind == FIELD_BOOL)
		return *(bool *)field_ptr(cf, f) == !strcmp(f->key, "enabled");
	if (f->kind == FIELD_ID)
		return false;

	return !str_isset(*(char **)field_ptr(cf, f));
}


int account_conf_print(struct re_printf *pf, const struct account_conf *cf)
{
	size_t i;
	int err;

	err = re_hprintf(pf, "[%s]\n", cf->address);

	for (i = 1; i < RE_ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		if (field_is_default(cf, f))
			continue;
		if (f->kind == FIELD_BOOL)
			err |= re_hprintf(pf, "%s = %s\n", f->key,
					  *(bool *)field_ptr(cf, f) ? "true"
								   : "false");
		else if (f->kind == FIELD_ID)
			err |= re_hprintf(pf, "%s = %u\n", f->key, cf->id);
		else
			err |= re_hprintf(pf, "%s = %s\n", f->key,
					  *(char **)field_ptr(cf, f));
	}

	return err | re_hprintf(pf, "\n");
}


struct account_conf *account_conf_dup(const struct account_conf *cf)
{
	struct account_conf *copy = NULL;
	size_t i;
	int err;

	if (account_conf_alloc(&copy))
		return NULL;

	err = 0;
	for (i = 0; i < RE_ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		char **sp = field_ptr(cf, f);

		if ((f->kind == FIELD_STRING || f->kind == FIELD_SECRET) &&
		    *sp)
			err |= str_dup(field_ptr(copy, f), *sp);
	}
	copy->id = cf->id;
	copy->direct = cf->direct;
	copy->auto_answer = cf->auto_answer;
	copy->enabled = cf->enabled;

	return err ? mem_deref(copy) : copy;
}


/* ---- the file ------------------------------------------------------------*/

struct reader {
	struct account_conf *cf;
	account_conf_h *h;
	account_conf_error_h *errorh;
	void *arg;
};


static void reader_flush(struct reader *rd)
{
	if (rd->cf && str_isset(rd->cf->address))
		rd->h(rd->cf, rd->arg);
	rd->cf = mem_deref(rd->cf);
}


static char *trimmed(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && strchr(" \t\r", s[len - 1]))
		s[--len] = '\0';

	return s;
}


static void read_line(struct reader *rd, char *line, unsigned lineno)
{
	const char *why = NULL;
	char *eq, *end;

	line = trimmed(line);
	if (!*line || *line == '#')
		return;

	if (*line == '[') {
		reader_flush(rd);
		end = strrchr(line, ']');
		if (!end || account_conf_alloc(&rd->cf)) {
			rd->errorh(lineno, "expected `[address]`", rd->arg);
			return;
		}
		*end = '\0';
		if (account_conf_set(rd->cf, "address", line + 1, &why)) {
			rd->errorh(lineno, why, rd->arg);
			rd->cf = mem_deref(rd->cf);
		}
		return;
	}

	eq = strchr(line, '=');
	if (!eq || !rd->cf) {
		rd->errorh(lineno, rd->cf ? "expected `field = value`"
					  : "outside of an account",
			   rd->arg);
		return;
	}

	*eq = '\0';
	if (account_conf_set(rd->cf, trimmed(line), trimmed(eq + 1), &why))
		rd->errorh(lineno, why ? why : "bad value", rd->arg);
}


int account_conf_read(const char *file, account_conf_h *h,
		      account_conf_error_h *errorh, void *arg)
{
	struct reader rd = { NULL, h, errorh, arg };
	unsigned lineno = 0;
	size_t size = 0;
	char *line = NULL;
	ssize_t n;
	FILE *f;

	if (!file || !h || !errorh)
		return EINVAL;

	f = fopen(file, "re");
	if (!f)
		return errno == ENOENT ? 0 : errno;

	if (paths_is_loose(file)) {
		(void)fclose(f);
		return EPERM;
	}

	while ((n = getline(&line, &size, f)) >= 0) {
		if (ftell(f) > ACCOUNTS_FILE_MAX)
			break;
		if (n && line[n - 1] == '\n')
			line[n - 1] = '\0';
		read_line(&rd, line, ++lineno);
	}
	reader_flush(&rd);

	if (line)
		mem_secclean(line, size);
	free(line);
	(void)fclose(f);

	return 0;
}
