/**
 * @file log.h  The phone's log: to a file, structured, secrets redacted
 *
 * One line is `TIME LEVEL component: text`. A line is redacted before it is
 * written (log_redact). Any thread may log: what another thread than the
 * one that opened the log says is handed over and written by the main loop,
 * so the media loop never waits for a disk. Formats are libre's (%m an
 * error code, %r a struct pl, %J a struct sa, %H a print function).
 */
#ifndef OFFHOOK_LOG_H
#define OFFHOOK_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum log_level { LOGL_DEBUG, LOGL_INFO, LOGL_WARNING, LOGL_ERROR };

/**
 * Open the log and capture stderr into it
 *
 * After libre_init(), by the thread that runs the main loop. Before it, and
 * after log_close(), warnings and errors go to stderr.
 *
 * @param path        File; appended to, made 0600, turned over at 4 MiB
 * @param level       Lowest level that is written
 * @param foreground  Also write to the original stderr
 *
 * @return 0 if success, otherwise errorcode (EALREADY: it is open)
 */
int log_open(const char *path, enum log_level level, bool foreground);

/** Close it and give stderr back; other threads that log have ended */
void log_close(void);

void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);
void error(const char *fmt, ...);

/** What these four do, for who has its own variable arguments */
void log_vprintf(enum log_level level, const char *fmt, va_list ap);

/**
 * Blank out secrets in place: digest responses and passwords, SDES keys,
 * whatever follows a key name that sounds like a secret. Never makes the
 * text longer.
 */
void log_redact(char *line);

#endif
