/* letter.h: letters of UTF-8 texts that nobody sees. */
#ifndef LETTER_H
#define LETTER_H

#include <stdbool.h>

/* Without blanks at both ends: the white space of Unicode (White_Space), and what has no width at all (joiners, marks of
 * direction, the byte order mark). Cuts text; gives where it begins now. The text is valid UTF-8. */
const char *letters_trim(char *text);

/* Whether something would control more than itself: control characters (several_lines: but for line ends and tabs), and, in
 * one line, embeddings and overrides of direction, which turn what stands after them (Unicode Technical Report 36, §2.6). */
bool letters_control(const char *text, bool several_lines);

#endif
