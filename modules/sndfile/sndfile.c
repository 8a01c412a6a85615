/**
 * @file sndfile.c  Sound files: WAV, FLAC, Opus
 *
 * Config:   record.format = wav, flac or opus
 * Requires: libsndfile
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <re.h>
#include <sndfile.h>

#include "module.h"

struct audio_file_st {
	SNDFILE *sf;
};


static int file_open(struct audio_file_st **stp, int fd, uint32_t srate,
		     unsigned channels, int format)
{
	struct audio_file_st *st;
	SF_INFO info;

	memset(&info, 0, sizeof(info));
	info.samplerate = (int)srate;
	info.channels = (int)channels;
	info.format = format;

	st = calloc(1, sizeof(*st));
	if (!st) {
		(void)close(fd);
		return ENOMEM;
	}

	/* takes the descriptor even if it fails */
	st->sf = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
	if (!st->sf) {
		free(st);
		return ENOTSUP;
	}

	/* what a crash leaves behind is to be a valid file */
	(void)sf_command(st->sf, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
	*stp = st;

	return 0;
}


static int open_wav(struct audio_file_st **stp, int fd, uint32_t srate,
		    unsigned channels)
{
	return file_open(stp, fd, srate, channels,
			 SF_FORMAT_WAV | SF_FORMAT_PCM_16);
}


static int open_flac(struct audio_file_st **stp, int fd, uint32_t srate,
		     unsigned channels)
{
	return file_open(stp, fd, srate, channels,
			 SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
}


static int open_opus(struct audio_file_st **stp, int fd, uint32_t srate,
		     unsigned channels)
{
	return file_open(stp, fd, srate, channels,
			 SF_FORMAT_OGG | SF_FORMAT_OPUS);
}


/* The library says "system error"; which one the call left behind */
static int file_write(struct audio_file_st *st, const int16_t *sampv,
		      size_t sampc)
{
	errno = 0;
	if (sf_write_short(st->sf, sampv, (sf_count_t)sampc) ==
	    (sf_count_t)sampc)
		return 0;

	return errno ? errno : EIO;
}


static int file_close(struct audio_file_st *st)
{
	int err;

	errno = 0;
	err = sf_close(st->sf) ? (errno ? errno : EIO) : 0;

	free(st);

	return err;
}


#define FORMAT(name_)                                                        \
	{                                                                    \
		.name = #name_, .open = open_##name_, .write = file_write,   \
		.close = file_close                                          \
	}

static struct audio_file formatv[] = {
	FORMAT(wav), FORMAT(flac), FORMAT(opus)
};


static int module_init(void)
{
	size_t i;
	int err = 0;

	for (i = 0; i < RE_ARRAY_SIZE(formatv) && !err; i++)
		err = audio_file_register(&formatv[i]);

	return err;
}


static int module_close(void)
{
	size_t i;

	for (i = RE_ARRAY_SIZE(formatv); i-- > 0; )
		audio_file_unregister(&formatv[i]);

	return 0;
}


OFFHOOK_MODULE_OF("sndfile", "audio_file", "wav flac opus", module_init,
		  module_close);
