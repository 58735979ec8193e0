/* expect: not compatible with any */
#include "shape.h"
struct row { int64_t id; };
ROW(row, OPT(id));
