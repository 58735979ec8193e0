/* expect: not compatible with any */
#include "form.h"
struct buy_form { int64_t quantity; };
FORM(buy_form, LINE(quantity, 1, 3));
