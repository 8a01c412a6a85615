/**
 * @file loader.c  Knows modules/NAME.so, loads those that are asked for
 *
 * What a module offers stands in a note of its file (note.c), so that all of
 * them are known at the price of one page each, and a phone that calls by
 * ALSA never loads PulseAudio. The ABI number is looked at before any code
 * of the module runs. Symbols of a module stay its own (RTLD_LOCAL); what it
 * needs of the phone it finds in the program. What its libraries need of
 * each other is bound when it is first called (RTLD_LAZY): half the time of
 * loading, and a module itself is linked so that nothing of its own is
 * missing. A module that cannot be used is one log line. In a static build
 * the modules announce themselves before main().
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loader.h"
#include "module.h"
#include "note.h"

enum { STATIC_MAX = 64 };

struct module {
	struct le le;
	char *file;                          /**< NULL: linked in      */
	char *offers;                        /**< "codec PCMU PCMA"    */
	void *handle;
	const struct offhook_module *mod;    /**< NULL: init not done  */
};

static struct list knownl = LIST_INIT;       /* and not loaded         */
static struct list loadedl = LIST_INIT;      /* in the order of it     */
static pthread_t owner;                      /* loads; nobody else     */

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


static void module_destructor(void *arg)
{
	struct module *m = arg;

	list_unlink(&m->le);
	if (m->mod && m->mod->close)
		(void)m->mod->close();
	if (m->handle)
		(void)dlclose(m->handle);
	mem_deref(m->file);
	mem_deref(m->offers);
}


/* ---- knowing ---- */

static bool abi_fits(uint32_t abi, const char *name)
{
	if (abi == OFFHOOK_ABI)
		return true;

	warning("module %s: made for ABI %u, this phone has %u\n", name, abi,
		OFFHOOK_ABI);

	return false;
}


static int known_add(struct module **mp, const char *offers)
{
	struct module *m;
	int err;

	m = mem_zalloc(sizeof(*m), module_destructor);
	if (!m)
		return ENOMEM;

	err = str_dup(&m->offers, offers);
	if (err) {
		mem_deref(m);
		return err;
	}

	list_append(&knownl, &m->le, m);
	*mp = m;

	return 0;
}


static void know_static(void)
{
	struct module *m;
	size_t i;

	if (static_done)
		return;

	static_done = true;

	for (i = 0; i < staticc; i++) {
		if (abi_fits(staticv[i]->abi, staticv[i]->name) &&
		    !known_add(&m, staticv[i]->offers))
			m->mod = staticv[i];
	}
}


/* Root's or ours, and nobody else may write to it */
static bool is_safe(const struct stat *st)
{
	return !(st->st_mode & (S_IWGRP | S_IWOTH)) &&
		(st->st_uid == 0 || st->st_uid == geteuid());
}


static int note_of(struct module_note *note, const char *file,
		   const char *name)
{
	uint8_t buf[MODULE_NOTE_READ];
	struct stat st;
	ssize_t n = -1;
	int fd, err = 0;

	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err = errno;
		warning("module %s: %m\n", name, err);
	}
	else if (!S_ISREG(st.st_mode)) {
		err = EINVAL;
		warning("module %s: is no file\n", name);
	}
	else if (!is_safe(&st)) {
		err = EACCES;
		warning("module %s: others may write to it, not loaded\n",
			name);
	}
	else {
		n = read(fd, buf, sizeof(buf));
		err = n < 0 ? errno : module_note_read(note, buf, (size_t)n);
		if (err)
			warning("module %s: is no module of this phone\n",
				name);
	}
	if (fd >= 0)
		(void)close(fd);

	return err;
}


static void know_file(const char *path, const char *name)
{
	struct module_note note = { 0, "" };
	struct module *m;
	char *file;

	if (re_sdprintf(&file, "%s/%s", path, name))
		return;

	if (!note_of(&note, file, name) && abi_fits(note.abi, name) &&
	    !known_add(&m, note.text))
		m->file = mem_ref(file);

	mem_deref(file);
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

	owner = pthread_self();
	know_static();

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
		know_file(path, entv[i]->d_name);
		free(entv[i]);
	}
	free(entv);

	return 0;
}


/* ---- loading ---- */

static const struct offhook_module *symbols(struct module *m)
{
	const struct offhook_module *mod;

	if (!m->file)
		return m->mod;

	m->handle = dlopen(m->file, RTLD_LAZY | RTLD_LOCAL);
	if (!m->handle) {
		warning("module %s: %s\n", m->file, dlerror());
		return NULL;
	}

	mod = dlsym(m->handle, "offhook_module");
	if (!mod)
		warning("module %s: is no module of this phone\n", m->file);

	return mod;
}


static bool module_start(struct module *m)
{
	const struct offhook_module *mod = symbols(m);
	int err;

	m->mod = NULL;
	if (!mod || !abi_fits(mod->abi, mod->name))
		return false;

	err = mod->init ? mod->init() : 0;
	if (err) {
		warning("module %s: cannot start: %m\n", mod->name, err);
		return false;
	}

	m->mod = mod;
	debug("module %s loaded\n", mod->name);

	return true;
}


bool modules_need(const char *kind, const char *name)
{
	struct le *le = list_head(&knownl);
	bool any = false;

	if (!le || !pthread_equal(pthread_self(), owner))
		return false;

	while (le) {
		struct module *m = le->data;

		le = le->next;
		if (!module_note_has(m->offers, kind, name))
			continue;

		list_unlink(&m->le);
		if (module_start(m)) {
			list_append(&loadedl, &m->le, m);
			any = true;
		}
		else {
			mem_deref(m);
		}
	}

	return any;
}


bool modules_offer(const char *kind, const char *name)
{
	struct le *le;

	LIST_FOREACH(&knownl, le) {
		const struct module *m = le->data;

		if (module_note_has(m->offers, kind, name))
			return true;
	}

	return false;
}


void modules_close(void)
{
	while (loadedl.tail)
		mem_deref(loadedl.tail->data);

	while (knownl.tail) {
		struct module *m = knownl.tail->data;

		m->mod = NULL;       /* never began, has nothing to end */
		mem_deref(m);
	}

	static_done = false;
}
