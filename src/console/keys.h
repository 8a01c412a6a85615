/**
 * @file keys.h  Keys and their names
 *
 * A key is one number: a code point or one of the names below, with or
 * without Alt. Knows no curses.
 */
#ifndef OFFHOOK_KEYS_H
#define OFFHOOK_KEYS_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t key_code;

enum {
	KEY_SPECIAL = 1 << 24,
	KEY_META    = 1 << 30,
	KEY_NONE    = 0,

	K_UP = KEY_SPECIAL, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END,
	K_PAGE_UP, K_PAGE_DOWN, K_INSERT, K_DELETE, K_BACKSPACE, K_ENTER,
	K_TAB, K_BACKTAB, K_ESC, K_PASTE_START, K_PASTE_END,
	K_CLICK, K_WHEEL_UP, K_WHEEL_DOWN,
	K_F1, K_F12 = K_F1 + 11
};

/** Control and a letter, as C('a') */
#define KEY_CTRL(c) ((key_code)((c) & 31))

/**
 * Key of a name: a C-x M-a F5 Up S-Tab Enter Space
 *
 * @return Key, KEY_NONE if it is none
 */
key_code key_parse(const char *name);

/**
 * The key a Cyrillic letter stands on, as it is on a Latin keyboard: a
 * Russian layout needs no switching to press a command
 *
 * @return The Latin key, Alt kept; any other key as it is
 */
key_code key_latin(key_code key);

/** Name of a key */
void key_label(char *buf, size_t size, key_code key);

#endif
