/**
 * @file config.c  Settings
 *
 * `key = value` lines and # comments. Values live beside their row of the
 * table; the text of the file is kept line by line, so that writing one
 * setting changes one line and a person's comments and order stay.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/paths.h"
#include "common/text.h"

enum {
	CONFIG_LINE_MAX = 65536,
	CONFIG_FILE_MAX = 1 << 20,
	CONFIG_ERROR_MAX = 32
};

/** One line of the file as it is */
struct config_line {
	struct le le;
	char *text;
	const struct config_setting *setting;   /**< Or NULL */
};

struct config {
	char *file;
	char *name;              /**< Last part of the path, for errors */
	struct list linel;
	char **valuev;           /**< A value a row of the table, or NULL */
	char *errorv[CONFIG_ERROR_MAX];
	size_t errorc;
};


/* ---- the file ------------------------------------------------------------*/

static void line_destructor(void *arg)
{
	struct config_line *line = arg;

	list_unlink(&line->le);
	mem_deref(line->text);
}


static void config_destructor(void *arg)
{
	struct config *c = arg;
	size_t i;

	list_flush(&c->linel);
	for (i = 0; c->valuev && i < config_setting_count(); i++)
		mem_deref(c->valuev[i]);
	for (i = 0; i < c->errorc; i++)
		mem_deref(c->errorv[i]);
	mem_deref(c->valuev);
	mem_deref(c->file);
	mem_deref(c->name);
}


static void add_error(struct config *c, unsigned lineno, const char *fmt, ...)
{
	char text[256];
	char *clean;
	va_list ap;

	if (c->errorc >= CONFIG_ERROR_MAX)
		return;

	va_start(ap, fmt);
	(void)re_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	clean = text_clean(text, strlen(text), TEXT_LINE);
	if (clean && !re_sdprintf(&c->errorv[c->errorc], "%s:%u: %s", c->name,
				  lineno, clean))
		++c->errorc;
	free(clean);
}


static int line_append(struct config *c, const char *text, size_t len,
		       struct config_line **linep)
{
	struct config_line *line;
	int err;

	line = mem_zalloc(sizeof(*line), line_destructor);
	if (!line)
		return ENOMEM;

	err = re_sdprintf(&line->text, "%b", text, len);
	if (err) {
		mem_deref(line);
		return err;
	}

	list_append(&c->linel, &line->le, line);
	*linep = line;

	return 0;
}


static void trim(struct pl *pl)
{
	while (pl->l && strchr(" \t\r", pl->p[0])) {
		++pl->p;
		--pl->l;
	}
	while (pl->l && strchr(" \t\r", pl->p[pl->l - 1]))
		--pl->l;
}


static int value_set(struct config *c, const struct config_setting *s,
		     const char *value)
{
	char *copy;
	int err;

	err = str_dup(&copy, value);
	if (err)
		return err;

	mem_deref(c->valuev[s - config_settings()]);
	c->valuev[s - config_settings()] = copy;

	return 0;
}


static int parse_line(struct config *c, struct config_line *line,
		      unsigned lineno)
{
	const struct config_setting *s;
	struct pl key, value, all;
	char *k = NULL, *v = NULL;
	const char *eq, *why;
	int err;

	pl_set_str(&all, line->text);
	trim(&all);
	if (!all.l || all.p[0] == '#')
		return 0;

	eq = pl_strchr(&all, '=');
	if (!eq) {
		add_error(c, lineno, "expected `key = value`");
		return 0;
	}

	key.p = all.p;
	key.l = (size_t)(eq - all.p);
	value.p = eq + 1;
	value.l = all.l - key.l - 1;
	trim(&key);
	trim(&value);

	err = pl_strdup(&k, &key);
	err |= pl_strdup(&v, &value);
	if (err)
		goto out;

	s = config_setting_find(k);
	if (!s) {
		add_error(c, lineno, "there is no setting \"%s\"", k);
		goto out;
	}

	if (!text_is_utf8(v, strlen(v)) || strlen(v) != value.l) {
		add_error(c, lineno, "%s is not plain text", k);
		goto out;
	}

	why = s->check ? s->check(v) : NULL;
	if (why) {
		add_error(c, lineno, "%s %s", k, why);
		goto out;
	}

	line->setting = s;
	err = value_set(c, s, v);

 out:
	mem_deref(k);
	mem_deref(v);

	return err;
}


static int parse(struct config *c, struct mbuf *mb)
{
	unsigned lineno = 0;
	int err = 0;

	while (mbuf_get_left(mb) && !err) {
		const char *p = (const char *)mbuf_buf(mb);
		size_t left = mbuf_get_left(mb);
		const char *nl = memchr(p, '\n', left);
		size_t len = nl ? (size_t)(nl - p) : left;
		struct config_line *line;

		++lineno;
		if (len > CONFIG_LINE_MAX)
			add_error(c, lineno, "the line is too long");
		else {
			err = line_append(c, p, len, &line);
			if (!err)
				err = parse_line(c, line, lineno);
		}
		mb->pos += len + (nl ? 1 : 0);
	}

	return err;
}


static int read_file(struct mbuf **mbp, const char *file)
{
	struct mbuf *mb;
	uint8_t buf[4096];
	size_t n;
	FILE *f;
	int err = 0;

	f = fopen(file, "rbe");
	if (!f)
		return errno;

	mb = mbuf_alloc(sizeof(buf));
	if (!mb)
		err = ENOMEM;

	while (!err && (n = fread(buf, 1, sizeof(buf), f)) > 0) {
		err = mbuf_write_mem(mb, buf, n);
		if (mb->end > CONFIG_FILE_MAX)
			err = EMSGSIZE;
	}
	if (!err && ferror(f))
		err = EIO;
	(void)fclose(f);

	if (err) {
		mem_deref(mb);
		return err;
	}

	mbuf_set_pos(mb, 0);
	*mbp = mb;

	return 0;
}


int config_open(struct config **cp, const char *file)
{
	struct mbuf *mb = NULL;
	struct config *c;
	int err;

	if (!cp || !file)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), config_destructor);
	if (!c)
		return ENOMEM;

	err = str_dup(&c->file, file);
	err |= str_dup(&c->name, paths_name(file));
	c->valuev = mem_zalloc(config_setting_count() * sizeof(*c->valuev),
			       NULL);
	if (err || !c->valuev) {
		err = ENOMEM;
		goto out;
	}

	err = read_file(&mb, file);
	if (err == ENOENT)
		err = 0;
	else if (err) {
		add_error(c, 0, "cannot be read: %m", err);
		err = 0;
	}
	else
		err = parse(c, mb);

 out:
	mem_deref(mb);
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


size_t config_error_count(const struct config *c)
{
	return c ? c->errorc : 0;
}


const char *config_error(const struct config *c, size_t i)
{
	return c && i < c->errorc ? c->errorv[i] : NULL;
}


const char *config_get(const struct config *c, const char *key)
{
	const struct config_setting *s = key ? config_setting_find(key) : NULL;
	const char *v;

	if (!s)
		return NULL;

	v = c ? c->valuev[s - config_settings()] : NULL;

	return v ? v : s->def;
}


bool config_bool(const struct config *c, const char *key)
{
	const char *v = config_get(c, key);

	return v && !strcmp(v, "true");
}


uint32_t config_u32(const struct config *c, const char *key)
{
	const char *v = config_get(c, key);
	struct pl pl;

	pl_set_str(&pl, v ? v : "");

	return pl_u32(&pl);
}


static int write_file(const struct config *c)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct le *le;
	int err = 0;

	if (!mb)
		return ENOMEM;

	LIST_FOREACH(&c->linel, le)
	{
		const struct config_line *line = le->data;

		err |= mbuf_printf(mb, "%s\n", line->text);
	}

	if (!err)
		err = paths_write(c->file, mb->buf, mb->end);
	mem_deref(mb);

	return err;
}


int config_set(struct config *c, const char *key, const char *value,
	       const char **why)
{
	const struct config_setting *s;
	struct config_line *line = NULL;
	const char *bad = NULL;
	char *text = NULL;
	struct le *le;
	int err;

	if (!c || !key || !value)
		return EINVAL;

	s = config_setting_find(key);
	if (!s) {
		bad = "there is no such setting";
		err = ENOENT;
		goto out;
	}

	bad = s->check ? s->check(value) : NULL;
	if (!bad && (strpbrk(value, "\r\n") ||
		     !text_is_utf8(value, strlen(value))))
		bad = "must be one line of text";
	if (bad) {
		err = EINVAL;
		goto out;
	}

	for (le = list_tail(&c->linel); le && !line; le = le->prev) {
		struct config_line *l = le->data;

		if (l->setting == s)
			line = l;
	}

	err = re_sdprintf(&text, "%s = %s", key, value);
	if (err)
		goto out;

	if (!line) {
		err = line_append(c, "", 0, &line);
		if (err)
			goto out;
		line->setting = s;
	}
	mem_deref(line->text);
	line->text = mem_ref(text);

	err = value_set(c, s, value);
	if (!err)
		err = write_file(c);
	if (err)
		bad = "the file could not be written";

 out:
	mem_deref(text);
	if (why)
		*why = bad;

	return err;
}
