/* expect: no member named */
#include "shape.h"
struct row { int64_t id; };
ROW(row, id, title);
