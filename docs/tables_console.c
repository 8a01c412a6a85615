/**
 * @file tables_console.c  Prints the console's own tables for the pages
 *
 * A line a row, its columns parted by tabs, the first the table's name. It
 * is linked with the program's own objects, so that no page can name a key
 * or a setting that the program does not know, and none that it knows is
 * missing. page.awk makes the pages of it, when offhook is built.
 */
#include <stdio.h>
#include <string.h>

#include "console/i18n.h"
#include "console/keymap.h"
#include "console/keys.h"
#include "console/settings.h"


/* Keys that do the same are one row, by their first */
static void print_keys(void)
{
	struct keymap *km = keymap_alloc();
	const struct key_row *a, *b;
	size_t i, k;

	for (i = 0; (a = keymap_at(km, i)); i++) {
		char name[32];

		for (k = 0; k < i; k++) {
			b = keymap_at(km, k);
			if (b->panel == a->panel && !strcmp(b->help, a->help))
				break;
		}
		if (k < i)
			continue;

		(void)printf("key\t%s\t", keymap_panel_name(a->panel));
		for (k = i; (b = keymap_at(km, k)); k++) {
			if (b->panel != a->panel || strcmp(b->help, a->help))
				continue;
			key_label(name, sizeof(name), b->key);
			(void)printf("%s%s", k > i ? " " : "", name);
		}
		(void)printf("\t%s\n", i18n_text(a->help));
	}

	keymap_free(km);
}


/* With the folder of the catalogues: in the language of the environment */
int main(int argc, char *argv[])
{
	const char *name;
	size_t i;

	if (argc > 1)
		i18n_open(argv[1]);
	for (i = 0; (name = settings_name(i)); i++)
		(void)printf("console\t%s\t%s\t%s\n", name,
			     i18n_text(settings_values(name)),
			     i18n_text(settings_help(name)));
	print_keys();

	return 0;
}
