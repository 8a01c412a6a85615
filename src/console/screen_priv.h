/**
 * @file screen_priv.h  Between screen.c and screen_input.c
 */
#ifndef OFFHOOK_SCREEN_PRIV_H
#define OFFHOOK_SCREEN_PRIV_H

#include <stddef.h>

/** Bytes that are no drawing; curses has flushed its own before */
void tell(const char *bytes, size_t len);
void tell_text(const char *text);

/** Take back what was told (the window title) */
void tell_end(void);

void input_open(void);
void input_close(void);

/** Wait for the answer to OSC 11; 1: light, 0: dark, -1: no answer */
int input_background(int timeout_ms);

#endif
