/**
 * @file text_fuzz.c  Any bytes, cleaned, measured and cut
 */
#include <locale.h>

#include "common/text.h"
#include "fuzz.h"


static void check_cuts(const char *s)
{
	size_t len = strlen(s), off, next, cols;

	for (off = 0; off < len; off = next) {
		next = text_next(s, off);
		PROMISE(next > off && next <= len);
		PROMISE(len > 300 || text_prev(s, next) == off);
	}

	for (cols = 0; cols < 20; cols++) {
		size_t want, n = text_fit(s, cols, &want);

		PROMISE(n <= len && want <= cols);
	}
	PROMISE(text_fit(s, text_width(s), NULL) == len);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *locale;
	const char *s = (const char *)data;
	char *plain, *folded;
	int kind;

	if (!locale)
		locale = setlocale(LC_CTYPE, "C.UTF-8");

	for (kind = TEXT_NAME; kind <= TEXT_BODY; kind++) {
		char *a = text_clean(s, len, (enum text_kind)kind), *b;

		PROMISE(a);
		PROMISE(text_is_utf8(a, strlen(a)));
		b = text_clean(a, strlen(a), (enum text_kind)kind);
		PROMISE(b && !strcmp(a, b));
		check_cuts(a);
		free(a);
		free(b);
	}

	plain = text_plain(s, len, 40);
	PROMISE(plain && text_width(plain) <= 40);
	PROMISE(!strpbrk(plain, "\x1b\x07\n\r\t\x7f"));

	folded = text_fold(plain);
	PROMISE(folded && text_contains(plain, folded));
	free(folded);
	free(plain);

	/* what nobody cleaned must do no harm either */
	plain = malloc(len + 1);
	PROMISE(plain);
	memcpy(plain, s, len);
	plain[len] = '\0';
	check_cuts(plain);
	folded = text_fold(plain);
	PROMISE(folded);
	free(folded);
	free(plain);

	return 0;
}
