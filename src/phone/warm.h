/**
 * @file warm.h  Loads what a call needs while nobody waits for it
 */
#ifndef OFFHOOK_WARM_H
#define OFFHOOK_WARM_H

#include <stdbool.h>

struct config;

/**
 * Begin, or go on with more; the modules are known
 *
 * @param config    Settings; valid until warm_stop()
 * @param attended  Somebody sits at the phone: all that the first call can
 *                  need; else only what is small
 */
void warm_start(const struct config *config, bool attended);

/** Leave the rest unloaded */
void warm_stop(void);

#endif
