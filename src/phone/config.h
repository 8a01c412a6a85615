/**
 * @file config.h  Settings: one table, one file, errors with line numbers
 *
 * Every setting stands in the table of config.c with its default, its help
 * and its check; offhook.conf holds what differs. A bad line is reported
 * and passed over: no file prevents the start.
 */
#ifndef OFFHOOK_CONFIG_H
#define OFFHOOK_CONFIG_H

#include "common/re_compat.h"

struct config;

struct config_setting {
	const char *key;
	const char *def;
	const char *help;
	/** Sentence what is wrong with a value, NULL: it is good */
	const char *(*check)(const char *value);
};

/** The table, ended by a row with key NULL */
const struct config_setting *config_settings(void);
size_t config_setting_count(void);

/** Row of a setting, NULL if there is none of this name */
const struct config_setting *config_setting_find(const char *key);

/**
 * Read the file (a missing one is an empty one)
 *
 * @param cp    Config, free with mem_deref()
 * @param file  Path of offhook.conf
 *
 * @return 0 if success, otherwise errorcode
 */
int config_open(struct config **cp, const char *file);

/** Number of bad lines, and the i-th as "offhook.conf:3: ..." */
size_t config_error_count(const struct config *c);
const char *config_error(const struct config *c, size_t i);

/** Value or default; NULL only if there is no such setting */
const char *config_get(const struct config *c, const char *key);
bool config_bool(const struct config *c, const char *key);
uint32_t config_u32(const struct config *c, const char *key);

/**
 * Set a value and write the file; the other lines stay as they are
 *
 * @param why  If not NULL: set to a sentence on error
 *
 * @return 0, ENOENT: no such setting, EINVAL: bad value, or from writing
 */
int config_set(struct config *c, const char *key, const char *value,
	       const char **why);

#endif
