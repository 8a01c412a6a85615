/**
 * @file mos.h  How good a call sounds, from its figures
 */
#ifndef OFFHOOK_MOS_H
#define OFFHOOK_MOS_H

/**
 * Rating by a reduced E-model (ITU-T G.107)
 *
 * @param codec    "opus", "PCMU", ...
 * @param loss     Percent of frames that were not played
 * @param burst    Losses in a row against what chance gives, 1: chance
 * @param delay_ms Mouth to ear: half the round trip, playout and packet
 *
 * @return 0 to 93.2
 */
float mos_rating(const char *codec, float loss, float burst, float delay_ms);

/** Mean opinion score of a rating, 1.0 to 4.5 */
float mos_of_rating(float r);

/** Both in one, for losses by chance */
float mos_estimate(const char *codec, float loss, float delay_ms);

#endif
