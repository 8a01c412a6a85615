/**
 * @file big.h  Large letters for words that must not be misread
 */
#ifndef OFFHOOK_BIG_H
#define OFFHOOK_BIG_H

#include <stddef.h>

enum { BIG_ROWS = 5, BIG_COLS = 5 };

/**
 * One row of a word in large letters, of '#' and blanks
 *
 * @param buf    Result
 * @param size   Room; what does not fit is left out
 * @param text   Letters and digits; others are blank
 * @param row    0 to BIG_ROWS - 1
 * @param wide   Columns for each dot: a cell is higher than it is wide
 */
void big_row(char *buf, size_t size, const char *text, int row, int wide);

/** Columns that a word takes */
size_t big_width(const char *text, int wide);

#endif
