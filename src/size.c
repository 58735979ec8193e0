/* size.c: printing numbers of bytes. */
#include "size.h"

#include "language.h"

/* English, French. */
static const char *const units[2][7] = {
	{ "B", "kB", "MB", "GB", "TB", "PB", "EB" },
	{ "o", "ko", "Mo", "Go", "To", "Po", "Eo" },
};

void size_put(struct buffer *out, struct size size, const char *language)
{
	bool french = language_french(language);
	uint64_t bytes = size.bytes < 0 ? 0 - (uint64_t)size.bytes : (uint64_t)size.bytes;
	uint64_t unit = 1, whole = bytes, tenths = 0;
	size_t n = 0;
	/* Asked of the rounded number: 999,950 bytes are 1 MB, never 1,000 kB. */
	for (; whole >= 1000; n++) {
		unit *= 1000;
		whole = (bytes + unit / 2) / unit;
		tenths = (bytes + unit / 20) / (unit / 10);
	}
	bool decimal = n && tenths < 1000 && tenths % 10;
	if (size.bytes < 0)
		buffer_put(out, "-", 1);
	buffer_digits(out, n && tenths < 1000 ? tenths / 10 : whole, 1);
	if (decimal) {
		buffer_put(out, french ? "," : ".", 1);
		buffer_digits(out, tenths % 10, 1);
	}
	buffer_text(out, "\u00a0");
	buffer_text(out, units[french][n]);
}

const char *size_print(struct mem *mem, struct size size, const char *language)
{
	struct buffer out = buffer_new(mem, 15);
	size_put(&out, size, language);
	return out.text;
}
