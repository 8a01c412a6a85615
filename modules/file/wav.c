/**
 * @file wav.c  WAV files: read a window at a time, written bit by bit
 *
 * RIFF is a list of chunks; of these "fmt " and "data" matter and may stand
 * anywhere. A data chunk whose length is wrong (a recorder that was killed
 * wrote 0 or -1) ends with the file.
 *
 * Opening reads nothing but the heads of the chunks, and never more than a
 * window of sound is held: a long file costs a call no more than a short
 * one. The file is read, not mapped: one that is cut off while it is played
 * goes on as silence, it is no SIGBUS.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wav.h"

enum {
	PCM = 1, EXTENSIBLE = 0xfffe,
	CHANNELS_MAX = 32,
	CHUNKS_MAX   = 256,          /**< Before the sound               */
	BLOCK        = 8192,         /**< Bytes read at once             */
	AHEAD        = 256 * 1024    /**< Bytes the kernel is asked for  */
};


static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		(uint32_t)p[3] << 24;
}


static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}


static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}


static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}


void wav_header(uint8_t hdr[WAV_HEADER], uint32_t srate, unsigned channels,
		uint32_t bytes)
{
	memcpy(hdr, "RIFF....WAVEfmt ", 16);
	put32(hdr + 4, bytes + WAV_HEADER - 8);
	put32(hdr + 16, 16);
	put16(hdr + 20, PCM);
	put16(hdr + 22, (uint16_t)channels);
	put32(hdr + 24, srate);
	put32(hdr + 28, srate * 2 * channels);
	put16(hdr + 32, (uint16_t)(2 * channels));
	put16(hdr + 34, 16);
	memcpy(hdr + 36, "data", 4);
	put32(hdr + 40, bytes);
}


/* As many bytes as there are; an error is the end of the file */
static size_t read_at(int fd, uint8_t *buf, size_t size, uint64_t off)
{
	size_t len = 0;

	while (len < size) {
		const ssize_t n = pread(fd, buf + len, size - len,
					(off_t)(off + len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}

	return len;
}


static void mix_down(int16_t *sampv, size_t n, const uint8_t *p,
		     unsigned channels)
{
	size_t i;
	unsigned c;

	if (channels == 1) {
		for (i = 0; i < n; i++)
			sampv[i] = (int16_t)le16(p + 2 * i);
		return;
	}

	for (i = 0; i < n; i++) {
		int32_t sum = 0;

		for (c = 0; c < channels; c++, p += 2)
			sum += (int16_t)le16(p);
		sampv[i] = (int16_t)(sum / (int32_t)channels);
	}
}


/* Frames into the window, from its end on */
static void window_add(struct wav *wav, size_t n, const uint8_t *p)
{
	int16_t *left = wav->sampv + wav->held, *right = left + WAV_WINDOW;
	size_t i;

	if (wav->kept == 1) {
		mix_down(left, n, p, wav->channels);
	}
	else {
		for (i = 0; i < n; i++, p += 4) {
			left[i] = (int16_t)le16(p);
			right[i] = (int16_t)le16(p + 2);
		}
	}
	wav->held += n;
}


static void window_fill(struct wav *wav, uint64_t first)
{
	const size_t frame = 2 * (size_t)wav->channels;
	const uint64_t left = wav->frames - first;
	const size_t want = left < WAV_WINDOW ? (size_t)left : WAV_WINDOW;
	uint64_t off = wav->data + first * frame;
	uint8_t buf[BLOCK];
	size_t n, ch;

	wav->first = first;
	wav->held = 0;

	while (wav->held < want) {
		n = want - wav->held;
		if (n > sizeof(buf) / frame)
			n = sizeof(buf) / frame;

		n = read_at(wav->fd, buf, n * frame, off) / frame;
		if (!n)
			break;
		window_add(wav, n, buf);
		off += n * frame;
	}

	/* what is gone from the file is silence */
	for (ch = 0; ch < wav->kept; ch++)
		memset(wav->sampv + ch * WAV_WINDOW + wav->held, 0,
		       (want - wav->held) * sizeof(*wav->sampv));
	wav->held = want;

	(void)posix_fadvise(wav->fd, (off_t)off, AHEAD, POSIX_FADV_WILLNEED);
}


void wav_window(struct wav *wav, uint64_t first, size_t n)
{
	if (!wav || !wav->channels || first >= wav->frames)
		return;
	if (n > wav->frames - first)
		n = (size_t)(wav->frames - first);

	if (first < wav->first || first + n > wav->first + wav->held)
		window_fill(wav, first);
}


static int parse_fmt(struct wav *wav, uint64_t off, uint32_t n)
{
	uint8_t buf[16];

	if (n < sizeof(buf) ||
	    read_at(wav->fd, buf, sizeof(buf), off) < sizeof(buf))
		return EBADMSG;

	if ((le16(buf) != PCM && le16(buf) != EXTENSIBLE) ||
	    le16(buf + 14) != 16)
		return EBADMSG;

	wav->channels = le16(buf + 2);
	wav->srate = le32(buf + 4);

	return 0;
}


static int parse(struct wav *wav, uint64_t size)
{
	uint64_t off = 12;
	uint8_t buf[12];
	unsigned i;
	int err;

	if (read_at(wav->fd, buf, 12, 0) < 12 || memcmp(buf, "RIFF", 4) ||
	    memcmp(buf + 8, "WAVE", 4))
		return EBADMSG;

	for (i = 0; i < CHUNKS_MAX && off + 8 <= size; i++) {
		uint64_t n;

		if (read_at(wav->fd, buf, 8, off) < 8)
			break;
		n = le32(buf + 4);
		off += 8;

		if (!memcmp(buf, "fmt ", 4)) {
			err = parse_fmt(wav, off, (uint32_t)n);
			if (err)
				return err;
		}
		else if (!memcmp(buf, "data", 4)) {
			if (!wav->channels || wav->channels > CHANNELS_MAX ||
			    wav->srate < 4000 || wav->srate > 384000)
				return EBADMSG;
			if (n > size - off || !n)
				n = size - off;
			wav->data = off;
			wav->frames = n / (2 * (uint64_t)wav->channels);
			return 0;
		}

		/* chunks are padded to even lengths */
		off += n + (n & 1);
	}

	return EBADMSG;
}


int wav_open(struct wav *wav, const char *file, unsigned keep)
{
	struct stat st;
	int err;

	if (!wav || !file)
		return EINVAL;

	memset(wav, 0, sizeof(*wav));

	/* a pipe must not keep us waiting */
	wav->fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (wav->fd < 0)
		return errno;

	if (fstat(wav->fd, &st) < 0)
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = EBADMSG;
	else
		err = parse(wav, (uint64_t)st.st_size);

	if (!err) {
		wav->kept = keep == 2 && wav->channels == 2 ? 2 : 1;
		wav->sampv = malloc(wav->kept * WAV_WINDOW *
				    sizeof(*wav->sampv));
		if (!wav->sampv)
			err = ENOMEM;
	}
	if (err) {
		wav_close(wav);
		return err;
	}

	(void)posix_fadvise(wav->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	(void)posix_fadvise(wav->fd, (off_t)wav->data, AHEAD,
			    POSIX_FADV_WILLNEED);

	return 0;
}


void wav_close(struct wav *wav)
{
	if (!wav)
		return;

	if (wav->fd >= 0)
		(void)close(wav->fd);
	wav->fd = -1;
	free(wav->sampv);
	wav->sampv = NULL;
}
