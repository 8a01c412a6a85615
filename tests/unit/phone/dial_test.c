/**
 * @file dial_test.c  What people type to call somebody, and the account
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/re_compat.h"
#include "phone/account/account.h"
#include "phone/call/dial.h"
#include "phone/contact/contact.h"

static char dir[] = "/tmp/offhook-dial-XXXXXX";
static char file[64], folder[64];
static struct accounts *accounts;
static struct contacts *contacts;
static struct account *direct, *home;


static void changed(enum contact_change change, const struct contact *c,
		    void *arg)
{
	(void)change;
	(void)c;
	(void)arg;
}


static struct account *add(const char *address, const char *server,
			   const char *listen_at)
{
	struct account_conf *cf = NULL;
	struct account *acc = NULL;
	const char *why = NULL;

	assert_int_equal(account_conf_alloc(&cf), 0);
	assert_int_equal(account_conf_set(cf, "address", address, &why), 0);
	assert_int_equal(account_conf_set(cf, "listen", listen_at, &why), 0);
	if (server)
		assert_int_equal(account_conf_set(cf, "server", server,
						  &why), 0);
	else
		cf->direct = true;
	assert_int_equal(account_add(&acc, accounts, cf, &why), 0);
	mem_deref(cf);

	return acc;
}


static int setup(void **state)
{
	const char *const bob[] = { "sip:bob@example.net" };
	const char *const desk[] = { "tel:+49 30 1234" };
	struct contact *c;
	(void)state;

	if (libre_init() || !mkdtemp(dir))
		return -1;

	(void)snprintf(file, sizeof(file), "%s/accounts", dir);
	(void)snprintf(folder, sizeof(folder), "%s/contacts", dir);
	if (accounts_open(&accounts, file, 3600) ||
	    contacts_open(&contacts, folder, changed, NULL))
		return -1;

	direct = add("me@127.0.0.1", NULL, "127.0.0.1:0");
	/* nobody is there: the account has its stack all the same */
	home = add("alice@example.org", "sip:127.0.0.1:9", "127.0.0.1:0");

	return contact_add(contacts, "Bob Miller", bob, 1, &c) ||
	       contact_add(contacts, "Desk", desk, 1, &c);
}


static int teardown(void **state)
{
	char cmd[128];
	(void)state;

	contacts = mem_deref(contacts);
	accounts = mem_deref(accounts);
	libre_close();
	mem_debug();
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);

	return system(cmd);
}


static void expect(const char *text, struct account *acc, const char *uri,
		   const struct account *want)
{
	const char *why = NULL;
	char *got = NULL;
	int err;

	err = dial_resolve(&got, &acc, text, accounts, contacts, &why);
	if (!uri) {
		assert_int_not_equal(err, 0);
		assert_non_null(why);
		return;
	}

	assert_int_equal(err, 0);
	assert_string_equal(got, uri);
	assert_ptr_equal(acc, want);
	mem_deref(got);
}


static void test_addresses(void **state)
{
	(void)state;

	expect("sip:carol@example.org", NULL, "sip:carol@example.org", home);
	expect("  carol@Example.ORG", NULL, "sip:carol@example.org", home);
	expect("sip:127.0.0.9:5070", NULL, "sip:127.0.0.9:5070", direct);
	expect("127.0.0.9:5070", NULL, "sip:127.0.0.9:5070", direct);
	expect("x@127.0.0.9", NULL, "sip:x@127.0.0.9", direct);
	expect("sip:x@127.0.0.9", home, "sip:x@127.0.0.9", home);
	expect("sip:x@h;maddr=1.2.3.4?Replaces=y", home, "sip:x@h", home);
}


static void test_contacts(void **state)
{
	(void)state;

	expect("Bob Miller", home, "sip:bob@example.net", home);
	expect("bob", home, "sip:bob@example.net", home);
	expect("Desk", home, "sip:+49301234@example.org", home);
	/* a number has no meaning without a server */
	expect("Desk", direct, NULL, NULL);
}


static void test_numbers(void **state)
{
	(void)state;

	expect("110", home, "sip:110@example.org", home);
	expect("+49 (30) 99-88", home, "sip:+49309988@example.org", home);
	expect("carol", home, "sip:carol@example.org", home);
	expect("110", direct, NULL, NULL);
}


static void test_nonsense(void **state)
{
	(void)state;

	expect("", home, NULL, NULL);
	expect("   ", home, NULL, NULL);
	expect("tel:x", home, NULL, NULL);
	expect("http://example.org", home, NULL, NULL);
	expect("sip:", home, NULL, NULL);
	expect("a b c", home, NULL, NULL);
	expect("a\r\nVia: x", home, NULL, NULL);
	expect("<sip:a@b>", home, NULL, NULL);
	expect("\xff\xfe", home, NULL, NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_contacts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
