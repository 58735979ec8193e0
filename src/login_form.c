/* login_form.c: too many tries, a member's own password once more. */
#include "login_form.h"

void too_many(struct request *req, int64_t wait)
{
	form_error(req, "summary", "error.too_many");
	header(req, "Retry-After", "%lld", (long long)wait);
}

int member_typed(struct request *req, const char *field, const char *password)
{
	struct login login = { req->member->email, password, req->address, "", NULL };
	int64_t account_id, wait;
	switch (login_try(req->db, &login, &account_id, &wait)) {
	case LOGIN_RIGHT:
		return 200;
	case LOGIN_WRONG:
	case LOGIN_UNVERIFIED:
		form_error(req, field, "error.password_wrong");
		return 422;
	case LOGIN_TOO_MANY:
		too_many(req, wait);
		return 429;
	case LOGIN_BUSY:
		break;
	}
	refuse(req, 503);
}
