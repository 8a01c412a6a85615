/**
 * @file panel.h  The panels: a row each
 *
 * A panel is a name, a title and a way to draw itself from the scene. A new
 * one is a file in panels/, a value of enum panel and a row in panel.c; -p,
 * :panel, tabs, key tables and completion follow from that.
 */
#ifndef OFFHOOK_PANEL_H
#define OFFHOOK_PANEL_H

#include "scene.h"

struct panel_row {
	const char *name;       /**< -p NAME, :panel NAME, bind NAME    */
	const char *title;      /**< On the tabs                        */

	/** Draw into r, title row included */
	void (*draw)(const struct scene *s, const struct rect *r);

	/** Rows that can be selected; NULL: it is no list */
	size_t (*count)(const struct scene *s);

	/** `/` narrows it */
	bool find;
};

/** The row of a panel */
const struct panel_row *panel_row(enum panel panel);

/** Panel of a name; 0 if success, or ENOENT */
int panel_find(const char *name, enum panel *panelp);

/** A panel's title row: number, text, and what stands right */
void panel_title(const struct scene *s, const struct rect *r,
		 enum panel panel, const char *text, const char *right);

/* panels/ */
void panel_contacts_draw(const struct scene *s, const struct rect *r);
size_t panel_contacts_count(const struct scene *s);
void panel_log_draw(const struct scene *s, const struct rect *r);
size_t panel_log_count(const struct scene *s);
void panel_chat_draw(const struct scene *s, const struct rect *r);
void panel_call_draw(const struct scene *s, const struct rect *r);
void panel_status_draw(const struct scene *s, const struct rect *r);
size_t panel_status_count(const struct scene *s);

void panel_trace_draw(const struct scene *s, const struct rect *r);
size_t panel_trace_count(const struct scene *s);

/** Rows the call tile would like */
int panel_call_rows(const struct scene *s);

/** The call in one line */
void call_one_line(const struct scene *s, char *buf, size_t size,
		   enum role *role);

#endif
