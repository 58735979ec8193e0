/* expect: not compatible with any */
#include "shape.h"
struct line { int64_t id; };
VIEW(line, id);
struct page { const struct line *lines; };
VIEW(page, LIST(lines, line));
