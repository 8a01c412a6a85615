/**
 * @file note.c  What a module's file says of itself
 *
 * Each module has an ELF note that names what it offers, written by
 * OFFHOOK_MODULE. Reading it takes one page of the file and runs nothing:
 * so the phone knows every plugin there is and loads those it uses.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include "common/re_compat.h"

#include "module.h"
#include "note.h"


static bool inside(size_t pos, size_t n, size_t len)
{
	return pos <= len && n <= len - pos;
}


static size_t aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}


/* One segment of notes: n bytes at buf */
static int notes_read(struct module_note *note, const uint8_t *buf, size_t n)
{
	struct offhook_note_head head;
	size_t pos = 0, desc;

	while (inside(pos, sizeof(head), n)) {
		memcpy(&head, buf + pos, sizeof(head));
		desc = pos + 12 + aligned(head.namesz);
		if (head.namesz > n || head.descsz > n ||
		    !inside(desc, head.descsz, n))
			break;

		if (head.namesz == sizeof(head.name) && head.descsz &&
		    !memcmp(head.name, OFFHOOK_NOTE, sizeof(head.name))) {
			note->abi = head.type;
			str_ncpy(note->text, (const char *)buf + desc,
				 head.descsz < sizeof(note->text) ?
					head.descsz : sizeof(note->text));
			return 0;
		}
		pos = desc + aligned(head.descsz);
	}

	return ENOENT;
}


int module_note_read(struct module_note *note, const uint8_t *buf, size_t len)
{
	ElfW(Ehdr) eh;
	ElfW(Phdr) ph;
	size_t i;

	if (!note || !buf)
		return EINVAL;

	if (len < sizeof(eh))
		return EBADMSG;
	memcpy(&eh, buf, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_type != ET_DYN ||
	    eh.e_phentsize != sizeof(ph))
		return EBADMSG;

	for (i = 0; i < eh.e_phnum; i++) {
		const size_t at = eh.e_phoff + i * sizeof(ph);

		if (eh.e_phoff > len || !inside(at, sizeof(ph), len))
			break;
		memcpy(&ph, buf + at, sizeof(ph));
		if (ph.p_type == PT_NOTE &&
		    inside(ph.p_offset, ph.p_filesz, len) &&
		    !notes_read(note, buf + ph.p_offset, ph.p_filesz))
			return 0;
	}

	return ENOENT;
}


bool module_note_has(const char *text, const char *kind, const char *name)
{
	size_t n, len;

	if (!text)
		return false;

	n = strcspn(text, " ");
	if (kind && (strlen(kind) != n || memcmp(kind, text, n)))
		return false;
	if (!name)
		return true;

	len = strcspn(name, "/, ");
	for (text += n; *text; text += n) {
		text += strspn(text, " ");
		n = strcspn(text, " ");
		if (n && n == len && !strncasecmp(text, name, n))
			return true;
	}

	return false;
}
