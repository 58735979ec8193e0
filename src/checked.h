/* checked.h: integer arithmetic that says when it does not fit, and the one strict parser of decimal
 * integers. */
#ifndef CHECKED_H
#define CHECKED_H

#include <stdbool.h>
#include <stdint.h>

/* False, with *out unusable, when the result does not fit in int64_t. */
static inline bool checked_add(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}

static inline bool checked_sub(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_sub_overflow(a, b, out);
}

static inline bool checked_mul(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* Reads a whole text of ASCII digits, after an optional "-", that lies within [min, max]. False, with *out
 * untouched, for NULL, "", "+1", " 1", "1 ", "0x1", "1e3", "-" and everything out of bounds. */
static inline bool parse_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	if (!text)
		return false;
	bool minus = *text == '-';
	int64_t value = 0;
	const char *digit = text + minus;
	if (!*digit)
		return false;
	for (; *digit; digit++) {
		if (*digit < '0' || *digit > '9' || !checked_mul(value, 10, &value))
			return false;
		/* Built up on its own side of zero, so that INT64_MIN can be read. */
		if (!checked_add(value, minus ? '0' - *digit : *digit - '0', &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

#endif
