/**
 * @file secret.h  Forget a password
 */
#ifndef OFFHOOK_SECRET_H
#define OFFHOOK_SECRET_H

#include <string.h>

/** Overwrite memory; explicit_bzero() is not optimised away */
static inline void secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

#endif
