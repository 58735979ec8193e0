/* letter.c: decides by code point; ASCII, which most texts are, takes no table. */
#include "letter.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

static const struct range blank[] = { { 0x09, 0x0D }, { 0x20, 0x20 }, { 0x85, 0x85 }, { 0xA0, 0xA0 }, { 0xAD, 0xAD },
	{ 0x1680, 0x1680 }, { 0x180E, 0x180E }, { 0x2000, 0x200F },
	{ 0x2028, 0x202F }, { 0x205F, 0x206F }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
	{ 0x3164, 0x3164 }, { 0xFEFF, 0xFEFF } };
static const struct range turning[] = { { 0x202A, 0x202E }, { 0x2066, 0x2069 } };

static bool within(const struct range *ranges, size_t count, uint32_t letter)
{
	for (size_t i = 0; i < count; i++)
		if (letter >= ranges[i].first && letter <= ranges[i].last)
			return true;
	return false;
}

#define WITHIN(ranges, letter) within(ranges, sizeof(ranges) / sizeof(ranges)[0], letter)

/* The letter at text; *length becomes its bytes. */
static uint32_t letter_at(const char *text, size_t *length)
{
	unsigned char lead = (unsigned char)*text;
	*length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	uint32_t letter = *length == 1 ? lead : lead & (0x7FU >> *length);
	for (size_t i = 1; i < *length; i++)
		letter = letter << 6 | ((unsigned char)text[i] & 0x3F);
	return letter;
}

const char *letters_trim(char *text)
{
	size_t length;
	while (*text && WITHIN(blank, letter_at(text, &length)))
		text += length;
	char *end = text;
	for (char *at = text; *at; at += length)
		if (!WITHIN(blank, letter_at(at, &length)))
			end = at + length;
	*end = 0;
	return text;
}

bool letters_control(const char *text, bool several_lines)
{
	size_t length;
	for (; *text; text += length) {
		uint32_t letter = letter_at(text, &length);
		bool control = letter < 0x20 || (letter >= 0x7F && letter < 0xA0);
		if (control && !(several_lines && letter < 0x20 && strchr("\r\n\t", (int)letter)))
			return true;
		if (!several_lines && WITHIN(turning, letter))
			return true;
	}
	return false;
}
