/**
 * @file i18n_test.c  Texts in another language: Russian, as it was built
 *
 * The catalogue lies beside the test's folder. Where there is none, or no
 * C.UTF-8 to ask for it in, there is nothing to test.
 */
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "console/command.h"
#include "console/i18n.h"
#include "console/keymap.h"
#include "console/launch.h"
#include "console/line_edit.h"
#include "console/settings.h"
#include "console/words.h"

static bool have;


static int open_russian(void **state)
{
	char bin[PATH_MAX - 32], dir[PATH_MAX];
	(void)state;

	if (launch_bindir(bin, sizeof(bin)))
		return -1;
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	(void)setenv("LANGUAGE", "ru", 1);
	(void)snprintf(dir, sizeof(dir), "%s/../../locale", bin);
	i18n_open(dir);
	have = strcmp(_("Contacts"), "Contacts") != 0;

	return 0;
}


static void says(const char *phone, const char *russian)
{
	char buf[512];

	assert_string_equal(i18n_phone(phone, buf, sizeof(buf)), russian);
}


/* Sentences of the phone, whole ones and those with something in them */
static void phone(void **state)
{
	char *own;
	(void)state;

	if (!have)
		skip();
	says("", "");
	says("You hung up", "Вы положили трубку");
	says("what nobody ever said", "what nobody ever said");
	says("The name no.example cannot be found: it does not exist (DNS)",
	     "Имя no.example не найдено: его не существует (DNS)");
	says("call.ring: must be seconds from 5 to 600",
	     "call.ring: должно быть от 5 до 600 секунд");
	says("The server's certificate is for a.example, not for b.example",
	     "Сертификат сервера на a.example, а не на b.example");
	says("Transfer to sip:x@y: The transfer failed",
	     "Перевод на sip:x@y: Перевести не удалось");
	says("The transfer failed: Busy Here",
	     "Перевести не удалось: Busy Here");

	own = i18n_phone_dup("Transfer to sip:x@y begins");
	assert_string_equal(own, "Начат перевод на sip:x@y");
	free(own);
}


/* What the network put into a sentence stays what it is */
static void hostile(void **state)
{
	static char text[4096];
	char buf[512], small[8];
	size_t i;
	(void)state;

	if (!have)
		skip();
	says("Transfer to %s%n%1$s begins", "Начат перевод на %s%n%1$s");
	says("Transfer to : : : : : ", "Перевод на : : : : : ");
	for (i = 0; i18n_pattern(i); i++)
		(void)i18n_phone(i18n_pattern(i), buf, sizeof(buf));

	(void)snprintf(text, sizeof(text), "Transfer to %*s begins", 4000,
		       "x");
	assert_ptr_equal(i18n_phone(text, buf, sizeof(buf)), text);
	(void)snprintf(text, sizeof(text), "Transfer to %*s begins", 250, "x");
	assert_true(strlen(i18n_phone(text, small, sizeof(small))) < 8);
}


static void plurals(void **state)
{
	char buf[64];
	(void)state;

	if (!have)
		skip();
#define MISSED(n, text) \
	(void)snprintf(buf, sizeof(buf), i18n_plural("%lld missed", \
		       "%lld missed", n), (long long)(n)); \
	assert_string_equal(buf, text)
	MISSED(1, "1 пропущенный");
	MISSED(2, "2 пропущенных");
	MISSED(5, "5 пропущенных");
	MISSED(21, "21 пропущенный");
	(void)snprintf(buf, sizeof(buf), i18n_plural("%zu call", "%zu calls",
		       5), (size_t)5);
	assert_string_equal(buf, "5 вызовов");
	assert_string_equal(C_("up now", "Calls"), "Вызовы");
	assert_string_equal(_("Calls"), "Журнал");
	assert_string_equal(C_("no such place", "Calls"), "Calls");
	assert_string_equal(_(""), "");
}


/* Columns are cells, not bytes */
static void columns(void **state)
{
	char buf[64];
	(void)state;

	words_pad(buf, sizeof(buf), "ждёт", 6);
	assert_string_equal(buf, "ждёт  ");
	words_pad(buf, sizeof(buf), "ждёт", -6);
	assert_string_equal(buf, "  ждёт");
	words_pad(buf, sizeof(buf), "пропущенный", 6);
	assert_string_equal(buf, "пропущ");
	words_pad(buf, sizeof(buf), "山田", 3);
	assert_string_equal(buf, "山 ");
}


/* Each text of a table has a translation, and one that fits where the
   English one does */
static void tables(void **state)
{
	enum { HELP = 21 };
	struct keymap *km = keymap_alloc();
	const struct command *cmd;
	const struct line_help *line;
	const struct key_row *k;
	size_t i;
	(void)state;

	if (!have) {
		keymap_free(km);
		skip();
	}
	for (i = 0; (k = keymap_at(km, i)); i++) {
		if (text_width(_(k->help)) > HELP ||
		    text_width(_(k->line)) > HELP)
			fail_msg("too wide: %s, %s", _(k->help), _(k->line));
	}
	keymap_free(km);
	for (i = 0; (line = line_edit_help(i)); i++) {
		if (text_width(_(line->text)) > HELP)
			fail_msg("too wide: %s", _(line->text));
	}
	for (i = 0; (cmd = command_at(i)); i++) {
		if (text_width(_(cmd->help)) > 100)
			fail_msg("too wide: %s", _(cmd->help));
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phone), cmocka_unit_test(hostile),
		cmocka_unit_test(plurals), cmocka_unit_test(columns),
		cmocka_unit_test(tables)
	};

	return cmocka_run_group_tests(tests, open_russian, NULL);
}
