/**
 * @file note.h  What a module's file says of itself
 */
#ifndef OFFHOOK_NOTE_H
#define OFFHOOK_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** From the start of a file so much is read: the note is on its first page */
enum { MODULE_NOTE_READ = 4096, MODULE_NOTE_TEXT = 128 };

/** Kind and names: "codec PCMU PCMA" */
struct module_note {
	uint32_t abi;
	char text[MODULE_NOTE_TEXT];
};

/**
 * Find the note of a module
 *
 * @param note  Result
 * @param buf   The first bytes of the file
 * @param len   How many
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: no shared object of
 *         this machine, ENOENT: it has no note)
 */
int module_note_read(struct module_note *note, const uint8_t *buf,
		     size_t len);

/**
 * Is this one of the names of a note? Without regard to case
 *
 * @param text  "codec PCMU PCMA"
 * @param kind  "codec", or NULL: any
 * @param name  "pcmu" or the first of "PCMU/8000,opus", or NULL: any
 */
bool module_note_has(const char *text, const char *kind, const char *name);

#endif
