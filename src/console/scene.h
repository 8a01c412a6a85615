/**
 * @file scene.h  What panels and overlays see of the console
 *
 * Drawing knows the model, the keys, the layout and the places of the
 * selections, and nothing that acts: no connection, no history, no settings.
 * A scene is made for a frame and borrowed by whoever draws a part of it.
 */
#ifndef OFFHOOK_SCENE_H
#define OFFHOOK_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "complete.h"
#include "keymap.h"
#include "layout.h"
#include "model.h"
#include "theme.h"

struct line_edit;
struct overlay;

/** What is being typed, if anything */
enum typing {
	TYPING_NONE, TYPING_COMMAND, TYPING_DIAL, TYPING_FILTER, TYPING_CHAT,
	TYPING_PASSWORD
};

/** A list's place */
struct view {
	size_t sel, top;
};

/** A row of the contacts panel: a contact, or somebody who wrote */
struct contact_row {
	const struct m_contact *contact;
	const struct m_conversation *stranger;
};

/** What the chat panel shows */
struct chat_view {
	struct m_peer peer;     /**< With whom, uri NULL: nobody        */
	int64_t id;             /**< The conversation, 0: none yet      */
	size_t scroll;          /**< Lines up from the newest           */
	size_t above;           /**< Lines that did not fit, from draw  */
	size_t lowest;          /**< Message at the bottom, from draw    */
	char *draft;
	bool loading;
};

/** One frame's view of the console */
struct scene {
	const struct model *model;
	const struct keymap *keymap;
	const struct layout *layout;
	enum panel focus;
	int single;                     /**< Panel of -p, -1: all       */
	struct view *view;              /**< [PANEL_MAX], draw scrolls  */
	char *const *filter;            /**< [PANEL_MAX], NULL: none    */
	const struct contact_row *rows; /**< Of the contacts panel      */
	size_t rowc;
	struct chat_view *chat;
	enum typing typing;
	const struct line_edit *line;   /**< NULL: nothing is typed     */
	const struct complete *complete;
	const struct overlay *top;      /**< Overlay in front, or NULL  */
	const char *message;
	enum role message_role;
	int64_t call;                   /**< Selected call, 0: none     */
	int64_t ring;                   /**< Ringing call, 0: none      */
	bool ringing;                   /**< Its overlay is up          */
	bool connected;                 /**< The phone answers          */
};

/** Keep the selection of n rows visible in a tile of h rows */
void view_scroll(struct view *v, size_t n, size_t h);

#endif
