/**
 * @file form_test.c  Forms: keys in, values out
 */
#include "console/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NAME, SECRET, WAY, ON, OK, CANCEL };


static void make(struct form *f)
{
	memset(f, 0, sizeof(*f));
	form_text(f, NAME, FIELD_TEXT, "Name", "Zoë", NULL);
	form_text(f, SECRET, FIELD_SECRET, "Password", "", NULL);
	form_choice(f, WAY, "Transport", NULL);
	form_word(f, "TLS", "TCP");
	form_word(f, "TCP", "TCP");
	form_word(f, "UDP", "TCP");
	form_word(f, "UDP", "TCP");
	form_switch(f, ON, "Enabled", true, NULL);
	form_button(f, OK, "OK", NULL);
	form_button(f, CANCEL, "Cancel", NULL);
}


static void type(struct form *f, const char *text)
{
	for (; *text; text++)
		(void)form_key(f, (key_code)(unsigned char)*text);
}


static void values(void **state)
{
	struct form f;
	(void)state;

	make(&f);
	assert_string_equal(form_value(&f, NAME), "Zoë");
	assert_string_equal(form_value(&f, WAY), "TCP");
	assert_string_equal(form_value(&f, ON), "yes");
	assert_string_equal(form_value(&f, 99), "");
	assert_int_equal(form_field(&f, WAY)->choicec, 3);
	/* buttons share a row */
	assert_int_equal(form_rows(&f), 5);
	assert_int_equal(form_focus(&f), NAME);

	type(&f, "!");
	assert_string_equal(form_value(&f, NAME), "Zoë!");
	assert_true(form_changed(&f, NAME));
	assert_false(form_changed(&f, WAY));
	assert_int_equal(form_key(&f, K_BACKSPACE), FORM_CHANGED);
	form_clear(&f);
	assert_int_equal(form_rows(&f), 0);
}


static void walking(void **state)
{
	struct form f;
	(void)state;

	make(&f);
	/* Enter goes on from a field and presses a button */
	assert_int_equal(form_key(&f, K_ENTER), FORM_NOTHING);
	assert_int_equal(form_focus(&f), SECRET);
	/* letters that are keys elsewhere are text here */
	type(&f, "qa:b?");
	assert_string_equal(form_value(&f, SECRET), "qa:b?");
	assert_int_equal(form_key(&f, K_TAB), FORM_NOTHING);
	assert_int_equal(form_key(&f, ' '), FORM_CHANGED);
	assert_string_equal(form_value(&f, WAY), "UDP");
	assert_int_equal(form_key(&f, K_RIGHT), FORM_CHANGED);
	assert_string_equal(form_value(&f, WAY), "TLS");
	assert_int_equal(form_key(&f, K_LEFT), FORM_CHANGED);
	assert_string_equal(form_value(&f, WAY), "UDP");
	form_focus_on(&f, OK);
	assert_int_equal(form_key(&f, K_RIGHT), FORM_NOTHING);
	assert_int_equal(form_focus(&f), CANCEL);
	assert_int_equal(form_key(&f, ' '), FORM_PRESSED);
	/* round and back */
	assert_int_equal(form_key(&f, K_TAB), FORM_NOTHING);
	assert_int_equal(form_focus(&f), NAME);
	assert_int_equal(form_key(&f, K_BACKTAB), FORM_NOTHING);
	assert_int_equal(form_focus(&f), CANCEL);
	assert_int_equal(form_key(&f, K_ESC), FORM_LEAVE);
	form_clear(&f);
}


static void spoken(void **state)
{
	struct form f;
	char buf[128];
	(void)state;

	make(&f);
	form_line(&f, buf, sizeof(buf));
	assert_string_equal(buf, "Name: Zoë");
	(void)form_key(&f, K_TAB);
	type(&f, "geheim");
	form_line(&f, buf, sizeof(buf));
	assert_string_equal(buf, "Password: typed");
	form_status(&f, ROLE_ERROR, "no\nroute \033[2J");
	assert_null(strchr(f.status, '\n'));
	assert_null(strchr(f.status, '\033'));
	form_clear(&f);
	assert_int_equal(form_focus(&f), -1);
	assert_int_equal(form_key(&f, 'x'), FORM_NOTHING);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(walking),
		cmocka_unit_test(spoken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
