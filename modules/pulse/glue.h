/**
 * @file glue.h  libpulse on the loop of libre
 */
#ifndef OFFHOOK_PULSE_GLUE_H
#define OFFHOOK_PULSE_GLUE_H

#include <pulse/mainloop-api.h>

/** A main loop for libpulse that is the libre loop of the calling thread */
pa_mainloop_api *glue_api(void);

#endif
