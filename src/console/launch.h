/**
 * @file launch.h  Start the phone when none answers
 */
#ifndef OFFHOOK_LAUNCH_H
#define OFFHOOK_LAUNCH_H

#include <stddef.h>

struct client;

/**
 * Connect to the phone; start it first if none listens
 *
 * @param c        Client
 * @param profile  Profile folder, NULL for the user's own
 * @param start    Start the phone if it does not run
 * @param why      One sentence if this fails
 * @param size     Size of why
 *
 * @return 0 if success, ENOENT: no phone and none wanted, otherwise
 *         errorcode
 */
int launch_phone(struct client *c, const char *profile, int start, char *why,
		 size_t size);

/**
 * Where this program lives, for what is installed beside it
 *
 * @return 0 if success, otherwise errorcode
 */
int launch_bindir(char *buf, size_t size);

#endif
