/* count.c: numbers grouped by thousands. */
#include "count.h"

#include <stdbool.h>

#include "language.h"

static void grouped(struct buffer *out, uint64_t number, const char *separator)
{
	if (number < 1000) {
		buffer_int(out, (int64_t)number);
		return;
	}
	grouped(out, number / 1000, separator);
	buffer_text(out, separator);
	buffer_digits(out, number % 1000, 3);
}

static const char *print(struct mem *mem, const char *sign, int64_t number, const char *language)
{
	struct buffer out = buffer_new(mem, 40);
	buffer_text(&out, sign);
	grouped(&out, number < 0 ? -(uint64_t)number : (uint64_t)number, language_french(language) ? "\u202f" : ",");
	return out.text;
}

const char *count_print(struct mem *mem, int64_t number, const char *language)
{
	return print(mem, number < 0 ? "−" : "", number, language);
}

const char *count_signed(struct mem *mem, int64_t number, const char *language)
{
	return print(mem, number < 0 ? "−" : number ? "+" : "", number, language);
}
