/* expect: not compatible with any */
#include "form.h"
struct buy_form { const char *quantity; };
FORM(buy_form, NUMBER(quantity, 1, 3));
