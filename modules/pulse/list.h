/**
 * @file list.h  What devices a PulseAudio server has
 *
 * Main loop; a connection of its own, for as long as a question takes.
 */
#ifndef OFFHOOK_PULSE_LIST_H
#define OFFHOOK_PULSE_LIST_H

#include "module.h"

/** As in struct audio_driver */
int pulse_devices(audio_device_h *deviceh, void *arg);
int pulse_check(const char *device, bool capture, char *buf, size_t size);

#endif
