/**
 * @file module.h  The plugin ABI
 *
 * A module is one shared object with one symbol, `exports` (libre's struct
 * mod_export), plus an ABI number and a note of what it offers. It is loaded
 * when that is first asked for. Its init registers what it offers, its close
 * takes it back in reverse. A module includes this header and its own
 * library and nothing else of offhook.
 *
 * Loops: init, close and every function marked [main] run on the main loop;
 * those marked [media] on the media loop, where nothing may block, and
 * nothing should allocate after open/alloc.
 *
 * Samples are int16_t, host order, interleaved; "sampc" counts single
 * samples (frames x channels).
 */
#ifndef OFFHOOK_MODULE_H
#define OFFHOOK_MODULE_H

#include <sys/types.h>
#include <sys/socket.h>
#include <re.h>

#define OFFHOOK_ABI 5

/* A name that came after libre 1.1 */
#ifndef RE_ARRAY_SIZE
#define RE_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define OFFHOOK_API __attribute__((visibility("default")))

/* ---- codec --------------------------------------------------------------*/

struct codec;
struct codec_enc;   /**< Encoder state of a module, a libre mem object */
struct codec_dec;   /**< Decoder state of a module, a libre mem object */

/** What the far end and the network ask of an encoder */
struct codec_enc_param {
	uint32_t bitrate;      /**< Bit/s, 0: the codec's default         */
	uint32_t ptime;        /**< Milliseconds a packet                 */
	uint32_t loss;         /**< Expected packet loss in percent       */
	bool dtx;              /**< Discontinuous transmission wanted     */
	bool ask_less;         /**< The peer's packets get lost: ask for
				    less, if that is said in band         */
};

struct codec {
	struct le le;            /**< Used by the registry                */
	const char *name;        /**< SDP encoding name, e.g. "opus"      */
	const char *pt;          /**< Static payload type, NULL: dynamic  */
	uint32_t clock_rate;     /**< RTP clock and SDP rate in Hz        */
	uint8_t sdp_channels;    /**< Channels in SDP (2 for opus)        */
	uint32_t srate;          /**< Sample rate of the audio in Hz      */
	uint8_t channels;        /**< Channels of the audio (1: mono)     */
	const char *fmtp;        /**< a=fmtp that is offered, or NULL     */
	uint32_t bitrate;        /**< Its usual bit/s if it obeys that of
				      codec_enc_param, else 0             */
	bool whole;              /**< Encodes a packet of any length at
				      once; else payloads are joined ...  */
	uint8_t frame_ms;        /**< ... of so many ms each, 0: 20       */
	uint8_t ptime_max;       /**< Longest packet in ms, 0: any        */

	/**
	 * [main] Have another fmtp, as the user set it. NULL: it is fixed
	 *
	 * @return 0 or errorcode (EINVAL: not what the codec knows)
	 */
	int (*configure)(const char *fmtp);

	/**
	 * [main] Does the peer's fmtp go with ours? NULL: always
	 */
	bool (*fmtp_match)(const char *local, const char *remote);

	/**
	 * [main] Which form of the codec do the fmtps mean, one way? It may
	 * have other channels, another bitrate, other functions. NULL: there
	 * is one form
	 *
	 * @param codec   This codec
	 * @param send    True: of what we encode; false: of what we decode
	 * @param local   What was said of it here, or NULL
	 * @param remote  What the peer said, or NULL
	 *
	 * @return The codec, or a form of it that is not registered
	 */
	const struct codec *(*form)(const struct codec *codec, bool send,
				    const char *local, const char *remote);

	/**
	 * [media] Make or re-parametrise an encoder
	 *
	 * @param encp  Encoder; *encp NULL: make one; else change it
	 * @param codec This codec
	 * @param prm   Parameters
	 * @param fmtp  The peer's a=fmtp or NULL: what it wants to get
	 *
	 * @return 0 or errorcode. Free with mem_deref().
	 */
	int (*enc_update)(struct codec_enc **encp, const struct codec *codec,
			  const struct codec_enc_param *prm,
			  const char *fmtp);

	/**
	 * [media] Encode one frame
	 *
	 * @param lenp  In: room in buf; out: bytes (0: nothing to send, DTX)
	 */
	int (*encode)(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		      const int16_t *sampv, size_t sampc);

	/** [media] Make a decoder */
	int (*dec_alloc)(struct codec_dec **decp, const struct codec *codec,
			 const char *fmtp);

	/**
	 * [media] Decode one packet
	 *
	 * @param sampc  In: room in sampv; out: samples written
	 */
	int (*decode)(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		      const uint8_t *buf, size_t len);

	/**
	 * [media] Fill for one lost packet
	 *
	 * @param sampc  In: samples wanted; out: samples written
	 * @param next   The packet after the lost one if it is here
	 *               (in-band FEC), else NULL
	 *
	 * NULL: the playout conceals by itself.
	 */
	int (*conceal)(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		       const uint8_t *next, size_t len);

	/**
	 * [media] What the last packets ask of our encoder, in band
	 *
	 * @return Bit/s at most, 0: nothing. NULL: it has no such way
	 */
	uint32_t (*wish)(const struct codec_dec *dec);
};

OFFHOOK_API int codec_register(struct codec *codec);
OFFHOOK_API void codec_unregister(struct codec *codec);

/* ---- audio driver -------------------------------------------------------*/

struct audio_driver;
struct audio_dev;   /**< An open device of a module, a libre mem object */

struct audio_param {
	bool capture;        /**< True: a source; false: a sink        */
	uint32_t srate;      /**< Samples per second                   */
	uint8_t channels;    /**< Interleaved channels                 */
	uint32_t ptime;      /**< Milliseconds a block                 */
};

/** [media] A block was captured by a device that has its own clock */
typedef void (audio_capture_h)(const int16_t *sampv, size_t sampc, void *arg);

/** [media] A playback device that has its own clock wants a block */
typedef void (audio_playback_h)(int16_t *sampv, size_t sampc, void *arg);

/** [media] The device failed and gives no more blocks (errno, text) */
typedef void (audio_error_h)(int err, const char *text, void *arg);

/** What an open device calls; captureh and playbackh if it is clocked */
struct audio_handlers {
	audio_capture_h *captureh;
	audio_playback_h *playbackh;
	audio_error_h *errorh;       /**< Once, if it fails later         */
	void *arg;
};

/** [main] One device of a driver's list */
typedef void (audio_device_h)(const char *device, const char *text,
			      bool capture, bool playback, void *arg);

/**
 * A driver. A device either has a clock of its own (a sound card: it calls
 * the handlers when its poll descriptors say so) or has none (a file, null:
 * read/write are called by the media loop every ptime).
 *
 * A device that is shared is opened once, whoever uses it: what all play is
 * mixed, what it captures goes to all. Blocks are 20 ms, of one channel or,
 * where a stereo call wants them, of two. Who refuses two is asked for one.
 *
 * The source and the sink of one stream that are not shared are opened with
 * the same arg, and in every tick the sink is written before the source is
 * read: that is how a driver pairs them that sends back what it hears.
 */
struct audio_driver {
	struct le le;            /**< Used by the registry               */
	const char *name;        /**< As in "driver,device"              */
	bool source;             /**< It can capture                     */
	bool sink;               /**< It can play                        */
	bool clocked;            /**< The device calls the handlers      */
	bool share_source;       /**< All streams have one microphone    */
	bool share_sink;         /**< ... and one loudspeaker, mixed; a
				      clocked driver always shares both  */

	/**
	 * [media] Open a device, for one of the two ends
	 *
	 * @param devp    Device, free with mem_deref()
	 * @param prm     What is wanted, and for which end: only one it can
	 *                be. The driver converts if need be
	 * @param device  What follows "driver," in the setting
	 * @param h       Handlers, to be copied
	 *
	 * @return 0 or errorcode
	 */
	int (*open)(struct audio_dev **devp, const struct audio_param *prm,
		    const char *device, const struct audio_handlers *h);

	/** [media] Read one block of a device without clock */
	int (*read)(struct audio_dev *dev, int16_t *sampv, size_t sampc);

	/** [media] Write one block to a device without clock */
	int (*write)(struct audio_dev *dev, const int16_t *sampv,
		     size_t sampc);

	/** [main] List devices. NULL: the driver has one, "" */
	int (*devices)(audio_device_h *deviceh, void *arg);

	/**
	 * [main] Could this device be opened now? NULL: always
	 *
	 * @param device  What follows "driver," in the setting
	 * @param capture True: as a source, false: as a sink
	 * @param buf     Set to one line that says what is wrong
	 *
	 * @return 0 or errorcode
	 */
	int (*check)(const char *device, bool capture, char *buf,
		     size_t size);

	uint32_t srate;          /**< Always opened at this rate; 0: 48000
				      if clocked, else what is needed    */
};

OFFHOOK_API int audio_driver_register(struct audio_driver *driver);
OFFHOOK_API void audio_driver_unregister(struct audio_driver *driver);

/* ---- audio filter --------------------------------------------------------*/

struct audio_filter_st;   /**< State of a filter, a libre mem object */

/** What a filter can do with what a microphone gives, bits */
enum {
	AUDIO_ECHO  = 1,         /**< Take out what the loudspeaker plays */
	AUDIO_NOISE = 2,         /**< Take out what does not change       */
	AUDIO_GAIN  = 4          /**< Bring speech to one loudness        */
};

struct audio_filter {
	struct le le;            /**< Used by the registry                */
	const char *name;
	unsigned does;           /**< Of AUDIO_ECHO | ...                 */

	/**
	 * [media] Make one for a microphone
	 *
	 * @param stp    State, free with mem_deref()
	 * @param srate  Samples per second, one channel
	 * @param ptime  Milliseconds a block
	 * @param what   What is wanted, bits
	 *
	 * @return 0 or errorcode
	 */
	int (*alloc)(struct audio_filter_st **stp, uint32_t srate,
		     uint32_t ptime, unsigned what);

	/** [media] A block that goes to the loudspeaker */
	void (*playback)(struct audio_filter_st *st, const int16_t *sampv,
			 size_t sampc);

	/** [media] A block of the microphone, changed in place */
	void (*capture)(struct audio_filter_st *st, int16_t *sampv,
			size_t sampc);
};

OFFHOOK_API int audio_filter_register(struct audio_filter *filter);
OFFHOOK_API void audio_filter_unregister(struct audio_filter *filter);

/* ---- sound file ----------------------------------------------------------*/

struct audio_file_st;     /**< An open file of a module, malloc'ed by it */

/** Writes sound files; on a thread that may wait, never on a loop */
struct audio_file {
	struct le le;            /**< Used by the registry                */
	const char *name;        /**< Of the format, and of such files'
				      names: "wav", "flac", "opus"        */

	/**
	 * Begin a file
	 *
	 * @param stp       State
	 * @param fd        Empty file; closed by close, also after an error
	 * @param srate     Samples per second
	 * @param channels  Interleaved channels
	 *
	 * @return 0 or errorcode
	 */
	int (*open)(struct audio_file_st **stp, int fd, uint32_t srate,
		    unsigned channels);

	/** Write samples. 0 or errorcode */
	int (*write)(struct audio_file_st *st, const int16_t *sampv,
		     size_t sampc);

	/** End it. 0 or errorcode */
	int (*close)(struct audio_file_st *st);
};

OFFHOOK_API int audio_file_register(struct audio_file *file);
OFFHOOK_API void audio_file_unregister(struct audio_file *file);

/* ---- sample rates (any loop) ---------------------------------------------*/

struct resample;

/** Make a converter, NULL if memory is out; free with resample_free() */
OFFHOOK_API struct resample *resample_new(uint32_t from, uint32_t to);
OFFHOOK_API void resample_free(struct resample *rs);

/** How many samples of the source before and after one it is made of */
OFFHOOK_API size_t resample_reach(const struct resample *rs);

/**
 * Which samples of the source a piece of the result is made of
 *
 * @param rs     Resampler
 * @param pos    Index of the first sample of the piece in the whole result
 * @param n      Its length
 * @param first  Set to the index of the first in the whole source
 * @param span   Set to how many
 */
OFFHOOK_API void resample_span(const struct resample *rs, uint64_t pos,
			       size_t n, uint64_t *first, size_t *span);

/**
 * Samples of the result, from any position of it
 *
 * @param rs     Resampler
 * @param out    Result
 * @param n      How many
 * @param pos    Index of the first in the whole result
 * @param in     A piece of the source
 * @param first  Index of in[0] in the whole source
 * @param inc    Length of the piece; silence before and after
 */
OFFHOOK_API void resample_at(const struct resample *rs, int16_t *out,
			     size_t n, uint64_t pos, const int16_t *in,
			     uint64_t first, size_t inc);

/* ---- packet protection and key agreement ---------------------------------*/

#include "module_keys.h"

/* ---- log for modules (any loop) -----------------------------------------*/

OFFHOOK_API void module_log(const char *fmt, ...);

/* ---- export -------------------------------------------------------------*/

/** What a module exports: libre's description behind an ABI number */
struct offhook_module {
	uint32_t abi;
	const char *name;
	const char *offers;      /**< "codec PCMU PCMA"                   */
	int (*init)(void);
	int (*close)(void);
};

/** An ELF note, by which a module is known before it is loaded */
struct offhook_note_head {
	uint32_t namesz, descsz;
	uint32_t type;           /**< OFFHOOK_ABI                         */
	char name[8];            /**< OFFHOOK_NOTE                        */
};

#define OFFHOOK_NOTE "offhook"

/**
 * Describe the module, once, at the end of its file
 *
 * @param name_    Of the module
 * @param kind_    "codec", "audio_driver", "audio_filter", "audio_file",
 *                 "srtp" or "media_crypto"
 * @param offers_  Names of what it registers, a blank between them: it is
 *                 loaded when one of them is asked for. OFFHOOK_MODULE is
 *                 for one that offers what it is called
 */
#ifdef MODULE_STATIC
/* Linked into offhookd: announces itself before main() */
OFFHOOK_API void module_announce(const struct offhook_module *mod);
#define OFFHOOK_MODULE_OF(name_, kind_, offers_, init_, close_)              \
	static const struct offhook_module this_module = {                   \
		OFFHOOK_ABI, name_, kind_ " " offers_, init_, close_         \
	};                                                                   \
	__attribute__((constructor)) static void announce(void)              \
	{                                                                    \
		module_announce(&this_module);                               \
	}
#else
#define OFFHOOK_MODULE_OF(name_, kind_, offers_, init_, close_)              \
	__attribute__((used, aligned(4), section(".note.offhook")))          \
	static const struct {                                                \
		struct offhook_note_head head;                               \
		char text[(sizeof(kind_ " " offers_) + 3) / 4 * 4];          \
	} offhook_note = {                                                   \
		{ sizeof(OFFHOOK_NOTE),                                      \
		  (sizeof(kind_ " " offers_) + 3) / 4 * 4, OFFHOOK_ABI,      \
		  OFFHOOK_NOTE }, kind_ " " offers_                          \
	};                                                                   \
	OFFHOOK_API extern const struct offhook_module offhook_module;       \
	OFFHOOK_API const struct offhook_module offhook_module = {           \
		OFFHOOK_ABI, name_, kind_ " " offers_, init_, close_         \
	};                                                                   \
	OFFHOOK_API extern const struct mod_export exports;                  \
	OFFHOOK_API const struct mod_export exports = {                      \
		name_, kind_, init_, close_                                  \
	}
#endif

#define OFFHOOK_MODULE(name_, kind_, init_, close_)                          \
	OFFHOOK_MODULE_OF(name_, kind_, name_, init_, close_)

#endif
