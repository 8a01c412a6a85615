/**
 * @file theme.h  Colours by meaning
 *
 * Code names a role, a theme file says what it looks like. Pure: reading and
 * resolving knows no curses.
 */
#ifndef OFFHOOK_THEME_H
#define OFFHOOK_THEME_H

#include <stdbool.h>
#include <stddef.h>

enum role {
	ROLE_TEXT, ROLE_DIM, ROLE_TITLE, ROLE_TITLE_FOCUS, ROLE_SEPARATOR,
	ROLE_BAR, ROLE_BAR_KEY, ROLE_SELECT, ROLE_SELECT_BLUR, ROLE_ONLINE,
	ROLE_AWAY, ROLE_BUSY, ROLE_OFFLINE, ROLE_UNREAD, ROLE_MISSED,
	ROLE_CALL_RING, ROLE_CALL_ACTIVE, ROLE_CALL_HOLD, ROLE_CALL_MUTE,
	ROLE_SEC_NONE, ROLE_SEC_TRANSPORT, ROLE_SEC_E2E, ROLE_SEC_VERIFIED,
	ROLE_SEC_BROKEN, ROLE_SEC_SAS, ROLE_CHAT_SELF, ROLE_CHAT_PEER,
	ROLE_CHAT_TIME, ROLE_ERROR, ROLE_WARN, ROLE_INFO, ROLE_PROMPT,
	ROLE_MATCH, ROLE_OVERLAY, ROLE_OVERLAY_TITLE,
	ROLE_MAX
};

enum theme_attr {
	ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_ITALIC = 4, ATTR_UNDERLINE = 8,
	ATTR_REVERSE = 16
};

/** A colour as written: one of these, 0..255, or THEME_RGB | 0xrrggbb */
enum { THEME_DEFAULT = -1, THEME_AS_TEXT = -2, THEME_RGB = 1 << 24 };

struct style {
	int fg, bg;
	unsigned attr;
	bool set;
};

/** A theme as read: three sections */
struct theme {
	char name[64];
	char background[8];             /**< dark light any            */
	struct style roles[ROLE_MAX];
	struct style roles16[ROLE_MAX];
	struct style mono[ROLE_MAX];
};

/**
 * Load a theme by name or file
 *
 * A name is looked for in each folder as NAME.theme; inherits= is followed.
 *
 * @param theme  Result; usable as mono after an error too
 * @param name   Name, or a path with a slash
 * @param dirs   Folders, ended by NULL
 * @param why    One sentence with file and line if something is wrong
 * @param size   Size of why
 *
 * @return 0 if success, ENOENT, EINVAL: a line is wrong (the rest is used)
 */
int theme_load(struct theme *theme, const char *name,
	       const char *const dirs[], char *why, size_t size);

/**
 * What a role looks like on a terminal of so many colours
 *
 * @param theme   Theme
 * @param role    Role
 * @param colors  0: mono, 8, 16, 256, more: direct colour
 *
 * @return Style whose colours are -1 or numbers of that terminal
 */
struct style theme_style(const struct theme *theme, enum role role,
			 int colors);

const char *theme_role_name(enum role role);

#endif
