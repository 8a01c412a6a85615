/**
 * @file wav.c  WAV files: read whole, written bit by bit
 *
 * RIFF is a list of chunks; of these "fmt " and "data" matter and may stand
 * anywhere. A data chunk whose length is wrong (a recorder that was killed
 * wrote 0 or -1) ends with the file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wav.h"

enum { PCM = 1, EXTENSIBLE = 0xfffe };


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


void wav_header(uint8_t hdr[WAV_HEADER], uint32_t srate, uint32_t bytes)
{
	memcpy(hdr, "RIFF....WAVEfmt ", 16);
	put32(hdr + 4, bytes + WAV_HEADER - 8);
	put32(hdr + 16, 16);
	put16(hdr + 20, PCM);
	put16(hdr + 22, 1);
	put32(hdr + 24, srate);
	put32(hdr + 28, srate * 2);
	put16(hdr + 32, 2);
	put16(hdr + 34, 16);
	memcpy(hdr + 36, "data", 4);
	put32(hdr + 40, bytes);
}


static int slurp(uint8_t **bufp, size_t *lenp, const char *file)
{
	struct stat st;
	uint8_t *buf;
	FILE *f;
	int err = 0;

	f = fopen(file, "rbe");
	if (!f)
		return errno;

	if (fstat(fileno(f), &st) < 0) {
		err = errno;
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err = EBADMSG;
		goto out;
	}
	if (st.st_size > WAV_MAX) {
		err = EFBIG;
		goto out;
	}

	buf = malloc((size_t)st.st_size + 1);
	if (!buf) {
		err = ENOMEM;
		goto out;
	}
	*lenp = fread(buf, 1, (size_t)st.st_size, f);
	*bufp = buf;

 out:
	(void)fclose(f);

	return err;
}


static int mix_down(struct wav *wav, const uint8_t *p, size_t len,
		    unsigned channels)
{
	size_t i;
	unsigned c;

	wav->sampc = len / (2 * channels);
	wav->sampv = malloc((wav->sampc + 1) * sizeof(*wav->sampv));
	if (!wav->sampv)
		return ENOMEM;

	for (i = 0; i < wav->sampc; i++) {
		int32_t sum = 0;

		for (c = 0; c < channels; c++, p += 2)
			sum += (int16_t)le16(p);
		wav->sampv[i] = (int16_t)(sum / (int32_t)channels);
	}

	return 0;
}


static int parse(struct wav *wav, const uint8_t *buf, size_t len)
{
	const uint8_t *p = buf + 12, *end = buf + len;
	unsigned channels = 0;

	if (len < 12 || memcmp(buf, "RIFF", 4) || memcmp(buf + 8, "WAVE", 4))
		return EBADMSG;

	while (end - p >= 8) {
		const uint8_t *body = p + 8;
		const size_t left = (size_t)(end - body);
		size_t n = le32(p + 4);

		if (!memcmp(p, "fmt ", 4)) {
			if (n < 16 || left < 16)
				return EBADMSG;
			if ((le16(body) != PCM && le16(body) != EXTENSIBLE) ||
			    le16(body + 14) != 16)
				return EBADMSG;
			channels = le16(body + 2);
			wav->srate = le32(body + 4);
		}
		else if (!memcmp(p, "data", 4)) {
			if (!channels || channels > 32 ||
			    wav->srate < 4000 || wav->srate > 384000)
				return EBADMSG;
			if (n > left || !n)
				n = left;
			return mix_down(wav, body, n, channels);
		}

		/* chunks are padded to even lengths */
		n += n & 1;
		if (n > left)
			break;
		p = body + n;
	}

	return EBADMSG;
}


int wav_read(struct wav *wav, const char *file)
{
	uint8_t *buf = NULL;
	size_t len = 0;
	int err;

	if (!wav || !file)
		return EINVAL;

	memset(wav, 0, sizeof(*wav));

	err = slurp(&buf, &len, file);
	if (!err)
		err = parse(wav, buf, len);
	free(buf);

	return err;
}
