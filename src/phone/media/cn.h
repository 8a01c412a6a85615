/**
 * @file cn.h  Comfort noise (RFC 3389) and whether anybody speaks
 *
 * Pure.
 */
#ifndef OFFHOOK_CN_H
#define OFFHOOK_CN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CN_ORDER = 12, CN_PT = 13 };

/** Noise that is made */
struct cn {
	float level;             /**< RMS                              */
	float gain;              /**< Of the excitation                */
	unsigned order;
	float k[CN_ORDER];       /**< Reflection coefficients          */
	float b[CN_ORDER + 1];   /**< State of the lattice             */
	uint32_t seed;
};

/** What the sender says about its noise; garbage is quiet noise */
void cn_decode(struct cn *cn, const uint8_t *buf, size_t len);

/** Make noise */
void cn_fill(struct cn *cn, int16_t *sampv, size_t sampc);

/** Describe noise of this RMS: one octet. Returns its length */
size_t cn_encode(uint8_t *buf, float rms);

/** Is somebody speaking? */
struct vad {
	float floor;             /**< RMS of the noise                 */
	unsigned hang;           /**< Frames that still count          */
};

/** One frame of 20 ms; true: speech (or shortly after it) */
bool vad_frame(struct vad *v, const int16_t *sampv, size_t sampc,
	       float *rms);

#endif
