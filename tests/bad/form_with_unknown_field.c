/* expect: no member named */
#include "form.h"
struct buy_form { int64_t quantity; };
FORM(buy_form, NUMBER(amount, 1, 3));
