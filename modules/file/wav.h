/**
 * @file wav.h  WAV files: read a window at a time, written bit by bit
 */
#ifndef OFFHOOK_FILE_WAV_H
#define OFFHOOK_FILE_WAV_H

#include <stddef.h>
#include <stdint.h>

enum { WAV_HEADER = 44, WAV_WINDOW = 16384 };

/** An open file and the piece of it that is held */
struct wav {
	int fd;
	uint32_t srate;
	unsigned channels;   /**< Of the file                   */
	unsigned kept;       /**< Of what is held               */
	uint64_t data;       /**< Where the sound begins, bytes */
	uint64_t frames;     /**< Length of the sound           */
	uint64_t first;      /**< Index of sampv[0]             */
	size_t held;         /**< Samples of each channel       */
	int16_t *sampv;      /**< One channel, the other one
				  WAV_WINDOW samples behind     */
};

/**
 * Open a WAV file of 16 bit PCM; close it with wav_close()
 *
 * No sound is read yet.
 *
 * @param wav   File
 * @param file  Its name
 * @param keep  2: both channels of a file of two; else all are mixed into
 *              one
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: not such a file)
 */
int wav_open(struct wav *wav, const char *file, unsigned keep);
void wav_close(struct wav *wav);

/**
 * Move the window so that it holds some samples
 *
 * @param wav    File
 * @param first  Index of the first that is needed
 * @param n      How many, up to WAV_WINDOW; fewer are held at the end
 */
void wav_window(struct wav *wav, uint64_t first, size_t n);

/** The 44 bytes before so many bytes of sound, 16 bit */
void wav_header(uint8_t hdr[WAV_HEADER], uint32_t srate, unsigned channels,
		uint32_t bytes);

#endif
