/**
 * @file loader.c  Loads modules/NAME.so
 *
 * The ABI number is looked at before any function of the module is called.
 * Symbols of a module stay its own (RTLD_LOCAL); what it needs of the phone
 * it finds in the program. A module that cannot be used is one log line.
 * In a static build the modules announce themselves before main().
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loader.h"
#include "module.h"

enum { STATIC_MAX = 64, PATH_MAXLEN = 4096 };

struct loaded {
	struct le le;
	void *handle;                        /**< NULL: linked in      */
	const struct offhook_module *mod;    /**< NULL: init not done  */
};

static struct list loadedl = LIST_INIT;

/* filled by constructors, before there is any memory of libre's */
static const struct offhook_module *staticv[STATIC_MAX];
static size_t staticc;
static bool static_done;

/* defined by every module of a static build as a call in a constructor */
OFFHOOK_API void module_announce(const struct offhook_module *mod);


void module_announce(const struct offhook_module *mod)
{
	if (mod && staticc < STATIC_MAX)
		staticv[staticc++] = mod;
}


/**
 * One line of a module into the phone's log, under its warning level
 *
 * @param fmt  libre's format string
 */
void module_log(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	(void)re_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);

	len = strlen(line);
	while (len && line[len - 1] == '\n')
		line[--len] = '\0';

	warning("module: %s\n", line);
}


static void loaded_destructor(void *arg)
{
	struct loaded *l = arg;

	list_unlink(&l->le);
	if (l->mod && l->mod->close)
		(void)l->mod->close();
	if (l->handle)
		(void)dlclose(l->handle);
}


static int module_start(struct loaded *l, const struct offhook_module *mod,
			const char *name)
{
	int err;

	if (mod->abi != OFFHOOK_ABI) {
		warning("module %s: made for ABI %u, this phone has %u\n",
			name, mod->abi, OFFHOOK_ABI);
		return ENOEXEC;
	}

	err = mod->init ? mod->init() : 0;
	if (err) {
		warning("module %s: cannot start: %m\n", name, err);
		return err;
	}

	l->mod = mod;
	debug("module %s loaded\n", name);

	return 0;
}


static void load_static(void)
{
	size_t i;

	if (static_done)
		return;

	static_done = true;

	for (i = 0; i < staticc; i++) {
		struct loaded *l = mem_zalloc(sizeof(*l), loaded_destructor);

		if (!l)
			return;

		list_append(&loadedl, &l->le, l);
		if (module_start(l, staticv[i], staticv[i]->name))
			mem_deref(l);
	}
}


/* Root's or ours, and nobody else may write to it */
static bool is_safe(const struct stat *st)
{
	return !(st->st_mode & (S_IWGRP | S_IWOTH)) &&
		(st->st_uid == 0 || st->st_uid == geteuid());
}


static void load_file(const char *path, const char *name)
{
	const struct offhook_module *mod;
	struct loaded *l = NULL;
	char file[PATH_MAXLEN];
	struct stat st;

	if (re_snprintf(file, sizeof(file), "%s/%s", path, name) < 0)
		return;

	if (stat(file, &st) < 0) {
		warning("module %s: %m\n", name, errno);
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		warning("module %s: is no file\n", name);
		return;
	}
	if (!is_safe(&st)) {
		warning("module %s: others may write to it, not loaded\n",
			name);
		return;
	}

	l = mem_zalloc(sizeof(*l), loaded_destructor);
	if (!l)
		return;

	l->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!l->handle) {
		warning("module %s: %s\n", name, dlerror());
		goto out;
	}

	mod = dlsym(l->handle, "offhook_module");
	if (!mod) {
		warning("module %s: is no module of this phone\n", name);
		goto out;
	}

	list_append(&loadedl, &l->le, l);
	if (!module_start(l, mod, name))
		return;

 out:
	mem_deref(l);
}


/* NAME.so, the name in [a-z0-9_]+ */
static int is_module(const struct dirent *ent)
{
	size_t n = strspn(ent->d_name, "abcdefghijklmnopqrstuvwxyz"
			  "0123456789_");

	return n > 0 && !strcmp(ent->d_name + n, ".so");
}


int modules_load(const char *path)
{
	struct dirent **entv;
	struct stat st;
	int i, n;

	load_static();

	if (!path || path[0] != '/')
		return EINVAL;

	if (stat(path, &st) < 0)
		return staticc ? 0 : errno;
	if (!S_ISDIR(st.st_mode))
		return ENOTDIR;
	if (!is_safe(&st))
		return EACCES;

	n = scandir(path, &entv, is_module, alphasort);
	if (n < 0)
		return errno;

	for (i = 0; i < n; i++) {
		load_file(path, entv[i]->d_name);
		free(entv[i]);
	}
	free(entv);

	return 0;
}


void modules_close(void)
{
	while (loadedl.tail)
		mem_deref(loadedl.tail->data);

	static_done = false;
}
