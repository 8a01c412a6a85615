/**
 * @file vcard_priv.h  A card, seen from inside
 */
#ifndef OFFHOOK_VCARD_PRIV_H
#define OFFHOOK_VCARD_PRIV_H

#include "vcard.h"

enum { VCARD_PROP_MAX = 1000 };

struct prop {
	struct le le;
	char *line;               /* unfolded, without its end           */
	struct pl name;           /* in line, without group              */
	struct pl params;         /* in line, from the first ';'         */
	struct pl raw;            /* in line, the value                  */
	char *value;              /* unescaped, made when asked for      */
	bool inner;               /* of a card inside the card           */
	bool qp;                  /* quoted-printable                    */
};

struct vcard {
	struct list propl;        /* struct prop, owned                  */
};

struct vcard *vcard_new(void);

/** Add a line, which is taken over; before NULL: at the end */
int vcard_add_line(struct vcard *vc, struct le *before, char *line,
		   bool inner);

bool vcard_is_named(const struct prop *p, const char *name);

/** Unescaped value, NULL if out of memory */
const char *vcard_prop_value(struct prop *p);

#endif
