/**
 * @file rpc_wire_fuzz.c  A byte stream, cut as the first byte says
 */
#include "common/rpc_wire.h"
#include "fuzz.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *s = (const char *)data;
	struct rpc_reader rd;
	size_t step, i, lines = 0, want = 0, bytes = 0, n;
	int err = 0;

	if (!len)
		return 0;
	step = 1 + data[0] % 64;
	for (i = 0; i < len; i++)
		want += data[i] == '\n';

	rpc_reader_init(&rd, 512);
	for (i = 0; i < len && !err; i += n) {
		char *line;

		n = len - i < step ? len - i : step;
		err = rpc_reader_feed(&rd, s + i, n);
		while (!err && (line = rpc_reader_line(&rd, &n)) != NULL) {
			PROMISE(!memcmp(line, s + bytes, n) && !line[n]);
			bytes += n + 1;
			++lines;
		}
		n = len - i < step ? len - i : step;
	}
	PROMISE(err || lines == want);
	rpc_reader_close(&rd);

	return 0;
}
