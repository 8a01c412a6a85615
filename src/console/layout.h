/**
 * @file layout.h  Where the tiles are
 *
 * A pure function of the screen's size: testable for every size there is.
 */
#ifndef OFFHOOK_LAYOUT_H
#define OFFHOOK_LAYOUT_H

#include <stdbool.h>

/** The first four are tiles; the others have the screen to themselves */
enum panel {
	PANEL_CONTACTS, PANEL_LOG, PANEL_CHAT, PANEL_CALL, PANEL_TILES,
	PANEL_STATUS = PANEL_TILES, PANEL_TRACE, PANEL_MAX
};

enum layout_mode {
	LAYOUT_TINY,            /**< Two lines, no bars                 */
	LAYOUT_TABS,            /**< One tile and a row of tabs         */
	LAYOUT_TILES,           /**< Two columns                        */
	LAYOUT_COLUMNS,         /**< Three columns                      */
	LAYOUT_SINGLE           /**< One panel, asked for               */
};

struct rect {
	int y, x, h, w;
};

/** h 0: not there */
struct layout {
	enum layout_mode mode;
	struct rect tile[PANEL_MAX];
	struct rect bar;        /**< Top bar                            */
	struct rect tabs;
	struct rect call;       /**< The call's line when its tile hides */
	struct rect message;    /**< Message or command line            */
	struct rect keys;       /**< Key bar                            */
	struct rect sep[2];     /**< Separator columns                  */
};

/** What the layout depends on beside the size */
struct layout_in {
	int h, w;
	enum panel focus;
	int single;             /**< Panel of -p, -1: all               */
	int call_rows;          /**< Rows the call tile would like      */
};

void layout_compute(struct layout *l, const struct layout_in *in);

/** The next panel that can be seen or switched to */
enum panel layout_next(enum panel panel, int step);

#endif
