/**
 * @file hosts.c  What the user wrote into /etc/hosts
 *
 * Read by hand at each use: libc hands out IPv4 alone when it is asked line
 * by line, and its other way may ask the network and wait.
 */
#include <stdio.h>

#include "hosts.h"

static bool names_host(const char *line, const char *host)
{
	struct pl name, rest;

	pl_set_str(&rest, line);
	/* the first word is the address */
	if (re_regex(rest.p, rest.l, "[^ \t\r\n]+", &name))
		return false;
	pl_advance(&rest, name.p + name.l - rest.p);

	while (!re_regex(rest.p, rest.l, "[^ \t\r\n]+", &name)) {
		if (*name.p == '#')
			return false;
		if (!pl_strcasecmp(&name, host))
			return true;
		pl_advance(&rest, name.p + name.l - rest.p);
	}

	return false;
}

size_t hosts_find(struct sa *sav, size_t max, const char *host)
{
	char line[512];
	struct pl addr;
	size_t n = 0;
	FILE *f;

	if (!sav || !host)
		return 0;

	f = fopen("/etc/hosts", "re");
	while (f && n < max && fgets(line, sizeof(line), f)) {
		if (*line != '#' &&
		    !re_regex(line, str_len(line), "[^ \t\r\n%]+", &addr) &&
		    !sa_set(&sav[n], &addr, 0) && names_host(line, host))
			++n;
	}
	if (f)
		(void)fclose(f);

	return n;
}
