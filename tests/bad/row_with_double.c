/* expect: not compatible with any */
#include "shape.h"
struct row { double price; };
ROW(row, price);
