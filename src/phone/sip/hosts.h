/**
 * @file hosts.h  What the user wrote into /etc/hosts
 */
#ifndef OFFHOOK_HOSTS_H
#define OFFHOOK_HOSTS_H

#include "common/re_compat.h"

/**
 * Addresses of a name, of both families, in the order of the file
 *
 * @param sav   Result, port 0
 * @param max   Room in it
 * @param host  Name
 *
 * @return How many; 0: the file does not know it
 */
size_t hosts_find(struct sa *sav, size_t max, const char *host);

#endif
