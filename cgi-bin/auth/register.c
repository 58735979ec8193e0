/* /register: a new account. Whether the address had one already only its mailbox learns. */
#include "account.h"
#include "login_form.h"
#include "next.h"
#include "password.h"
#include "web.h"

struct register_form {
	const char *name;
	const char *email;
	const char *password;
};
FORM(register_form, LINE(name, 1, 100), EMAIL(email), SECRET(password, 1, 200));

struct register_page {
	const struct register_form *form;
	const char *next, *login_href;
	bool for_checkout;
};
VIEW(register_page, REF(form, register_form), next, login_href, for_checkout);

static void show(struct request *req, int status, const struct register_form *form)
{
	const char *next = next_of(req);
	render_status(req, status, "auth/register", register_page, .form = form, .next = next,
		.login_href = next_href(req, "/login", next), .for_checkout = next_is_checkout(next));
}

ROUTE(GET, "/register", ANYONE, register_show)
{
	if (req->member)
		next_see(req, next_of(req), "/account");
	show(req, 200, form_empty(req, register_form));
}

static void judge(struct request *req, const struct register_form *form)
{
	if (!form_ok(req))
		return;
	const char *fault = password_fault(form->password, form->email, form->name);
	if (fault)
		form_error(req, "password", fault);
	if (!account_name_good(form->name))
		form_error(req, "name", "error.characters");
}

ROUTE(POST, "/register", ANYONE, register_send)
{
	const struct register_form *form = form_read(req, register_form);
	if (req->member)
		next_see(req, next_of(req), "/account");
	judge(req, form);
	if (!form_ok(req)) {
		show(req, 422, form);
		return;
	}
	struct registration registration = { .email = form->email, .name = form->name, .password = form->password,
		.language = req->language, .next = next_of(req), .client = req->address,
		.visitor = visitor_id(req) };
	int64_t wait;
	switch (account_register(req->db, &registration, &wait)) {
	case REGISTERED:
		see_other(req, "/sent/verify");
	case REGISTER_TOO_MANY:
		too_many(req, wait);
		show(req, 429, form);
		return;
	case REGISTER_BUSY:
		refuse(req, 503);
	}
}
