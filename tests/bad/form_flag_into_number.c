/* expect: not compatible with any */
#include "form.h"
struct buy_form { int64_t agreed; };
FORM(buy_form, FLAG(agreed));
