/**
 * @file screen_pace.c  The terminal: lines that are slower than eyes
 *
 * A terminal that says it is slow (stty 300; ssh takes the speed along) gets
 * no more than goes over its line: what else there is to draw waits, and is
 * drawn as it is then, so that nothing piles up and a key is answered soon.
 * A frame is cut by rows. Which rows differ, and what they may cost, is seen
 * by comparing what curses thinks is there with what shall be; a row that
 * has to wait is made like the one that is there. The row of the cursor
 * goes first, the others take turns.
 */
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <time.h>

#include "curses_own.h"
#include "screen.h"
#include "screen_priv.h"

enum {
	FAST = 38400,           /* bits a second that need no care  */
	SLICE_MS = 1000,        /* so much of the line at once      */
	MOVE = 8,               /* bytes that bring the cursor there */
	COLOUR = 14             /* ... and that change an attribute */
};

static struct {
	int told;               /* what the terminal said           */
	int speed;              /* bytes a second, 0: fast enough   */
	uint64_t free_at;       /* when all was sent, milliseconds  */
	int turn;               /* the row that comes first         */
	bool behind;            /* rows were left out               */
	bool anew;              /* nothing of what is there counts  */
} pace;


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


void pace_open(const struct termios *tio)
{
	static const struct {
		speed_t speed;
		int bytes;
	} v[] = {
		{ B50, 5 }, { B75, 7 }, { B110, 11 }, { B134, 13 },
		{ B150, 15 }, { B200, 20 }, { B300, 30 }, { B600, 60 },
		{ B1200, 120 }, { B1800, 180 }, { B2400, 240 },
		{ B4800, 480 }, { B9600, 960 }, { B19200, 1920 }
	};
	const speed_t speed = cfgetospeed(tio);
	size_t i;

	memset(&pace, 0, sizeof(pace));
	pace.anew = true;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (v[i].speed == speed)
			pace.told = v[i].bytes;
	}
	pace.speed = pace.told;
}


void screen_speed(int speed)
{
	/* Ten bits a byte; from there on no frame is late */
	pace.speed = !speed ? pace.told : speed < FAST ? speed / 10 : 0;
	pace.free_at = 0;
	pace.behind = false;
}


bool pace_slow(void)
{
	return pace.speed > 0;
}


void pace_anew(void)
{
	pace.anew = true;
}


/* Both cells alike? The attribute of the new one goes into *attrp */
static bool cell_same(int y, int x, attr_t *attrp)
{
	cchar_t a, b;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	(void)mvwin_wch(newscr, y, x, &a);
	(void)mvwin_wch(curscr, y, x, &b);
	*attrp = a.attr;

	return !memcmp(&a, &b, sizeof(a));
}


/* Bytes that a row may take, 0: it is there already */
static int row_cost(int y)
{
	attr_t attr = 0, last = A_NORMAL;
	bool gap = true;
	int x, cost = 0;

	for (x = 0; x < COLS; x++) {
		if (cell_same(y, x, &attr)) {
			gap = true;
			continue;
		}
		cost += 1 + (gap ? MOVE : 0) + (attr != last ? COLOUR : 0);
		gap = false;
		last = attr;
	}

	return cost + (last != A_NORMAL ? COLOUR : 0);
}


static void row_wait(int y)
{
	(void)copywin(curscr, newscr, y, 0, y, 0, y, COLS - 1, FALSE);
	pace.behind = true;
}


void pace_spend(size_t bytes)
{
	const uint64_t now = pace.speed ? now_ms() : 0;

	if (!pace.speed)
		return;
	if (pace.free_at < now)
		pace.free_at = now;
	pace.free_at += bytes * 1000 / (uint64_t)pace.speed;
}


void pace_cut(int first)
{
	const int slice = pace.speed * SLICE_MS / 1000;
	int y, x, i, spent = 0, at_y, at_x;

	pace.behind = false;
	if (pace.anew) {
		pace.anew = false;
		pace.behind = true;
		(void)werase(newscr);
		pace_spend(MOVE);
		return;
	}

	getyx(newscr, at_y, at_x);
	getyx(curscr, y, x);
	for (i = -1; i < LINES; i++) {
		const int row = i < 0 ? first : (pace.turn + i) % LINES;
		int cost;

		if (row < 0 || (i >= 0 && row == first))
			continue;
		cost = row_cost(row);
		if (cost && spent && spent + cost > slice) {
			if (!pace.behind)
				pace.turn = row;
			row_wait(row);
			continue;
		}
		spent += cost;
	}
	(void)wmove(newscr, at_y, at_x);
	(void)wmove(curscr, y, x);
	if (spent)
		pace_spend((size_t)spent);
}


bool screen_behind(void)
{
	return pace.behind;
}


int screen_wait(void)
{
	const uint64_t now = pace.speed ? now_ms() : 0;

	return pace.free_at > now ? (int)(pace.free_at - now) : 0;
}
