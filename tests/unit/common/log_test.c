/**
 * @file log_test.c  The log: what is written, what is blanked, what is lost
 *
 * Runs a real main loop over a real file in a folder of its own.
 */
#include "common/log.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/re_compat.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static char dir[64];
static char path[96];
static char path1[96];


/* ---- redaction --------------------------------------------------------- */

static const struct {
	const char *in;
	const char *out;
} redactv[] = {
	{"nothing to see here", "nothing to see here"},
	{"password=hunter2 next", "password=*** next"},
	{"password: hunter2", "password: ***"},
	{"Password = hunter2", "Password = ***"},
	{"auth_password=x", "auth_password=*"},
	{"the password is wrong", "the password is wrong"},
	{"{\"user\":\"bob\",\"password\":\"hun\\\"ter2\",\"x\":1}",
	 "{\"user\":\"bob\",\"password\":\"***\",\"x\":1}"},
	{"{\"password\" : \"hunter2\"}", "{\"password\" : \"***\"}"},
	{"{\\\"password\\\":\\\"hunter2\\\",\\\"a\\\":1}",
	 "{\\\"password\\\":\\\"***\\\",\\\"a\\\":1}"},
	{"password='two words' x", "password='***' x"},
	{"password=\"open end", "password=\"***"},
	{"client_secret=abcdef&scope=1", "client_secret=***"},
	{"access-token: abc.def.ghi", "access-token: ***"},
	{"ha1=0123456789abcdef", "ha1=***"},
	{"srtp_key=00ff11", "srtp_key=***"},
	{"keys=3 monkey=4", "keys=3 monkey=4"},
	{"password=", "password="},
	{"password=ab", "password=**"},
	{"Authorization: Digest username=\"bob\", realm=\"r\", nonce=\"n1\", "
	 "response=\"0123456789abcdef0123456789abcdef\", qop=auth",
	 "Authorization: Digest username=\"bob\", realm=\"r\", nonce=\"n1\", "
	 "response=\"***\", qop=auth"},
	{"Proxy-Authorization: Digest response=\"00ff\",nonce=\"ok\"",
	 "Proxy-Authorization: Digest response=\"***\",nonce=\"ok\""},
	{"Authorization: Basic Ym9iOmh1bnRlcjI=\r\nTo: x",
	 "Authorization: Basic ***\r\nTo: x"},
	{"proxy-authorization:Bearer abc", "proxy-authorization:Bearer ***"},
	{"response=0123456789abcdef0123456789abcdef",
	 "response=***"},
	{"response: 200 OK", "response: 200 OK"},
	{"a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
	 "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
	 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20|1:4"},
	{"a=crypto:1 X inline:abcdefgh\r\na=sendrecv",
	 "a=crypto:1 X inline:***\r\na=sendrecv"},
	{"sip:bob:hunter2@example.org", "sip:bob:***@example.org"},
	{"<sip:bob@example.org:5060>", "<sip:bob@example.org:5060>"},
	{"sip:127.0.0.1:5060", "sip:127.0.0.1:5060"},
	{"", ""},
};


static void redact(void **state)
{
	size_t i;

	(void)state;

	for (i = 0; i < N(redactv); i++) {
		char buf[512];

		(void)snprintf(buf, sizeof(buf), "%s", redactv[i].in);
		log_redact(buf);
		assert_string_equal(buf, redactv[i].out);
		log_redact(buf);
		assert_string_equal(buf, redactv[i].out);
	}

	log_redact(NULL);
}


/* ---- the file ---------------------------------------------------------- */

static char *slurp(const char *file)
{
	FILE *f = fopen(file, "rb");
	char *buf;
	size_t n;

	assert_non_null(f);
	buf = malloc(8 << 20);
	assert_non_null(buf);
	n = fread(buf, 1, (8 << 20) - 1, f);
	buf[n] = '\0';
	(void)fclose(f);

	return buf;
}


static bool file_has(const char *file, const char *text)
{
	char *buf = slurp(file);
	bool has = strstr(buf, text) != NULL;

	free(buf);

	return has;
}


struct wait {
	struct tmr tmr;
	const char *text;
	unsigned tries;
};


static void wait_handler(void *arg)
{
	struct wait *w = arg;

	if (file_has(path, w->text) || ++w->tries > 1000)
		re_cancel();
	else
		tmr_start(&w->tmr, 5, wait_handler, w);
}


/* Run the main loop until the log has a text */
static void wait_for(const char *text)
{
	struct wait w = {.text = text};

	tmr_init(&w.tmr);
	tmr_start(&w.tmr, 1, wait_handler, &w);
	(void)re_main(NULL);
	tmr_cancel(&w.tmr);
	assert_true(file_has(path, text));
}


static void remove_files(void)
{
	(void)unlink(path);
	(void)unlink(path1);
}


static void lines(void **state)
{
	struct stat st;
	char *s;
	int y, mo, d, h, mi, sec, ms, end = 0;

	(void)state;

	remove_files();
	assert_int_equal(log_open(path, LOGL_INFO, false), 0);
	assert_int_equal(log_open(path, LOGL_INFO, false), EALREADY);

	debug("test: not written\n");
	info("test: %m and password=%s\n", ENOENT, "hunter2");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	s = slurp(path);
	assert_int_equal(sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d.%3d INFO test: %n",
				&y, &mo, &d, &h, &mi, &sec, &ms, &end), 7);
	assert_string_equal(s + end,
			    "No such file or directory and password=***\n");
	free(s);

	warning("evil: \x1b]0;x\x07 \xe2\x80\xae \xff\nand a second line\n");
	error("nul: %b!\n", "a\0b", (size_t)3);
	log_close();

	s = slurp(path);
	assert_null(strchr(s, 0x1b));
	assert_null(strstr(s, "\xe2\x80\xae"));
	assert_non_null(strstr(s, "WARNING evil: \xe2\x90\x9b]0;x\xe2\x90\x87"
			       "  \xef\xbf\xbd and a second line\n"));
	assert_non_null(strstr(s, "ERROR nul: a b!\n"));
	assert_null(strstr(s, "not written"));
	free(s);
}


static void long_line(void **state)
{
	static char big[100000];
	char *s;

	(void)state;

	remove_files();
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(log_open(path, LOGL_INFO, false), 0);
	info("big: %s\n", big);
	log_close();

	s = slurp(path);
	assert_true(strlen(s) < 4200);
	assert_non_null(strstr(s, "xxx...\n"));
	free(s);
}


static void captured_stderr(void **state)
{
	char *s;

	(void)state;

	remove_files();
	assert_int_equal(log_open(path, LOGL_INFO, false), 0);
	(void)fprintf(stderr, "ALSA lib: token=abc \x1b[31m\nhalf a ");
	wait_for("stderr: ALSA lib");
	(void)fprintf(stderr, "line");
	log_close();

	s = slurp(path);
	assert_non_null(strstr(s, "stderr: ALSA lib: token=*** "
			       "\xe2\x90\x9b[31m\n"));
	assert_non_null(strstr(s, "stderr: half a line\n"));
	free(s);
}


static void *other_thread(void *arg)
{
	unsigned i;

	for (i = 0; i < 200; i++)
		info("%s: line %u secret=x%u\n", (const char *)arg, i, i);

	return NULL;
}


static void threads(void **state)
{
	char one[] = "one", two[] = "two", end[] = "end";
	pthread_t a, b;
	unsigned n = 0;
	char *s, *p;

	(void)state;

	remove_files();
	assert_int_equal(log_open(path, LOGL_INFO, false), 0);
	assert_int_equal(pthread_create(&a, NULL, other_thread, one), 0);
	assert_int_equal(pthread_create(&b, NULL, other_thread, two), 0);
	wait_for("one: line 199");
	wait_for("two: line 199");
	(void)pthread_join(a, NULL);
	(void)pthread_join(b, NULL);

	/* What nobody has fetched yet is written when the log is closed */
	assert_int_equal(pthread_create(&a, NULL, other_thread, end), 0);
	(void)pthread_join(a, NULL);
	log_close();

	s = slurp(path);
	for (p = s; (p = strstr(p, ": line ")) != NULL; p++)
		++n;
	assert_int_equal(n, 600);
	assert_true(strstr(s, "one: line 7 ") < strstr(s, "one: line 8 "));
	assert_non_null(strstr(s, "end: line 199 secret=***"));
	free(s);
}


static void turned_over(void **state)
{
	static char big[3500];
	struct stat st;
	unsigned i;

	(void)state;

	remove_files();
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(log_open(path, LOGL_INFO, false), 0);
	for (i = 0; i < 1300; i++)
		info("big: %s\n", big);
	log_close();

	assert_int_equal(stat(path1, &st), 0);
	assert_true(st.st_size <= 4 << 20 && st.st_size > 4000000);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0 && st.st_size < 1 << 20);
	assert_int_equal(st.st_mode & 07777, 0600);
}


/* A limit on the size of files is as good as a full disk */
static void disk_full(void **state)
{
	struct rlimit old, small;
	char *s;

	(void)state;

	remove_files();
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 100;

	assert_int_equal(log_open(path, LOGL_INFO, false), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	info("test: this one fits\n");
	info("test: this one is torn somewhere in its middle\n");
	info("test: and this one has no room at all\n");
	info("test: nor has this\n");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	info("test: room again\n");
	log_close();

	s = slurp(path);
	assert_non_null(strstr(s, "test: this one fits\n"));
	assert_null(strstr(s, "no room at all"));
	assert_non_null(strstr(s, "test: room again\n"));
	assert_non_null(strstr(s, "WARNING log: 3 lines were lost\n"));
	free(s);
}


static void refused(void **state)
{
	(void)state;

	assert_int_equal(log_open(NULL, LOGL_INFO, false), EINVAL);
	assert_int_equal(log_open("/nowhere/at/all", LOGL_INFO, false),
			 ENOENT);
	assert_int_equal(log_open("/dev/null", LOGL_INFO, false), EINVAL);
	log_close();
}


static int setup(void **state)
{
	(void)state;

	(void)snprintf(dir, sizeof(dir), "/tmp/offhook-log-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/offhook.log", dir);
	(void)snprintf(path1, sizeof(path1), "%s/offhook.log.1", dir);

	return libre_init();
}


static int teardown(void **state)
{
	(void)state;

	remove_files();
	(void)rmdir(dir);
	libre_close();
	tmr_debug();
	mem_debug();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redact),
		cmocka_unit_test(lines),
		cmocka_unit_test(long_line),
		cmocka_unit_test(captured_stderr),
		cmocka_unit_test(threads),
		cmocka_unit_test(turned_over),
		cmocka_unit_test(disk_full),
		cmocka_unit_test(refused),
	};

	(void)setlocale(LC_CTYPE, "C.UTF-8");

	return cmocka_run_group_tests(tests, setup, teardown);
}
