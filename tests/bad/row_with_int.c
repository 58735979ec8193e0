/* expect: not compatible with any */
#include "shape.h"
struct row { int count; };
ROW(row, count);
