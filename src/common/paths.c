/**
 * @file paths.c  Where a profile keeps its things
 *
 * A profile is one folder with everything below it; without one, the XDG
 * base folders are used. The socket must fit into sockaddr_un, which is
 * said here and not when bind() fails.
 */
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>


int paths_join(char *buf, size_t size, const char *dir, const char *name)
{
	int n = snprintf(buf, size, "%s/%s", dir, name);

	return (n < 0 || (size_t)n >= size) ? ENAMETOOLONG : 0;
}


const char *paths_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}


/* $VAR/offhook, or $HOME/FALLBACK/offhook */
static int xdg(char *buf, size_t size, const char *var, const char *fallback)
{
	const char *dir = getenv(var), *home;
	int n;

	/* XDG: a relative path is invalid and to be ignored */
	if (dir && dir[0] == '/')
		return paths_join(buf, size, dir, "offhook");

	home = getenv("HOME");
	if (!home || home[0] != '/')
		return ENOENT;

	n = snprintf(buf, size, "%s/%s/offhook", home, fallback);

	return (n < 0 || (size_t)n >= size) ? ENAMETOOLONG : 0;
}


static int profile_paths(struct paths *paths, const char *profile)
{
	char base[PATHS_MAX];
	int err;

	if (profile[0] == '/') {
		if (strlen(profile) >= sizeof(base))
			return ENAMETOOLONG;
		memcpy(base, profile, strlen(profile) + 1);
	}
	else {
		char cwd[PATHS_MAX];

		if (!getcwd(cwd, sizeof(cwd)))
			return errno;
		err = paths_join(base, sizeof(base), cwd, profile);
		if (err)
			return err;
	}

	err  = paths_join(paths->config, PATHS_MAX, base, "config");
	err |= paths_join(paths->data, PATHS_MAX, base, "data");
	err |= paths_join(paths->state, PATHS_MAX, base, "state");
	err |= paths_join(paths->run, PATHS_MAX, base, "run");

	return err ? ENAMETOOLONG : 0;
}


static int xdg_paths(struct paths *paths)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	int err;

	err = xdg(paths->config, PATHS_MAX, "XDG_CONFIG_HOME", ".config");
	if (err)
		return err;
	err = xdg(paths->data, PATHS_MAX, "XDG_DATA_HOME", ".local/share");
	if (err)
		return err;
	err = xdg(paths->state, PATHS_MAX, "XDG_STATE_HOME", ".local/state");
	if (err)
		return err;

	if (run && run[0] == '/')
		return paths_join(paths->run, PATHS_MAX, run, "offhook");

	return paths_join(paths->run, PATHS_MAX, paths->state, "run");
}


int paths_init(struct paths *paths, const char *profile)
{
	struct sockaddr_un un;
	int err;

	if (!paths || (profile && !*profile))
		return EINVAL;

	memset(paths, 0, sizeof(*paths));

	err = profile ? profile_paths(paths, profile) : xdg_paths(paths);
	if (err)
		return err;

	err = paths_join(paths->socket, PATHS_MAX, paths->run, "sock");
	if (err)
		return err;

	return strlen(paths->socket) >= sizeof(un.sun_path) ? ENAMETOOLONG : 0;
}


int paths_mkdir(const char *dir)
{
	char path[PATHS_MAX];
	char *p;

	if (!dir || strlen(dir) >= sizeof(path))
		return ENAMETOOLONG;

	memcpy(path, dir, strlen(dir) + 1);

	for (p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return errno;
		*p = '/';
	}

	if (mkdir(path, 0700) && errno != EEXIST)
		return errno;

	return 0;
}


int paths_make(const struct paths *paths)
{
	int err;

	err = paths_mkdir(paths->config);
	if (!err)
		err = paths_mkdir(paths->data);
	if (!err)
		err = paths_mkdir(paths->state);
	if (!err)
		err = paths_mkdir(paths->run);

	return err;
}


bool paths_is_loose(const char *file)
{
	struct stat st;

	return 0 == stat(file, &st) && (st.st_mode & 077);
}


int paths_write(const char *file, const void *data, size_t len)
{
	char tmp[PATHS_MAX];
	const char *p = data;
	int fd, n, err = 0;

	n = snprintf(tmp, sizeof(tmp), "%s.XXXXXX", file);
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return ENAMETOOLONG;

	fd = mkstemp(tmp);
	if (fd < 0)
		return errno;

	while (len && !err) {
		ssize_t w = write(fd, p, len);

		if (w < 0 && errno != EINTR)
			err = errno;
		else if (w > 0) {
			p += w;
			len -= (size_t)w;
		}
	}

	if (!err && fsync(fd))
		err = errno;
	if (close(fd) && !err)
		err = errno;
	if (!err && rename(tmp, file))
		err = errno;
	if (err)
		(void)unlink(tmp);

	return err;
}
