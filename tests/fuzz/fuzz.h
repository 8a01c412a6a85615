/**
 * @file fuzz.h  What every fuzzer needs
 */
#ifndef OFFHOOK_FUZZ_H
#define OFFHOOK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/** A promise that must hold for every input */
#define PROMISE(cond)                                                       \
	do {                                                                \
		if (!(cond)) {                                              \
			(void)fprintf(stderr, "%s:%d: broken promise: %s\n", \
				      __FILE__, __LINE__, #cond);            \
			abort();                                            \
		}                                                           \
	} while (0)

#endif
