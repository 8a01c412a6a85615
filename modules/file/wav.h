/**
 * @file wav.h  WAV files: read whole, written bit by bit
 */
#ifndef OFFHOOK_FILE_WAV_H
#define OFFHOOK_FILE_WAV_H

#include <stddef.h>
#include <stdint.h>

enum { WAV_HEADER = 44, WAV_MAX = 64 << 20 };

/** Sound in memory, one channel */
struct wav {
	uint32_t srate;
	size_t sampc;
	int16_t *sampv;      /**< malloc()ed */
};

/**
 * Read a WAV file of 16 bit PCM, mixed down to one channel
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: not such a file,
 *         EFBIG: over 64 MiB)
 */
int wav_read(struct wav *wav, const char *file);

/** The 44 bytes before so many bytes of one channel, 16 bit */
void wav_header(uint8_t hdr[WAV_HEADER], uint32_t srate, uint32_t bytes);

#endif
