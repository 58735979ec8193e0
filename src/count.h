/* count.h: whole numbers for people: "6,000", in French "6 000". */
#ifndef COUNT_H
#define COUNT_H

#include "mem.h"

/* A text in mem. count_signed puts a sign before it, also the plus: "+3,000", "−500". French groups by
 * U+202F. */
const char *count_print(struct mem *mem, int64_t number, const char *language);
const char *count_signed(struct mem *mem, int64_t number, const char *language);

#endif
