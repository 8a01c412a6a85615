/**
 * @file module.h  The plugin ABI
 *
 * A module is one shared object with one symbol, `exports` (libre's struct
 * mod_export), plus an ABI number. Its init registers what it offers, its
 * close takes it back in reverse. A module includes this header and its own
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

#define OFFHOOK_ABI 1

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

	/**
	 * [main] Does the peer's fmtp go with ours? NULL: always
	 */
	bool (*fmtp_match)(const char *local, const char *remote);

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
};

OFFHOOK_API int codec_register(struct codec *codec);
OFFHOOK_API void codec_unregister(struct codec *codec);

/* ---- audio driver -------------------------------------------------------*/

struct audio_driver;
struct audio_dev;   /**< An open device of a module, a libre mem object */

struct audio_param {
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

/** [main] One device of a driver's list */
typedef void (audio_device_h)(const char *device, const char *text,
			      bool capture, bool playback, void *arg);

/**
 * A driver. A device either has a clock of its own (a sound card: it calls
 * the handlers when its poll descriptors say so) or has none (a file, null:
 * read/write are called by the media loop every ptime).
 *
 * The source and the sink of one stream are opened with the same arg, and
 * in every tick the sink is written before the source is read: that is how
 * a driver pairs them that sends back what it hears.
 */
struct audio_driver {
	struct le le;            /**< Used by the registry               */
	const char *name;        /**< As in "driver,device"              */
	bool clocked;            /**< The device calls the handlers      */

	/**
	 * [media] Open for capture
	 *
	 * @param devp    Device, free with mem_deref()
	 * @param prm     What is wanted; the driver converts if need be
	 * @param device  What follows "driver," in the setting
	 * @param captureh Called with each block if clocked, else unused
	 * @param errorh  Called once if the device fails later
	 * @param arg     Handler argument
	 *
	 * NULL: no capture.
	 */
	int (*capture_open)(struct audio_dev **devp,
			    const struct audio_param *prm, const char *device,
			    audio_capture_h *captureh, audio_error_h *errorh,
			    void *arg);

	/** [media] Open for playback; as capture_open. NULL: no playback */
	int (*playback_open)(struct audio_dev **devp,
			     const struct audio_param *prm,
			     const char *device, audio_playback_h *playbackh,
			     audio_error_h *errorh, void *arg);

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
};

OFFHOOK_API int audio_driver_register(struct audio_driver *driver);
OFFHOOK_API void audio_driver_unregister(struct audio_driver *driver);

/* ---- log for modules (any loop) -----------------------------------------*/

OFFHOOK_API void module_log(const char *fmt, ...);

/* ---- export -------------------------------------------------------------*/

/** What a module exports: libre's description behind an ABI number */
struct offhook_module {
	uint32_t abi;
	const char *name;
	const char *kind;        /**< "codec", "audio_driver", ...        */
	int (*init)(void);
	int (*close)(void);
};

#ifdef MODULE_STATIC
/* Linked into offhookd: announces itself before main() */
OFFHOOK_API void module_announce(const struct offhook_module *mod);
#define OFFHOOK_MODULE(name_, kind_, init_, close_)                          \
	static const struct offhook_module this_module = {                   \
		OFFHOOK_ABI, name_, kind_, init_, close_                     \
	};                                                                   \
	__attribute__((constructor)) static void announce(void)              \
	{                                                                    \
		module_announce(&this_module);                               \
	}
#else
#define OFFHOOK_MODULE(name_, kind_, init_, close_)                          \
	OFFHOOK_API extern const struct offhook_module offhook_module;       \
	OFFHOOK_API const struct offhook_module offhook_module = {           \
		OFFHOOK_ABI, name_, kind_, init_, close_                     \
	};                                                                   \
	OFFHOOK_API extern const struct mod_export exports;                  \
	OFFHOOK_API const struct mod_export exports = {                      \
		name_, kind_, init_, close_                                  \
	}
#endif

#endif
