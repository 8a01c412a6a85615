/**
 * @file keymap.h  Which key runs which command
 *
 * A key is nothing but a short name for a `:` command. Help and key bar are
 * made from this table, so they cannot be wrong.
 */
#ifndef OFFHOOK_KEYMAP_H
#define OFFHOOK_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "keys.h"

/** Where a key counts; the first PANEL_MAX are enum panel */
enum key_panel {
	KEYS_CONTACTS, KEYS_LOG, KEYS_CHAT, KEYS_CALL, KEYS_STATUS, KEYS_TRACE,
	KEYS_ANY, KEYS_TYPING, KEYS_RING
};

/** Where a key stands in the help */
enum key_group {
	GROUP_ANYWHERE, GROUP_LISTS, GROUP_TYPING, GROUP_CALL, GROUP_CHAT,
	GROUP_CONTACTS,
	GROUP_OWN,              /**< A command without a default key    */
	GROUP_MAX
};

struct key_row {
	enum key_panel panel;
	key_code key;
	char *command;
	const char *help;       /**< NULL: bound by the user            */
	const char *line;       /**< What the help says of all of them  */
	enum key_group group;
};

struct keymap;

/** The default keys */
struct keymap *keymap_alloc(void);
void keymap_free(struct keymap *km);

/** Panel of a name ("any", "typing", ...); 0 if success, or ENOENT */
int keymap_panel(const char *name, enum key_panel *panelp);
const char *keymap_panel_name(enum key_panel panel);

/**
 * Bind a key; an old binding is replaced
 *
 * @return 0 if success, ENOENT: no such panel, EINVAL: no such key, ENOMEM
 */
int keymap_bind(struct keymap *km, const char *panel, const char *key,
		const char *command);

/** Take a binding away; ENOENT: there was none */
int keymap_unbind(struct keymap *km, const char *panel, const char *key);

/**
 * Command of a key
 *
 * @param panel  Looked at first, then KEYS_ANY; KEYS_TYPING stands alone
 *
 * @return Command line, NULL if the key does nothing
 */
const char *keymap_find(const struct keymap *km, enum key_panel panel,
			key_code key);

/** First key of a command in a panel or anywhere; KEY_NONE */
key_code keymap_key(const struct keymap *km, enum key_panel panel,
		    const char *command);

/** Title of a group, in the language of the user */
const char *keymap_group_title(enum key_group group);

/** Row i, NULL behind the last */
const struct key_row *keymap_at(const struct keymap *km, size_t i);

#endif
