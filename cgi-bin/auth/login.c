/* /login: an e-mail address and its password for a session. */
#include "audit.h"
#include "login_form.h"
#include "next.h"
#include "session.h"
#include "web.h"

struct login_form {
	const char *email;
	const char *password;
};
FORM(login_form, EMAIL(email), SECRET(password, 1, 200));

struct login_page {
	const struct login_form *form;
	const char *next, *register_href, *forgot_href;
	bool for_checkout;
};
VIEW(login_page, REF(form, login_form), next, register_href, forgot_href, for_checkout);

static void show(struct request *req, int status, const struct login_form *form)
{
	const char *next = next_of(req);
	render_status(req, status, "auth/login", login_page, .form = form, .next = next,
		.register_href = next_href(req, "/register", next), .forgot_href = next_href(req, "/forgot", next),
		.for_checkout = next_is_checkout(next));
}

ROUTE(GET, "/login", ANYONE, login_show)
{
	if (req->member)
		next_see(req, next_of(req), "/account");
	show(req, 200, form_empty(req, login_form));
}

static void log_in(struct request *req, int64_t account_id) __attribute__((noreturn));
static void log_in(struct request *req, int64_t account_id)
{
	db_begin(req->db);
	session_start(req, account_id);
	audit_put(req->db, account_id, account_id, "session.started", 0, "");
	db_commit(req->db);
	next_see(req, next_of(req), "/account");
}

ROUTE(POST, "/login", ANYONE, login_send)
{
	const struct login_form *form = form_read(req, login_form);
	if (req->member)
		next_see(req, next_of(req), "/account");
	if (!form_ok(req)) {
		show(req, 422, form);
		return;
	}
	struct login login = { form->email, form->password, req->address, next_of(req), visitor_id(req) };
	int64_t account_id, wait;
	switch (login_try(req->db, &login, &account_id, &wait)) {
	case LOGIN_RIGHT:
		log_in(req, account_id);
	case LOGIN_WRONG:
		form_error(req, "summary", "error.login");
		show(req, 422, form);
		return;
	case LOGIN_UNVERIFIED:
		see_other(req, "/sent/verify");
	case LOGIN_TOO_MANY:
		too_many(req, wait);
		show(req, 429, form);
		return;
	case LOGIN_BUSY:
		refuse(req, 503);
	}
}
