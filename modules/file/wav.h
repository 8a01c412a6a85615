/**
 * @file wav.h  WAV files: read a window at a time, written bit by bit
 */
#ifndef OFFHOOK_FILE_WAV_H
#define OFFHOOK_FILE_WAV_H

#include <stddef.h>
#include <stdint.h>

enum { WAV_HEADER = 44, WAV_WINDOW = 16384 };

/** An open file and the piece of it that is held, one channel */
struct wav {
	int fd;
	uint32_t srate;
	unsigned channels;   /**< Of the file                   */
	uint64_t data;       /**< Where the sound begins, bytes */
	uint64_t frames;     /**< Length of the sound           */
	uint64_t first;      /**< Index of sampv[0]             */
	size_t held;         /**< Samples in sampv              */
	int16_t *sampv;
};

/**
 * Open a WAV file of 16 bit PCM; close it with wav_close()
 *
 * No sound is read yet.
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: not such a file)
 */
int wav_open(struct wav *wav, const char *file);
void wav_close(struct wav *wav);

/**
 * Move the window so that it holds some samples, mixed down to one channel
 *
 * @param wav    File
 * @param first  Index of the first that is needed
 * @param n      How many, up to WAV_WINDOW; fewer are held at the end
 */
void wav_window(struct wav *wav, uint64_t first, size_t n);

/** The 44 bytes before so many bytes of one channel, 16 bit */
void wav_header(uint8_t hdr[WAV_HEADER], uint32_t srate, uint32_t bytes);

#endif
