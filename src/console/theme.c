/**
 * @file theme.c  Colours by meaning
 *
 * A theme file has up to three sections of roles. [roles] is for 256 colours
 * and more and, made poorer, for less; [roles.16] and [roles.mono] say it
 * exactly. What a file leaves out comes from the theme it inherits, then
 * from the role `text`.
 */
#include "theme.h"

#include "common/paths.h"
#include "i18n.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INHERIT_MAX = 4 };

static const char *const role_names[ROLE_MAX] = {
	"text", "dim", "title", "title.focus", "separator",
	"bar", "bar.key", "select", "select.blur", "online",
	"away", "busy", "offline", "unread", "missed",
	"call.ring", "call.active", "call.hold", "call.mute",
	"sec.none", "sec.transport", "sec.e2e", "sec.verified",
	"sec.broken", "sec.sas", "chat.self", "chat.peer",
	"chat.time", "error", "warn", "info", "prompt",
	"match", "overlay", "overlay.title"
};

/** Where a line stands */
enum section { SEC_NONE, SEC_THEME, SEC_ROLES, SEC_16, SEC_MONO };

struct reading {
	struct theme *theme;
	enum section section;
	char inherits[64];
	char *why;
	size_t size;
	int err;
};

static int load(struct theme *theme, const char *name,
		const char *const dirs[], char *why, size_t size, int depth);


const char *theme_role_name(enum role role)
{
	return role < ROLE_MAX ? role_names[role] : "?";
}


static const char *colour_parse(const char *s, int *colourp)
{
	static const char *const names[] = {
		"black", "red", "green", "yellow", "blue", "magenta", "cyan",
		"white"
	};
	int bright = 0, i;
	char *end;
	long n;

	if (!strcmp(s, "default")) {
		*colourp = THEME_DEFAULT;
		return NULL;
	}
	if (!strcmp(s, "-")) {
		*colourp = THEME_AS_TEXT;
		return NULL;
	}
	if (*s == '#') {
		if (strlen(s) != 7 || strspn(s + 1, "0123456789abcdefABCDEF")
		    != 6)
			return _("a colour is #rrggbb");
		*colourp = THEME_RGB | (int)strtol(s + 1, NULL, 16);
		return NULL;
	}
	if (isdigit((unsigned char)*s)) {
		n = strtol(s, &end, 10);
		if (*end || n > 255)
			return _("a colour number is 0 to 255");
		*colourp = (int)n;
		return NULL;
	}
	if (!strncmp(s, "bright-", 7)) {
		bright = 8;
		s += 7;
	}
	for (i = 0; i < 8; i++) {
		if (!strcmp(s, names[i])) {
			*colourp = i + bright;
			return NULL;
		}
	}

	return _("no such colour");
}


static const char *attr_parse(const char *s, unsigned *attrp)
{
	static const struct {
		const char *name;
		unsigned attr;
	} attrs[] = {
		{ "bold", ATTR_BOLD }, { "dim", ATTR_DIM },
		{ "italic", ATTR_ITALIC }, { "underline", ATTR_UNDERLINE },
		{ "reverse", ATTR_REVERSE }
	};
	size_t i;

	for (i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		if (!strcmp(s, attrs[i].name)) {
			*attrp |= attrs[i].attr;
			return NULL;
		}
	}

	return _("an attribute is bold, dim, italic, underline or reverse");
}


/* The next word of *sp, NULL at the end */
static char *next_word(char **sp)
{
	char *w = *sp + strspn(*sp, " \t");

	if (!*w)
		return NULL;

	*sp = w + strcspn(w, " \t");
	if (**sp)
		*(*sp)++ = '\0';

	return w;
}


/* "FG BG attribute..." */
static const char *style_parse(char *value, struct style *style)
{
	struct style st = { THEME_AS_TEXT, THEME_AS_TEXT, 0, true };
	const char *wrong = NULL;
	char *word;
	int n;

	for (n = 0; !wrong && (word = next_word(&value)); n++) {
		if (n < 2)
			wrong = colour_parse(word, n ? &st.bg : &st.fg);
		else
			wrong = attr_parse(word, &st.attr);
	}
	if (!wrong && n < 1)
		wrong = _("a role needs a colour");
	if (!wrong)
		*style = st;

	return wrong;
}


static const char *theme_key(struct reading *r, const char *key, char *value)
{
	struct theme *t = r->theme;

	if (!strcmp(key, "name"))
		(void)snprintf(t->name, sizeof(t->name), "%s", value);
	else if (!strcmp(key, "background")) {
		if (strcmp(value, "dark") && strcmp(value, "light") &&
		    strcmp(value, "any"))
			return _("background is dark, light or any");
		(void)snprintf(t->background, sizeof(t->background), "%s",
			       value);
	}
	else if (!strcmp(key, "inherits"))
		(void)snprintf(r->inherits, sizeof(r->inherits), "%s", value);
	else
		return _("[theme] knows name, background and inherits");

	return NULL;
}


static const char *role_key(struct reading *r, const char *key, char *value)
{
	struct style *roles = r->section == SEC_16 ? r->theme->roles16 :
		r->section == SEC_MONO ? r->theme->mono : r->theme->roles;
	size_t i;

	for (i = 0; i < ROLE_MAX; i++) {
		if (!strcmp(role_names[i], key))
			return style_parse(value, &roles[i]);
	}

	return _("no such role");
}


static const char *section(struct reading *r, const char *line)
{
	if (!strcmp(line, "[theme]"))
		r->section = SEC_THEME;
	else if (!strcmp(line, "[roles]"))
		r->section = SEC_ROLES;
	else if (!strcmp(line, "[roles.16]"))
		r->section = SEC_16;
	else if (!strcmp(line, "[roles.mono]"))
		r->section = SEC_MONO;
	else
		return _("a section is [theme], [roles], [roles.16] or "
			"[roles.mono]");

	return NULL;
}


static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		*--end = '\0';

	return s;
}


static const char *theme_line(struct reading *r, char *line)
{
	char *eq;

	line = trim(line);
	if (!*line || *line == '#' || *line == ';')
		return NULL;
	if (*line == '[')
		return section(r, line);

	eq = strchr(line, '=');
	if (!eq)
		return _("a line is KEY = VALUE");
	*eq = '\0';

	if (r->section == SEC_NONE)
		return _("a key stands before the first section");
	if (r->section == SEC_THEME)
		return theme_key(r, trim(line), trim(eq + 1));

	return role_key(r, trim(line), trim(eq + 1));
}


/* Only the first thing that is wrong is told, the rest is used */
static void read_lines(struct reading *r, FILE *f, const char *path)
{
	char line[512];
	int n = 0;

	while (fgets(line, sizeof(line), f)) {
		const char *wrong;
		bool whole = strchr(line, '\n') || feof(f);

		n++;
		wrong = whole ? theme_line(r, line) :
			_("the line is longer than 510 bytes");
		while (!whole && fgets(line, sizeof(line), f))
			whole = strchr(line, '\n') != NULL;

		if (wrong && !r->err) {
			r->err = EINVAL;
			(void)snprintf(r->why, r->size, _("%s line %d: %s"),
				       paths_name(path), n, wrong);
		}
	}
}


static FILE *theme_open(const char *name, const char *const dirs[],
			char *path, size_t size)
{
	FILE *f;
	size_t i;

	if (strchr(name, '/')) {
		(void)snprintf(path, size, "%s", name);
		return fopen(name, "re");
	}

	for (i = 0; dirs && dirs[i]; i++) {
		int n = snprintf(path, size, "%s/%s.theme", dirs[i], name);

		if (n < 0 || (size_t)n >= size)
			continue;
		f = fopen(path, "re");
		if (f)
			return f;
	}

	return NULL;
}


static void inherit(struct style *to, const struct style *from)
{
	size_t i;

	for (i = 0; i < ROLE_MAX; i++) {
		if (!to[i].set)
			to[i] = from[i];
	}
}


static int load(struct theme *theme, const char *name,
		const char *const dirs[], char *why, size_t size, int depth)
{
	struct reading r = { theme, SEC_NONE, "", why, size, 0 };
	char path[PATH_MAX];
	FILE *f;
	int err;

	memset(theme, 0, sizeof(*theme));
	(void)snprintf(theme->name, sizeof(theme->name), "%s", name);
	(void)snprintf(theme->background, sizeof(theme->background), "any");

	f = theme_open(name, dirs, path, sizeof(path));
	if (!f) {
		(void)snprintf(why, size, _("there is no theme \"%s\""), name);
		return ENOENT;
	}
	read_lines(&r, f, path);
	(void)fclose(f);

	if (*r.inherits && depth < INHERIT_MAX) {
		struct theme *parent = calloc(1, sizeof(*parent));

		if (!parent)
			return ENOMEM;
		err = load(parent, r.inherits, dirs, why, size, depth + 1);
		inherit(theme->roles, parent->roles);
		inherit(theme->roles16, parent->roles16);
		inherit(theme->mono, parent->mono);
		free(parent);
		if (!r.err)
			r.err = err;
	}

	return r.err;
}


/* Without a line of its own a mono screen must still tell these apart */
static void mono_defaults(struct style *roles)
{
	static const struct {
		enum role role;
		unsigned attr;
	} must[] = {
		{ ROLE_TITLE, ATTR_BOLD },
		{ ROLE_TITLE_FOCUS, ATTR_REVERSE | ATTR_BOLD },
		{ ROLE_BAR, ATTR_REVERSE },
		{ ROLE_BAR_KEY, ATTR_REVERSE | ATTR_BOLD },
		{ ROLE_SELECT, ATTR_REVERSE },
		{ ROLE_SELECT_BLUR, ATTR_UNDERLINE },
		{ ROLE_UNREAD, ATTR_BOLD },
		{ ROLE_MISSED, ATTR_BOLD | ATTR_UNDERLINE },
		{ ROLE_CALL_RING, ATTR_REVERSE | ATTR_BOLD },
		{ ROLE_CALL_ACTIVE, ATTR_BOLD },
		{ ROLE_CALL_MUTE, ATTR_REVERSE },
		{ ROLE_SEC_NONE, ATTR_UNDERLINE },
		{ ROLE_SEC_E2E, ATTR_BOLD },
		{ ROLE_SEC_VERIFIED, ATTR_BOLD },
		{ ROLE_SEC_BROKEN, ATTR_REVERSE | ATTR_BOLD },
		{ ROLE_SEC_SAS, ATTR_BOLD },
		{ ROLE_ERROR, ATTR_BOLD },
		{ ROLE_PROMPT, ATTR_BOLD },
		{ ROLE_MATCH, ATTR_UNDERLINE },
		{ ROLE_OVERLAY_TITLE, ATTR_BOLD }
	};
	size_t i;

	for (i = 0; i < sizeof(must) / sizeof(must[0]); i++) {
		struct style *st = &roles[must[i].role];

		if (!st->set) {
			st->fg = st->bg = THEME_DEFAULT;
			st->attr = must[i].attr;
			st->set = true;
		}
	}
}


int theme_load(struct theme *theme, const char *name,
	       const char *const dirs[], char *why, size_t size)
{
	int err;

	if (!theme || !name || !*name || !why || !size)
		return EINVAL;

	err = load(theme, name, dirs, why, size, 0);
	mono_defaults(theme->mono);

	return err;
}


/* Nearest of 8, 16 or 256 colours; green counts most, as for the eye */
static int nearest(int rgb, int colors)
{
	static const int level[] = { 0, 95, 135, 175, 215, 255 };
	static const int ansi[16] = {
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00,
		0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
		0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff
	};
	int r = rgb >> 16 & 255, g = rgb >> 8 & 255, b = rgb & 255;
	long best_d = LONG_MAX;
	int i, best = 0;

	/* The first 16 of 256 are the user's own, not known colours */
	for (i = colors >= 256 ? 16 : 0; i < colors; i++) {
		int c = i < 16 ? ansi[i] : i < 232 ?
			level[(i - 16) / 36] << 16 |
			level[(i - 16) / 6 % 6] << 8 | level[(i - 16) % 6] :
			(8 + 10 * (i - 232)) * 0x010101;
		int dr = (c >> 16) - r, dg = (c >> 8 & 255) - g;
		int db = (c & 255) - b;
		long d = 3L * dr * dr + 6L * dg * dg + (long)db * db;

		if (d < best_d) {
			best_d = d;
			best = i;
		}
	}

	return best;
}


static int resolve(int colour, int text, int colors)
{
	if (colour == THEME_AS_TEXT)
		colour = text == THEME_AS_TEXT ? THEME_DEFAULT : text;
	if (colour < 0)
		return -1;

	if (colour & THEME_RGB) {
		colour &= 0xffffff;
		if (colors > 256)       /* 0 to 7 are the palette there */
			return colour < 8 ? 8 : colour;
		return nearest(colour, colors < 16 ? 8 : colors < 256 ? 16 :
			       256);
	}
	if (colors > 256) {
		/* Beyond the first eight a number would be an RGB value */
		return colour < 8 ? colour : -1;
	}

	return colour < colors ? colour : colour % 8;
}


struct style theme_style(const struct theme *theme, enum role role,
			 int colors)
{
	const struct style *st, *text = &theme->roles[ROLE_TEXT];
	struct style out = { -1, -1, 0, true };

	if (colors < 8) {
		out.attr = theme->mono[role].set ? theme->mono[role].attr : 0;
		return out;
	}

	st = &theme->roles[role];
	if (colors < 256) {
		if (theme->roles16[ROLE_TEXT].set)
			text = &theme->roles16[ROLE_TEXT];
		if (theme->roles16[role].set)
			st = &theme->roles16[role];
	}
	/* No colours of its own: the attributes of mono tell it apart */
	if (!st->set && theme->mono[role].set && !theme->roles[ROLE_TEXT].set)
		st = &theme->mono[role];
	if (!st->set)
		st = text;

	out.attr = st->attr;
	out.fg = st->set ? resolve(st->fg, text->set ? text->fg :
				   THEME_DEFAULT, colors) : -1;
	out.bg = st->set ? resolve(st->bg, text->set ? text->bg :
				   THEME_DEFAULT, colors) : -1;

	return out;
}
