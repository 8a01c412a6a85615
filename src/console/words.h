/**
 * @file words.h  Values as people read them
 *
 * Pure functions; everything has a place to write to.
 */
#ifndef OFFHOOK_WORDS_H
#define OFFHOOK_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Seconds as 0:07, 12:34 or 1:02:03 */
void words_duration(char *buf, size_t size, int64_t secs);

/** A time: 13:58 today, 21 Nov this year's other days, else Nov'25;
 *  full: date and time */
void words_when(char *buf, size_t size, int64_t t, bool full);

/** Seconds since 1970 as 13:58:07.123, cut after so many digits (1 to 6) */
void words_clock(char *buf, size_t size, double t, int digits);

/** The security word of a label: [PLAIN], [SRTP hop], [E2E ??], ... */
const char *words_label(const char *label);

/** The same for a conversation, where a hop is TLS */
const char *words_chat_label(const char *label);

/** A state of the phone's (registered, ringing, delivered ...) in the user's
 *  language; what is not known stays as it is */
const char *words_state(const char *state);

/** Text cut or filled up to columns; below 0: blanks stand before it */
void words_pad(char *buf, size_t size, const char *text, int cols);

/** An address without what nobody reads: sip:, sips:, parameters */
void words_address(char *buf, size_t size, const char *uri);

#endif
