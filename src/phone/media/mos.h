/**
 * @file mos.h  How good a call sounds, from its figures
 */
#ifndef OFFHOOK_MOS_H
#define OFFHOOK_MOS_H

/**
 * Mean opinion score by a reduced E-model (ITU-T G.107)
 *
 * @param codec    "opus", "PCMU", ...
 * @param loss     Percent of frames that were not played
 * @param delay_ms Mouth to ear: half the round trip, playout and packet
 *
 * @return 1.0 to 4.5
 */
float mos_estimate(const char *codec, float loss, float delay_ms);

#endif
