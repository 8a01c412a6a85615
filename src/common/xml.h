/**
 * @file xml.h  A small, strict reader of XML from outside
 *
 * Pull parser over bytes that are all there. Elements, their attributes and
 * text and nothing else: a DTD, an entity of its
 * own, a CDATA section or another encoding than UTF-8 is an error, and so
 * is depth over 64 or size over 64 kB. Names come without their prefix.
 */
#ifndef OFFHOOK_XML_H
#define OFFHOOK_XML_H

#include "re_compat.h"

enum { XML_DEPTH_MAX = 64, XML_BYTES_MAX = 64 << 10 };

enum xml_event { XML_OPEN, XML_CLOSE, XML_TEXT, XML_END };

struct xml {
	struct pl in;                       /**< what is not read yet    */
	struct pl stack[XML_DEPTH_MAX];     /**< whole names of the open */
	unsigned depth;                     /**< elements that are open  */
	struct pl name;                     /**< OPEN, CLOSE: local name */
	struct pl attrs;                    /**< OPEN: well-formed       */
	struct pl text;                     /**< TEXT: as it stands      */
	bool empty;                         /**< <a/>: its end is due    */
	bool begun;                         /**< the root was there      */
};

/** Begin; EMSGSIZE, or EBADMSG: no UTF-8 */
int xml_init(struct xml *xml, const char *s, size_t len);

/**
 * Read on
 *
 * @param xml  Reader
 * @param evp  What was met; after XML_OPEN the element is in depth, after
 *             XML_CLOSE it is not any more
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: no XML, or more of it
 *         than is allowed)
 */
int xml_next(struct xml *xml, enum xml_event *evp);

/**
 * Value of an attribute of the element that was opened last
 *
 * @param val  As it stands between the quotes
 *
 * @return 0 if success, ENOENT: it has none of this name
 */
int xml_attr(const struct xml *xml, const char *name, struct pl *val);

/** Copy text with the five entities replaced; EMSGSIZE, EBADMSG */
int xml_text(char *buf, size_t size, const struct pl *text);

/** Print text so that it can stand in an element */
int xml_escape(struct re_printf *pf, const char *text);

#endif
