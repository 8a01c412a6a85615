/**
 * @file redact_fuzz.c  Any line, its secrets blanked
 */
#include "common/log.h"
#include "fuzz.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char head[] = "x password=\"";
	char *line = malloc(len + 1);
	size_t n;

	PROMISE(line);
	memcpy(line, data, len);
	line[len] = '\0';
	n = strlen(line);

	log_redact(line);
	PROMISE(strlen(line) <= n);
	n = strlen(line);
	log_redact(line);
	PROMISE(strlen(line) <= n);
	free(line);

	/* a secret in quotes is gone, whatever is in it */
	if (len < 4 || memchr(data, '"', len) || memchr(data, '\n', len) ||
	    memchr(data, '\\', len) || memchr(data, '\0', len))
		return 0;
	line = malloc(sizeof(head) + len + 1);
	PROMISE(line);
	(void)snprintf(line, sizeof(head) + len + 1, "%s%.*s\"", head,
		       (int)len, (const char *)data);
	log_redact(line);
	PROMISE(!strcmp(line, "x password=\"***\""));
	free(line);

	return 0;
}
