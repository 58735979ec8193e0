/* /password: another password for somebody who knows the old one. In this zone, because only here passwords
 * are hashed. */
#include "password.h"

#include <string.h>

#include "audit.h"
#include "login_form.h"
#include "session.h"
#include "web.h"

struct password_form {
	const char *password_old;
	const char *password;
	const char *password_again;
};
FORM(password_form, SECRET(password_old, 1, 200), SECRET(password, 1, 200), SECRET(password_again, 1, 200));

struct password_page {
	const char *forgot_href;
};
VIEW(password_page, forgot_href);

static void show(struct request *req, int status)
{
	render_status(req, status, "auth/password", password_page, .forgot_href = "/forgot");
}

ROUTE(GET, "/password", MEMBER, password_show)
{
	show(req, 200);
}

/* The new one first: a slip in it must not cost a try at the old one. */
static void judge(struct request *req, const struct password_form *form)
{
	if (!form_ok(req))
		return;
	const char *fault = password_fault(form->password, req->member->email, req->member->name);
	if (fault)
		form_error(req, "password", fault);
	else if (strcmp(form->password, form->password_again) != 0)
		form_error(req, "password_again", "error.passwords_differ");
}

static void change(struct request *req, const struct password_form *form) __attribute__((noreturn));
static void change(struct request *req, const struct password_form *form)
{
	const char *hash = password_hash(req->mem, form->password);
	if (!hash)
		refuse(req, 503);
	session_end_others(req); /* first: if the rest fails, too much has ended rather than too little */
	session_proved(req);
	account_password_set(req->db, req->account_id, hash);
	see_other(req, "/account/settings?notice=password_changed");
}

ROUTE(POST, "/password", MEMBER, password_send)
{
	const struct password_form *form = form_read(req, password_form);
	judge(req, form);
	if (!form_ok(req)) {
		show(req, 422);
		return;
	}
	int status = member_typed(req, "password_old", form->password_old);
	if (status == 200)
		change(req, form);
	show(req, status);
}
