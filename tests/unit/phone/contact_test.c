/**
 * @file contact_test.c  A folder of contacts: read, found, written, watched
 *
 * A real folder and the main loop; what another program would do is done by
 * plain file calls.
 */
#include "phone/contact/contact.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/paths.h"
#include "phone/contact/contact_priv.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static char dir[64];

struct told {
	unsigned added, changed, removed, many;
	unsigned want;
	char name[64];
};


static void told_handler(enum contact_change change, const struct contact *c,
			 void *arg)
{
	struct told *t = arg;

	if (!c)
		++t->many;
	else if (change == CONTACT_ADDED)
		++t->added;
	else if (change == CONTACT_CHANGED)
		++t->changed;
	else
		++t->removed;
	if (c)
		(void)snprintf(t->name, sizeof(t->name), "%s",
			       contact_name(c));

	if (t->want && t->added + t->changed + t->removed + t->many >=
	    t->want)
		re_cancel();
}


static void timeout_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


/* Run the loop until so many changes were told */
static void wait_told(struct told *t, unsigned n)
{
	struct tmr tmr;

	memset(t, 0, sizeof(*t));
	t->want = n;
	tmr_init(&tmr);
	tmr_start(&tmr, 10000, timeout_handler, NULL);
	(void)re_main(NULL);
	tmr_cancel(&tmr);
	assert_true(t->added + t->changed + t->removed + t->many >= n);
	t->want = 0;
}


static void put(const char *name, const char *text)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(paths_write(path, text, strlen(text)), 0);
}


static void get(char *buf, size_t size, const char *name)
{
	char path[512];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	(void)fclose(f);
}


static int clear(void **state)
{
	struct dirent *de;
	DIR *d = opendir(dir);

	(void)state;

	while (d && (de = readdir(d)) != NULL) {
		char path[512];

		(void)snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		if (de->d_name[0] != '.' || strlen(de->d_name) > 2)
			(void)remove(path);
	}
	if (d)
		(void)closedir(d);

	return 0;
}


static struct contacts *open_dir(struct told *t)
{
	struct contacts *cs = NULL;

	assert_int_equal(contacts_open(&cs, dir, t ? told_handler : NULL, t),
			 0);
	return cs;
}


static void make_some(void)
{
	put("alice.vcf", "BEGIN:VCARD\nVERSION:4.0\nFN:Alice Example\n"
	    "IMPP:sip:alice@Example.ORG;transport=tcp\n"
	    "TEL;VALUE=uri:tel:+49-30-1234567\nORG:Example\\, Ltd.;Sales\n"
	    "NOTE:one\\ntwo\nEND:VCARD\n");
	put("bob.vcf", "BEGIN:VCARD\nVERSION:3.0\nN:Builder;Bob;;;\n"
	    "item1.TEL;type=pref:+49 (30) 7654-321\nX-SIP:bob@127.0.0.1:5070\n"
	    "EMAIL:bob@mail.example\nIMPP:xmpp:bob@x.example\nEND:VCARD\n");
	put("42.vcf", "BEGIN:VCARD\nVERSION:3.0\n"
	    "FN:\xc3\x84nne M\xc3\xbcller\nTEL:110\nEND:VCARD\n");
}


/* ---- addresses --------------------------------------------------------- */

static void uris(void **state)
{
	static const struct {
		const char *in;
		const char *uri;     /* NULL: refused */
		const char *key;
	} v[] = {
		{"sip:Bob@Example.ORG", "sip:Bob@Example.ORG",
		 "Bob@example.org"},
		{"SIPS:bob@x.test:5061", "sips:bob@x.test:5061",
		 "bob@x.test"},
		{"sip:bob@x.test:5060;lr", "sip:bob@x.test:5060;lr",
		 "bob@x.test"},
		{"sip:bob@127.0.0.5:5070", "sip:bob@127.0.0.5:5070",
		 "bob@127.0.0.5:5070"},
		{"sip:bob@[::1]:5070", "sip:bob@[::1]:5070", NULL},
		{" bob@example.org ", "sip:bob@example.org",
		 "bob@example.org"},
		{"+49 (30) 1234-567", "tel:+49301234567",
		 "tel:+49301234567"},
		{"tel:+49-30-1;ext=5", "tel:+49301", "tel:+49301"},
		{"030/12.34", "tel:0301234", "tel:0301234"},
		{"*43#", "tel:*43#", "tel:*43#"},
		{"$(touch /tmp/x)`id`;|&", NULL, NULL},
		{"sip:bob@x.test\r\nEvil: 1", NULL, NULL},
		{"sip:<b>@x.test", NULL, NULL},
		{"sip:bob:secret@x.test", NULL, NULL},
		{"xmpp:bob@x.test", NULL, NULL},
		{"http://x@y", NULL, NULL},
		{"sip:", NULL, NULL},
		{"bob", NULL, NULL},
		{"", NULL, NULL},
		{"+", NULL, NULL},
		{"()", NULL, NULL},
		{"123456789012345678901234567890123", NULL, NULL},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		char *uri = NULL, *key = NULL;
		int err = contact_uri_make(&uri, v[i].in);

		if (!v[i].uri) {
			assert_int_equal(err, EINVAL);
			assert_null(uri);
			continue;
		}
		assert_int_equal(err, 0);
		assert_string_equal(uri, v[i].uri);
		assert_int_equal(contact_uri_key(&key, uri), 0);
		if (v[i].key)
			assert_string_equal(key, v[i].key);
		mem_deref(uri);
		mem_deref(key);
	}
}


/* ---- reading and finding ----------------------------------------------- */

static void reads(void **state)
{
	struct contacts *cs;
	struct contact *c;
	struct le *le;

	(void)state;

	make_some();
	cs = open_dir(NULL);
	assert_int_equal(contacts_count(cs), 3);

	c = contact_find(cs, "alice");
	assert_non_null(c);
	assert_string_equal(contact_id(c), "alice");
	assert_string_equal(contact_name(c), "Alice Example");
	assert_string_equal(contact_org(c), "Example, Ltd.,Sales");
	assert_string_equal(contact_note(c), "one\ntwo");
	assert_int_equal(contact_uri_count(c), 2);
	assert_string_equal(contact_uri(c, 0),
			    "sip:alice@Example.ORG;transport=tcp");
	assert_string_equal(contact_uri(c, 1), "tel:+49301234567");
	assert_null(contact_uri(c, 2));

	c = contact_find(cs, "bob");
	assert_string_equal(contact_name(c), "Bob Builder");
	assert_int_equal(contact_uri_count(c), 2);
	assert_string_equal(contact_uri(c, 0), "sip:bob@127.0.0.1:5070");
	assert_string_equal(contact_uri(c, 1), "tel:+49307654321");

	le = list_head(contacts_list(cs));
	assert_string_equal(contact_name(le->data), "Alice Example");
	mem_deref(cs);
}


static void finds(void **state)
{
	static const struct {
		const char *text;
		const char *id;
	} v[] = {
		{"alice", "alice"}, {"Alice Example", "alice"},
		{"ALICE EX", "alice"}, {"exam", "alice"}, {"builder", "bob"},
		{"uilde", "bob"}, {"m\xc3\x9cll", "42"},
		{"\xc3\xa4nne m\xc3\xbcller", "42"},
		{"sip:alice@example.org", "alice"},
		{"alice@example.org", "alice"},
		{"bob@127.0.0.1:5070", "bob"}, {"bob@127.0.0.1", NULL},
		{"+49 30 1234567", "alice"}, {"030 1234567", "alice"},
		{"1234567", "alice"}, {"123", NULL}, {"567", NULL},
		{"110", "42"}, {"42", "42"}, {"11", NULL},
		{"tel:+49307654321", "bob"},
		{"nobody", NULL}, {"", NULL}, {"  ", NULL},
		{"bob@mail.example", NULL},
	};
	struct contacts *cs;
	size_t i;

	(void)state;

	make_some();
	cs = open_dir(NULL);
	for (i = 0; i < N(v); i++) {
		struct contact *c = contact_match(cs, v[i].text);

		if (!v[i].id)
			assert_null(c);
		else {
			assert_non_null(c);
			assert_string_equal(contact_id(c), v[i].id);
		}
	}

	assert_non_null(contact_find_uri(cs, "sip:alice@EXAMPLE.org;x=y"));
	assert_non_null(contact_find_uri(cs, "sip:+49301234567@pro.vider"));
	assert_null(contact_find_uri(cs, "sip:ALICE@example.org"));
	assert_null(contact_find_uri(cs, "not a uri"));
	assert_null(contact_match(NULL, "x"));
	mem_deref(cs);
}


static void bad_files(void **state)
{
	char path[512], name[80];
	struct contacts *cs;
	struct contact *c;

	(void)state;

	make_some();
	put("broken.vcf", "no card at all");
	put("empty.vcf", "");
	put("note.txt", "BEGIN:VCARD\nFN:X\nEND:VCARD\n");
	put(".hidden.vcf", "BEGIN:VCARD\nFN:X\nEND:VCARD\n");
	(void)snprintf(path, sizeof(path), "%s/folder.vcf", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/dangling.vcf", dir);
	assert_int_equal(symlink("/nowhere", path), 0);
	(void)snprintf(path, sizeof(path), "%s/fifo.vcf", dir);
	assert_int_equal(mkfifo(path, 0600), 0);

	/* hostile: in the name of the file and of the person */
	(void)snprintf(name, sizeof(name), "e\x1b[31m\xe2\x80\xaevil.vcf");
	put(name, "BEGIN:VCARD\nFN:\x1b]0;x\x07" "Mal\xe2\x80\xae\xff\n"
		  "TEL:$(id)\nEND:VCARD\n");
	put("noname.vcf", "BEGIN:VCARD\nIMPP:sip:n@x.test\nEND:VCARD\n");

	cs = open_dir(NULL);
	assert_int_equal(contacts_count(cs), 5);
	c = contact_find(cs, "e\xe2\x90\x9b[31mvil");
	assert_non_null(c);
	assert_string_equal(contact_name(c), "\xe2\x90\x9b]0;x\xe2\x90\x87"
					     "Mal\xef\xbf\xbd");
	assert_int_equal(contact_uri_count(c), 0);
	c = contact_find(cs, "noname");
	assert_string_equal(contact_name(c), "sip:n@x.test");
	mem_deref(cs);
}


static void ids_are_unique(void **state)
{
	struct contacts *cs;

	(void)state;

	put("x.vcf", "BEGIN:VCARD\nFN:One\nEND:VCARD\n");
	put("x\xe2\x80\x8b.vcf", "BEGIN:VCARD\nFN:Two\nEND:VCARD\n");
	cs = open_dir(NULL);
	assert_int_equal(contacts_count(cs), 2);
	assert_non_null(contact_find(cs, "x"));
	assert_non_null(contact_find(cs, "x-2"));
	mem_deref(cs);
}


/* ---- writing ----------------------------------------------------------- */

static void adds(void **state)
{
	static const char *const uriv[] = {
		"dora@example.org", "+49 30 99"
	};
	static const char *const badv[] = {"no uri"};
	struct contact *c = NULL, *d = NULL;
	struct told t = {0, 0, 0, 0, 0, ""};
	struct contacts *cs;
	struct stat st;
	char buf[2048], path[512];

	(void)state;

	cs = open_dir(&t);
	assert_int_equal(contact_add(cs, "D\xc3\xb6ra / Smith!", uriv, 2, &c),
			 0);
	assert_string_equal(contact_id(c), "dora-smith");
	assert_int_equal(t.added, 1);
	assert_string_equal(contact_uri(c, 0), "sip:dora@example.org");
	assert_string_equal(contact_uri(c, 1), "tel:+493099");
	(void)snprintf(path, sizeof(path), "%s/dora-smith.vcf", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	get(buf, sizeof(buf), "dora-smith.vcf");
	assert_non_null(strstr(buf, "FN:D\xc3\xb6ra / Smith!\r\n"));
	assert_non_null(strstr(buf, "IMPP:sip:dora@example.org\r\n"));
	assert_non_null(strstr(buf, "TEL;VALUE=uri:tel:+493099\r\n"));
	assert_non_null(strstr(buf, "UID:urn:uuid:"));

	assert_int_equal(contact_add(cs, "D\xc3\xb6ra Smith", uriv, 1, &d),
			 0);
	assert_string_equal(contact_id(d), "dora-smith-2");
	assert_int_equal(contact_add(cs, "../../etc/x", NULL, 0, &d), 0);
	assert_string_equal(contact_id(d), "etc-x");
	assert_int_equal(contact_add(cs, "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd",
				     NULL, 0, &d), 0);
	assert_string_equal(contact_id(d),
			    "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd");
	assert_int_equal(contact_add(cs, "\xe2\x98\x8e", NULL, 0, &d), 0);
	assert_string_equal(contact_id(d), "contact");

	assert_int_equal(contact_add(cs, "", NULL, 0, NULL), EINVAL);
	assert_int_equal(contact_add(cs, " ", NULL, 0, NULL), EINVAL);
	assert_int_equal(contact_add(cs, "X", badv, 1, NULL), EINVAL);
	assert_int_equal(contacts_count(cs), 5);
	assert_int_equal(t.added, 5);

	assert_ptr_equal(contact_find_uri(cs, "sip:dora@example.org"), c);
	assert_int_equal(contact_remove(cs, c), 0);
	assert_int_equal(t.removed, 1);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_null(contact_find(cs, "dora-smith"));
	mem_deref(cs);
}


static void edits(void **state)
{
	static const char *const one[] = {"sip:new@x.test"};
	static const char *const two[] = {
		"sip:bob@127.0.0.1:5070", "+49307654321", "sip:new@x.test"
	};
	struct told t = {0, 0, 0, 0, 0, ""};
	struct contacts *cs;
	struct contact *c;
	char buf[2048];

	(void)state;

	make_some();
	cs = open_dir(&t);
	c = contact_find(cs, "bob");

	assert_int_equal(contact_edit(cs, c, "Zoe", NULL, 0), 0);
	assert_string_equal(contact_name(c), "Zoe");
	assert_int_equal(contact_uri_count(c), 2);
	assert_int_equal(t.changed, 1);

	/* what stays keeps its line, what is not ours stays */
	assert_int_equal(contact_edit(cs, c, NULL, two, 3), 0);
	get(buf, sizeof(buf), "bob.vcf");
	assert_non_null(strstr(buf, "item1.TEL;type=pref:+49 (30) 7654-321"));
	assert_non_null(strstr(buf, "X-SIP:bob@127.0.0.1:5070"));
	assert_non_null(strstr(buf, "IMPP:xmpp:bob@x.example"));
	assert_non_null(strstr(buf, "IMPP:sip:new@x.test"));
	assert_non_null(strstr(buf, "EMAIL:bob@mail.example"));
	assert_int_equal(contact_uri_count(c), 3);

	assert_int_equal(contact_edit(cs, c, NULL, one, 1), 0);
	get(buf, sizeof(buf), "bob.vcf");
	assert_null(strstr(buf, "TEL"));
	assert_null(strstr(buf, "X-SIP"));
	assert_non_null(strstr(buf, "xmpp:"));
	assert_int_equal(contact_uri_count(c), 1);
	assert_null(contact_find_uri(cs, "sip:bob@127.0.0.1:5070"));

	assert_int_equal(contact_edit(cs, c, "", NULL, 0), EINVAL);
	assert_string_equal(contact_name(c), "Zoe");
	assert_ptr_equal(list_tail(contacts_list(cs))->data,
			 contact_find(cs, "42"));
	mem_deref(cs);
}


/* ---- watching ---------------------------------------------------------- */

static void watches(void **state)
{
	static const char *const uriv[] = {"sip:own@x.test"};
	struct contact *c;
	struct contacts *cs;
	struct told t;
	char path[512];
	unsigned i;

	(void)state;

	make_some();
	memset(&t, 0, sizeof(t));
	cs = open_dir(&t);

	put("carl.vcf", "BEGIN:VCARD\nFN:Carl\nIMPP:sip:c@x.test\n"
			"END:VCARD\n");
	wait_told(&t, 1);
	assert_int_equal(t.added, 1);
	assert_string_equal(t.name, "Carl");
	c = contact_find(cs, "carl");
	assert_non_null(c);

	put("carl.vcf", "BEGIN:VCARD\nFN:Karl\nEND:VCARD\n");
	wait_told(&t, 1);
	assert_int_equal(t.changed, 1);
	assert_ptr_equal(contact_find(cs, "carl"), c);
	assert_string_equal(contact_name(c), "Karl");
	assert_int_equal(contact_uri_count(c), 0);

	/* damaged, and whole again */
	put("carl.vcf", "oops");
	wait_told(&t, 1);
	assert_int_equal(t.removed, 1);
	assert_null(contact_find(cs, "carl"));
	put("carl.vcf", "BEGIN:VCARD\nFN:Carl\nEND:VCARD\n");
	wait_told(&t, 1);
	assert_int_equal(t.added, 1);

	(void)snprintf(path, sizeof(path), "%s/carl.vcf", dir);
	assert_int_equal(unlink(path), 0);
	wait_told(&t, 1);
	assert_int_equal(t.removed, 1);
	assert_int_equal(contacts_count(cs), 3);

	/* our own writing is told once, by us */
	memset(&t, 0, sizeof(t));
	assert_int_equal(contact_add(cs, "Own", uriv, 1, NULL), 0);
	put("last.vcf", "BEGIN:VCARD\nFN:Last\nEND:VCARD\n");
	assert_int_equal(t.added, 1);
	wait_told(&t, 1);
	assert_int_equal(t.added, 1);
	assert_string_equal(t.name, "Last");

	/* a synchronisation */
	for (i = 0; i < 100; i++) {
		char name[32], card[64];

		(void)snprintf(name, sizeof(name), "s%u.vcf", i);
		(void)snprintf(card, sizeof(card),
			       "BEGIN:VCARD\nFN:S %u\nEND:VCARD\n", i);
		put(name, card);
	}
	memset(&t, 0, sizeof(t));
	while (contacts_count(cs) < 105)
		wait_told(&t, 1);
	assert_int_equal(contacts_count(cs), 105);
	mem_deref(cs);
}


/* ---- many -------------------------------------------------------------- */

static void many(void **state)
{
	struct timespec a, b;
	struct contacts *cs;
	unsigned i;

	(void)state;

	for (i = 0; i < 5000; i++) {
		char name[256], card[400];
		FILE *f;

		(void)snprintf(name, sizeof(name), "%s/p%u.vcf", dir, i);
		(void)snprintf(card, sizeof(card), "BEGIN:VCARD\r\n"
			       "VERSION:3.0\r\nUID:%u\r\nFN:Person %u\r\n"
			       "N:%u;Person;;;\r\nIMPP:sip:p%u@x.test\r\n"
			       "TEL;TYPE=CELL:+49 170 %07u\r\nEND:VCARD\r\n",
			       i, i * 7919 % 5000, i, i, i);
		f = fopen(name, "w");
		assert_non_null(f);
		(void)fputs(card, f);
		(void)fclose(f);
	}

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	cs = open_dir(NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	assert_int_equal(contacts_count(cs), 5000);
	print_message("read 5,000 contacts    %.1f ms\n",
		      (double)(b.tv_sec - a.tv_sec) * 1e3 +
		      (double)(b.tv_nsec - a.tv_nsec) / 1e6);

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < 10000; i++) {
		char uri[64];

		(void)snprintf(uri, sizeof(uri), "sip:p%u@x.test", i % 5000);
		assert_non_null(contact_find_uri(cs, uri));
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	print_message("find 10,000 URIs       %.1f ms\n",
		      (double)(b.tv_sec - a.tv_sec) * 1e3 +
		      (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	mem_deref(cs);
}


static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/offhook-contact-XXXXXX");
	if (!mkdtemp(dir))
		return -1;

	return libre_init();
}


static int teardown(void **state)
{
	(void)clear(state);
	(void)rmdir(dir);
	libre_close();
	tmr_debug();
	mem_debug();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uris),
		cmocka_unit_test_setup(reads, clear),
		cmocka_unit_test_setup(finds, clear),
		cmocka_unit_test_setup(bad_files, clear),
		cmocka_unit_test_setup(ids_are_unique, clear),
		cmocka_unit_test_setup(adds, clear),
		cmocka_unit_test_setup(edits, clear),
		cmocka_unit_test_setup(watches, clear),
		cmocka_unit_test_setup(many, clear),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
