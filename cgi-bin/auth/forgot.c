/* /forgot: a link to set a new password, mailed to the address if it has an account. */
#include "login_form.h"
#include "next.h"
#include "web.h"

struct forgot_form {
	const char *email;
};
FORM(forgot_form, EMAIL(email));

struct forgot_page {
	const struct forgot_form *form;
	const char *next, *login_href;
};
VIEW(forgot_page, REF(form, forgot_form), next, login_href);

static void show(struct request *req, int status, const struct forgot_form *form)
{
	const char *next = next_of(req);
	render_status(req, status, "auth/forgot", forgot_page, .form = form, .next = next,
		.login_href = next_href(req, "/login", next));
}

ROUTE(GET, "/forgot", ANYONE, forgot_show)
{
	show(req, 200, form_empty(req, forgot_form));
}

ROUTE(POST, "/forgot", ANYONE, forgot_send)
{
	const struct forgot_form *form = form_read(req, forgot_form);
	if (!form_ok(req)) {
		show(req, 422, form);
		return;
	}
	int64_t wait;
	if (account_forgot(req->db, form->email, req->address, &wait))
		see_other(req, "/sent/reset");
	too_many(req, wait);
	show(req, 429, form);
}
