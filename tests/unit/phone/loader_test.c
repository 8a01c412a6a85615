/**
 * @file loader_test.c  Which modules are loaded and which are not
 *
 * Modules are compiled here and now; without a compiler only the folders
 * are tested.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/module/loader.h"
#include "phone/module/note.h"
#include "phone/module/registry.h"

static char dir[] = "/tmp/offhook-loader-XXXXXX";


static void file_path(char *buf, size_t size, const char *name)
{
	assert_true(re_snprintf(buf, size, "%s/%s", dir, name) > 0);
}


/* A module of one driver that does nothing; false if it cannot be made */
static bool compile(const char *name, const char *driver, unsigned abi,
		    const char *init)
{
	char cmd[1024], src[256], so[256];
	FILE *f;

	file_path(src, sizeof(src), "m.c");
	file_path(so, sizeof(so), name);
	f = fopen(src, "w");
	assert_non_null(f);
	(void)fprintf(f,
		"#include <stdint.h>\n#include <stddef.h>\n"
		"struct le { void *a, *b, *c, *d; };\n"
		"struct driver { struct le le; const char *name;"
		" char source, sink, clocked[6]; int (*f[8])(void); };\n"
		"int audio_driver_register(struct driver *);\n"
		"void audio_driver_unregister(struct driver *);\n"
		"static int nop(void) { return 0; }\n"
		"static struct driver d = { .name = \"%s\", .source = 1,"
		" .sink = 1, .f = { nop, nop, nop, nop } };\n"
		"static int init(void) { %s; }\n"
		"static int fin(void) { audio_driver_unregister(&d);"
		" return 0; }\n"
		"__attribute__((used, aligned(4), "
		"section(\".note.offhook\"))) static const struct {"
		" uint32_t n, d, abi; char name[8], text[32]; } note ="
		" { 8, 32, %u, \"offhook\", \"audio_driver %s\" };\n"
		"struct m { uint32_t abi; const char *n, *k;"
		" int (*i)(void), (*c)(void); };\n"
		"const struct m offhook_module = { %u, \"t\", \"t\", init,"
		" fin };\n", driver, init, abi, driver, abi);
	assert_int_equal(fclose(f), 0);

	(void)re_snprintf(cmd, sizeof(cmd),
			  "cc -shared -fPIC -o %s %s 2>/dev/null", so, src);

	return system(cmd) == 0 && chmod(so, 0755) == 0;
}


static void test_folders(void **state)
{
	(void)state;

	assert_int_equal(modules_load(NULL), EINVAL);
	assert_int_equal(modules_load("build/modules"), EINVAL);
	assert_int_equal(modules_load("/nowhere/modules"), ENOENT);
	assert_int_equal(modules_load("/etc/passwd"), ENOTDIR);

	assert_int_equal(chmod(dir, 0775), 0);
	assert_int_equal(modules_load(dir), EACCES);
	assert_int_equal(chmod(dir, 0757), 0);
	assert_int_equal(modules_load(dir), EACCES);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(modules_load(dir), 0);
}


static void test_modules(void **state)
{
	static const char reg[] = "return audio_driver_register(&d)";
	char path[256];
	FILE *f;
	(void)state;

	if (!compile("good.so", "good", OFFHOOK_ABI, reg))
		skip();

	assert_true(compile("second.so", "second", OFFHOOK_ABI, reg));
	assert_true(compile("twin.so", "good", OFFHOOK_ABI, reg));
	assert_true(compile("oldabi.so", "oldabi", OFFHOOK_ABI + 1, reg));
	assert_true(compile("fails.so", "fails", OFFHOOK_ABI, "return 5"));
	assert_true(compile("loose.so", "loose", OFFHOOK_ABI, reg));
	assert_true(compile("Bad-Name.so", "badname", OFFHOOK_ABI, reg));
	file_path(path, sizeof(path), "loose.so");
	assert_int_equal(chmod(path, 0777), 0);
	file_path(path, sizeof(path), "junk.so");
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("no shared object", f);
	assert_int_equal(fclose(f), 0);

	assert_int_equal(modules_load(dir), 0);

	/* known, and loaded only when it is asked for */
	assert_true(modules_offer("audio_driver", "second"));
	assert_true(modules_offer("audio_driver", "good,device"));
	assert_false(modules_offer("codec", "good"));
	assert_false(modules_offer("audio_driver", "oldabi"));
	assert_false(modules_offer("audio_driver", "loose"));
	assert_false(modules_need("codec", NULL));
	assert_non_null(audio_driver_find("good"));
	assert_false(modules_offer("audio_driver", "good"));
	assert_true(modules_offer("audio_driver", "second"));
	assert_non_null(audio_driver_find("second"));
	assert_null(audio_driver_find("oldabi"));
	assert_null(audio_driver_find("fails"));
	assert_null(audio_driver_find("loose"));
	assert_null(audio_driver_find("badname"));
	assert_int_equal(list_count(audio_driver_list()), 2);

	modules_close();
	assert_null(audio_driver_find("good"));
	assert_int_equal(list_count(audio_driver_list()), 0);
}


static void *other_thread(void *arg)
{
	(void)arg;

	return modules_need(NULL, NULL) ? &dir : NULL;
}


static void test_other_loop(void **state)
{
	pthread_t thread;
	void *loaded = &dir;
	(void)state;

	assert_int_equal(modules_load(dir), 0);
	if (!modules_offer("audio_driver", "second"))
		skip();

	assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
	assert_int_equal(pthread_join(thread, &loaded), 0);
	assert_null(loaded);
	assert_true(modules_offer("audio_driver", "second"));
	modules_close();
	assert_false(modules_offer("audio_driver", "second"));
}


static void test_notes(void **state)
{
	struct module_note note;
	uint8_t buf[MODULE_NOTE_READ];
	size_t len, i;
	char path[256];
	FILE *f;
	(void)state;

	assert_true(module_note_has("codec PCMU PCMA", "codec", "pcma/8000"));
	assert_true(module_note_has("codec PCMU PCMA", "codec", NULL));
	assert_true(module_note_has("codec PCMU PCMA", NULL, "PCMU, opus"));
	assert_false(module_note_has("codec PCMU PCMA", "code", NULL));
	assert_false(module_note_has("codec PCMU PCMA", "codec", "PCM"));
	assert_false(module_note_has("codec PCMU PCMA", "codec", ""));
	assert_false(module_note_has("codec", "codec", "codec"));
	assert_false(module_note_has(NULL, "codec", NULL));

	memset(buf, 0, sizeof(buf));
	assert_int_equal(module_note_read(&note, buf, 0), EBADMSG);
	assert_int_equal(module_note_read(&note, buf, sizeof(buf)), EBADMSG);
	assert_int_equal(module_note_read(NULL, buf, 0), EINVAL);

	file_path(path, sizeof(path), "second.so");
	f = fopen(path, "r");
	if (!f)
		skip();
	len = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);
	assert_int_equal(module_note_read(&note, buf, len), 0);
	assert_int_equal(note.abi, OFFHOOK_ABI);
	assert_string_equal(note.text, "audio_driver second");

	/* cut off and damaged anywhere: an answer, and nothing else */
	for (i = 0; i < len; i++) {
		uint8_t *part = malloc(i ? i : 1);

		assert_non_null(part);
		memcpy(part, buf, i);
		(void)module_note_read(&note, part, i);
		free(part);
	}
	for (i = 0; i < 1024 && i < len; i++) {
		buf[i] ^= 0xff;
		(void)module_note_read(&note, buf, len);
		buf[i] ^= 0xff;
	}
}


static int enc(struct codec_enc **e, const struct codec *c,
	       const struct codec_enc_param *p, const char *f)
{
	(void)e; (void)c; (void)p; (void)f;
	return 0;
}


static int encode(struct codec_enc *e, uint8_t *b, size_t *l,
		  const int16_t *v, size_t n)
{
	(void)e; (void)b; (void)l; (void)v; (void)n;
	return 0;
}


static int dec(struct codec_dec **d, const struct codec *c, const char *f)
{
	(void)d; (void)c; (void)f;
	return 0;
}


static int decode(struct codec_dec *d, int16_t *v, size_t *n,
		  const uint8_t *b, size_t l)
{
	(void)d; (void)v; (void)n; (void)b; (void)l;
	return 0;
}


static void test_registry(void **state)
{
	static struct codec c = {
		.name = "opus", .clock_rate = 48000, .sdp_channels = 2,
		.srate = 48000, .channels = 1, .enc_update = enc,
		.encode = encode, .dec_alloc = dec, .decode = decode,
	};
	static struct codec again, empty = { .name = "x" };
	(void)state;

	again = c;
	assert_int_equal(codec_register(NULL), EINVAL);
	assert_int_equal(codec_register(&empty), EINVAL);
	assert_int_equal(codec_register(&c), 0);
	assert_int_equal(codec_register(&again), EALREADY);

	assert_ptr_equal(codec_find("opus"), &c);
	assert_ptr_equal(codec_find("OPUS/48000"), &c);
	assert_ptr_equal(codec_find("opus/48000/2"), &c);
	assert_null(codec_find("opus/48000/1"));
	assert_null(codec_find("opus/8000"));
	assert_null(codec_find("opu"));
	assert_null(codec_find(""));
	assert_null(codec_find(NULL));

	codec_unregister(&c);
	assert_null(codec_find("opus"));
}


static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}


static int teardown(void **state)
{
	static const char *const files[] = {
		"m.c", "good.so", "second.so", "twin.so", "oldabi.so",
		"fails.so", "loose.so", "Bad-Name.so", "junk.so"
	};
	char path[256];
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		file_path(path, sizeof(path), files[i]);
		(void)unlink(path);
	}
	mem_debug();

	return rmdir(dir);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_other_loop),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_registry),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
