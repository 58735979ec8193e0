/* expect: not compatible with any */
#include "shape.h"
struct row { char name[20]; };
ROW(row, name);
