/**
 * @file demo.h  Between the files of the demo
 */
#ifndef OFFHOOK_DEMO_H
#define OFFHOOK_DEMO_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct client;

/** From now on the partner writes its words to whoever calls it */
void demo_partner_watch(struct client *client);

/** The four letters that the partner's call has; false: none */
bool demo_partner_words(struct client *client, char *buf, size_t size);

/**
 * Place the demo's call without a terminal and print what happened
 *
 * @param c       The user's phone
 * @param partner The test partner's
 * @param target  SIP address of the test partner
 *
 * @return Exit code
 */
int demo_auto(struct client *c, struct client *partner, const char *target);

#endif
