/**
 * @file log_file.h  The file of the log: appended to, turned over
 */
#ifndef OFFHOOK_LOG_FILE_H
#define OFFHOOK_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "paths.h"

struct log_file {
	char path[PATHS_MAX];
	int fd;
	uint64_t size;           /**< bytes in it                        */
	bool torn;               /**< its last line ended too early      */
};

/** Open or create it, 0600; EINVAL: it is no regular file */
int log_file_open(struct log_file *lf, const char *path);
void log_file_close(struct log_file *lf);

/** Write a line with its newline; false if the disk did not take it whole */
bool log_file_write(struct log_file *lf, const char *line, size_t len);

#endif
