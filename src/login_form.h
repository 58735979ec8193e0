/* login_form.h: what the forms of the auth zone say alike: too many tries, a member's own password once more. */
#ifndef LOGIN_FORM_H
#define LOGIN_FORM_H

#include "login.h"
#include "web.h"

/* Says so on the form, and in how many seconds the next try is. The caller shows it with 429. */
void too_many(struct request *req, int64_t wait);

/* Whether the member typed their own password: 200, or 422 or 429 with the fault on that field or on the form. Without a
 * slot for a hash the page ends with 503. */
int member_typed(struct request *req, const char *field, const char *password);

#endif
