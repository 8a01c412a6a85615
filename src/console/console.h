/**
 * @file console.h  The console: its state, and what its parts ask of it
 *
 * One struct console is the whole of what is on the screen. Panels and
 * overlays read it and draw; commands and answers of the phone change it and
 * mark it dirty; the loop in console_run.c draws at most one frame a round.
 */
#ifndef OFFHOOK_CONSOLE_H
#define OFFHOOK_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <jansson.h>

#include "common/paths.h"
#include "overlay.h"
#include "panel.h"
#include "remote.h"
#include "scene.h"
#include "settings.h"
#include "themes.h"

struct client;
struct cmd;
struct history;

enum { PAGE = 200, PAGE_MAX = 1000, MESSAGE_MAX = 512, OVERLAYS_MAX = 6,
       SAID_MAX = 100 };

/** What the message line said: the last ones, whole */
struct said {
	struct {
		char *text;
		time_t when;
	} v[SAID_MAX];
	size_t at;                      /**< Where the next one goes    */
};

/** An overlay and its state */
struct open_overlay {
	const struct overlay *overlay;
	void *state;
};

struct console {
	struct client *client;
	const char *profile;
	struct paths paths;
	struct model *model;
	struct theme theme;
	struct keymap *keymap;
	struct history *commands;       /**< Lines of `:`               */
	struct history *dials;
	json_t *config;                 /**< The phone's settings       */

	struct layout layout;
	enum panel focus;
	int single;                     /**< Panel of -p, -1            */
	struct view view[PANEL_MAX];
	char *filter[PANEL_MAX];        /**< NULL: none                 */

	struct contact_row *rows;       /**< Of the contacts panel      */
	size_t rowc;
	char *row_key;                  /**< Who is selected            */

	enum typing typing;
	struct line_edit *line;
	struct complete complete;
	bool paste;                     /**< Inside a bracketed paste   */

	struct chat_view chat;
	bool log_loading;
	bool log_to_end;         /**< The oldest row is wanted           */
	int log_limit;           /**< Rows that were asked for last      */
	bool tracing;                   /**< trace.follow was asked for */

	struct open_overlay overlays[OVERLAYS_MAX];
	size_t overlayc;                /**< The last is in front       */

	char message[MESSAGE_MAX];
	enum role message_role;
	struct said said;

	char *unheard;                  /**< Message of a new conversation */
	int64_t unheard_id;
	int64_t call;                   /**< Selected call              */
	int64_t ring_hidden;            /**< Its overlay was put away   */
	int64_t ring_id;                /**< The ringing one            */
	uint64_t ring_since;            /**< Milliseconds               */
	uint64_t end_asked;             /**< M-e pressed once           */
	char *last_dialled;

	json_t *secret_params;          /**< Waits for the password     */
	char *secret_method;

	struct prefs prefs;
	struct {
		size_t overlays;
		enum panel focus;
		int64_t chat;
	} drawn;                        /**< What the last frame showed */
	bool dirty, done, lost, demo;
	bool linear;                    /**< No screen: lines           */
	bool linked;                    /**< This link has answered     */
	bool eof;                       /**< Of the pipe of --linear    */
	bool slow;                      /**< An answer is long overdue  */
	struct remote remote;           /**< host NULL: this machine    */
	bool welcomed;                  /**< The wizard was offered     */
	bool resized;
	bool more_keys;                 /**< A flood of them: more wait */
	uint64_t resized_at;            /**< First of the burst         */
	uint64_t drawn_at;              /**< The last frame             */
	uint64_t retry_at;              /**< Reconnect then             */
	int exit_code;
};

/** What `offhook` was asked for */
struct console_options {
	const char *profile;
	const char *theme;              /**< -t, or NULL                */
	const char *panel;              /**< -p, or NULL                */
	const char *host;               /**< --host, or NULL            */
	bool linear;                    /**< --linear                   */
	bool demo;                      /**< Leaving ends the phones    */
	const char *hello;              /**< First message, or NULL     */
};

/**
 * Run the console until it is left
 *
 * @return Exit code
 */
int console_run(const struct console_options *opt);

/* ---- for commands -------------------------------------------------------*/

/** Show what a command printed: a message, or a notice if it is long */
void console_show(struct console *c, const struct cmd *cmd);

/** The call meant: the ringing one, or the selected one; 0: none */
int64_t console_call(const struct console *c, bool ringing);

/** Would a hang-up refuse a ringing call? */
bool console_call_rings(const struct console *c);

/** Remember for redial */
void console_dialled(struct console *c, const char *target);

/** Show the digits sent in a call */
void console_digits(struct console *c, int64_t call, const char *digits);

/** Account with this address; 0: none */
int64_t console_account(const struct console *c, const char *address);

/** Id of the contact of this id or name, new reference; n: how many fit */
json_t *console_contact(const struct console *c, const char *text,
			size_t *n);

/** Ask for a password, then send method with params (stolen) */
void console_ask_password(struct console *c, const char *method,
			  json_t *params);

/** Settings of the console itself (command_console.c) */
void console_complete_settings(struct complete *cp, const char *pattern);

/** Read config/console.conf: one command a line */
void console_config(struct console *c);

/* ---- console_sync.c: between model and phone ----------------------------*/
void sync_start(struct console *c);
void sync_event(const char *method, json_t *params, void *arg);
void sync_log(struct console *c);

/** Have the messages of the trace come, if they are shown */
void sync_trace(struct console *c);
void sync_log_more(struct console *c);

/* ---- console_chat.c: the conversation that is shown ---------------------*/

/** Ask for its newest messages, or for older ones */
void sync_chat(struct console *c);
void sync_chat_more(struct console *c);

/** If its newest messages are looked at, they have been read */
void sync_chat_seen(struct console *c);

/* ---- console_list.c: selections -----------------------------------------*/

/** Rebuild the rows of the contacts panel; the selection stays */
void list_refresh(struct console *c);
const struct contact_row *list_contact(const struct console *c);
const struct m_log *list_log(const struct console *c);

/** Move the selection of the panel in focus */
void list_move(struct console *c, long step);
void list_move_to(struct console *c, size_t row);
size_t list_count(const struct console *c, enum panel panel);
size_t list_page(const struct console *c);

/** Whom does the selection mean? uri to dial or write to; NULL: nobody */
const char *list_target(const struct console *c, struct m_peer *peer);

void console_focus(struct console *c, enum panel panel);

/** Show the conversation with the selected one in the chat panel */
void chat_follow(struct console *c);
void chat_open(struct console *c, const struct m_peer *peer);

/* ---- console_input.c ----------------------------------------------------*/
void console_key(struct console *c, key_code key);
void typing_start(struct console *c, enum typing typing, const char *text);
void typing_stop(struct console *c);
bool ring_overlay(const struct console *c);

/* ---- said.c -------------------------------------------------------------*/
void said_add(struct said *s, const char *text);
void said_clear(struct said *s);

/* ---- overlay.c ----------------------------------------------------------*/

/** The one in front, NULL */
const struct overlay *overlay_top(const struct console *c);

/** A key for the one in front; false: nobody wants it */
bool overlay_key(struct console *c, key_code key);

/* ---- linear.c: the console of --linear ----------------------------------*/
int linear_open(struct console *c);
void linear_close(void);

/** Print lines above the one that is typed */
void linear_say(struct console *c, const char *text);

/** An event in words, after the model knows of it */
void linear_event(struct console *c, const char *method,
		  const json_t *params);

/** A message that came in */
void linear_message(struct console *c, const char *from, const char *text);

/** Bring the line at the bottom up to date */
void linear_draw(struct console *c);

/** Keys from the terminal, or lines from a pipe; EOF: c->lost */
void linear_read(struct console *c);

/* ---- attend.c -----------------------------------------------------------*/

/** Something wants attention: bell and notification as set */
void attend(struct console *c, enum attention_event ev, const char *title,
	    const char *text);

/* ---- draw.c -------------------------------------------------------------*/

/** The console as panels and overlays see it */
void console_scene(struct console *c, struct scene *s);
void console_draw(struct console *c);

#endif
