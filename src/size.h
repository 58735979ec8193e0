/* size.h: numbers of bytes, printed for people. Powers of 1,000, as file managers and shops count them. */
#ifndef SIZE_H
#define SIZE_H

#include "mem.h"
#include "shape.h"

/* "640 B", "1.2 MB", "12.5 GB", "120 MB"; in French "640 o", "1,2 Mo". One decimal below 100 of a unit (no
 * ".0"), half rounded up; the space is U+00A0. size_put appends to a buffer, size_print returns a text in
 * mem. */
void size_put(struct buffer *out, struct size size, const char *language);
const char *size_print(struct mem *mem, struct size size, const char *language);

#endif
