/**
 * @file keys.c  Keys and their names
 *
 * C-m, C-i, C-h and C-[ are Enter, Tab, Backspace and Esc on a terminal and
 * are named so.
 */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

static const struct {
	const char *name;
	key_code key;
} names[] = {
	{ "Up", K_UP }, { "Down", K_DOWN }, { "Left", K_LEFT },
	{ "Right", K_RIGHT }, { "Home", K_HOME }, { "End", K_END },
	{ "PgUp", K_PAGE_UP }, { "PgDn", K_PAGE_DOWN },
	{ "Insert", K_INSERT }, { "Delete", K_DELETE },
	{ "Backspace", K_BACKSPACE }, { "Enter", K_ENTER }, { "Tab", K_TAB },
	{ "S-Tab", K_BACKTAB }, { "Esc", K_ESC }, { "Space", ' ' },
	{ "C-m", K_ENTER }, { "C-i", K_TAB }, { "C-h", K_BACKSPACE },
	{ "C-[", K_ESC }
};


key_code key_parse(const char *name)
{
	key_code meta = 0;
	uint32_t cp;
	size_t i, len;

	if (!name || !*name)
		return KEY_NONE;

	if (!strncmp(name, "M-", 2) && name[2]) {
		meta = KEY_META;
		name += 2;
	}

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(name, names[i].name))
			return names[i].key | meta;
	}

	len = strlen(name);
	if (!strncmp(name, "C-", 2) && len == 3 &&
	    (unsigned char)name[2] > 0x3f && (unsigned char)name[2] < 0x7f)
		return KEY_CTRL(name[2]) ? KEY_CTRL(name[2]) | meta :
			(key_code)KEY_NONE;

	if (name[0] == 'F' && len > 1 && len < 4 &&
	    strspn(name + 1, "0123456789") == len - 1) {
		long n = strtol(name + 1, NULL, 10);

		return n >= 1 && n <= 12 ?
			(key_code)(K_F1 + n - 1) | meta : (key_code)KEY_NONE;
	}

	if (text_decode(&cp, name, len) != len || cp == 0xfffd || cp < 32)
		return KEY_NONE;

	return cp | meta;
}


key_code key_latin(key_code key)
{
	/* From U+0430 on; where it is not a letter the key is left alone */
	static const char latin[] = "f,dult;pbqrkvyjghcnea[wxio]sm'.z";
	const key_code meta = key & KEY_META;
	key_code plain = key & ~(key_code)KEY_META;

	if (plain >= 0x430 && plain <= 0x44f)
		return (key_code)latin[plain - 0x430] | meta;
	if (plain >= 0x410 && plain <= 0x42f) {
		plain = (key_code)latin[plain - 0x410];
		return plain >= 'a' && plain <= 'z' ?
			(plain - 32) | meta : key;
	}

	return key;
}


void key_label(char *buf, size_t size, key_code key)
{
	const char *meta = key & KEY_META ? "M-" : "";
	char utf8[5] = "";
	size_t i;

	key &= ~(key_code)KEY_META;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (key == names[i].key) {
			(void)snprintf(buf, size, "%s%s", meta,
				       names[i].name);
			return;
		}
	}

	if (key >= K_F1 && key <= K_F12) {
		(void)snprintf(buf, size, "%sF%u", meta,
			       (unsigned)(key - K_F1 + 1));
		return;
	}
	if (key < 32) {
		(void)snprintf(buf, size, "%sC-%c", meta,
			       (char)(key + (key < 27 ? 0x60 : 0x40)));
		return;
	}

	utf8[text_encode(utf8, key)] = '\0';
	(void)snprintf(buf, size, "%s%s", meta, utf8);
}
