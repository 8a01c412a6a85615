/**
 * @file demo.h  Between demo.c and demo_auto.c
 */
#ifndef OFFHOOK_DEMO_H
#define OFFHOOK_DEMO_H

#include <jansson.h>

struct client;

/**
 * Place the demo's call without a terminal and print what happened
 *
 * @param c       The user's phone
 * @param target  SIP address of the test partner
 *
 * @return Exit code
 */
int demo_auto(struct client *c, const char *target);

#endif
