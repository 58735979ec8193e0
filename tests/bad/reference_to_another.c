/* expect: not compatible with any */
#include "shape.h"
struct line { int64_t id; };
VIEW(line, id);
struct page { const char *line; };
VIEW(page, REF(line, line));
