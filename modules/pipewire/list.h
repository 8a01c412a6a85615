/**
 * @file list.h  What devices PipeWire has
 *
 * Main loop; a connection of its own, for as long as a question takes.
 */
#ifndef OFFHOOK_PIPEWIRE_LIST_H
#define OFFHOOK_PIPEWIRE_LIST_H

#include "module.h"

/** As in struct audio_driver */
int pipewire_devices(audio_device_h *deviceh, void *arg);
int pipewire_check(const char *device, bool capture, char *buf, size_t size);

#endif
