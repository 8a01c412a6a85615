/**
 * @file secret.h  Where a password comes from: a file, or a command
 */
#ifndef OFFHOOK_SECRET_H
#define OFFHOOK_SECRET_H

#include "common/re_compat.h"

struct secret;

/**
 * The password is here, or why it is not
 *
 * @param pass  Password, wiped after the call; NULL on error
 * @param why   Sentence on error
 */
typedef void (secret_h)(const char *pass, const char *why, void *arg);

/**
 * First line of a file that nobody else may read
 *
 * @param passp  New string; free with secret_free()
 * @param whyp   Sentence on error
 *
 * @return 0 if success, otherwise errorcode (EPERM: the file is readable
 *         by others)
 */
int secret_read(char **passp, const char *file, const char **whyp);

/** Wipe and free */
char *secret_free(char *pass);

/**
 * Run a command, take the first line it prints; ends after 60 s
 *
 * @param sp  Run, mem_deref() kills it; the handler is then not called
 *
 * @return 0 if success, otherwise errorcode
 */
int secret_run(struct secret **sp, const char *command, secret_h *h,
	       void *arg);

#endif
