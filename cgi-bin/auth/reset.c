/* /reset/{token}: a new password by a mailed link. */
#include <string.h>

#include "account.h"
#include "login.h"
#include "password.h"
#include "web.h"

struct reset_form {
	const char *password;
	const char *password_again;
};
FORM(reset_form, SECRET(password, 1, 200), SECRET(password_again, 1, 200));

struct reset_page {
	bool is_ok, is_expired, is_used;
	const char *token;
};
VIEW(reset_page, is_ok, is_expired, is_used, token);

static void show(struct request *req, int status, enum token_state state)
{
	render_status(req, state == TOKEN_GOOD ? status : 410, "auth/reset", reset_page,
		.is_ok = state == TOKEN_GOOD, .is_expired = state == TOKEN_EXPIRED, .is_used = state == TOKEN_USED,
		.token = path_text(req, "token"));
}

ROUTE(GET, "/reset/{token}", ANYONE, reset_show)
{
	const struct account_token *found;
	show(req, 200, token_look(req->db, TOKEN_RESET, path_text(req, "token"), &found));
}

static void judge(struct request *req, const struct reset_form *form, int64_t account_id)
{
	const struct account *account = account_of(req->db, account_id);
	const char *fault = form_ok(req) ? password_fault(form->password, account->email, account->name) : NULL;
	if (fault)
		form_error(req, "password", fault);
	else if (form_ok(req) && strcmp(form->password, form->password_again) != 0)
		form_error(req, "password_again", "error.passwords_differ");
}

ROUTE(POST, "/reset/{token}", ANYONE, reset_send)
{
	const char *token = path_text(req, "token");
	const struct account_token *found;
	const struct reset_form *form = form_read(req, reset_form);
	enum token_state state = token_look(req->db, TOKEN_RESET, token, &found);
	if (found)
		judge(req, form, found->account_id);
	if (!found || !form_ok(req)) {
		show(req, 422, state);
		return;
	}
	const char *hash = password_hash(req->mem, form->password);
	if (!hash)
		refuse(req, 503);
	state = account_reset(req->db, token, hash);
	if (state == TOKEN_GOOD)
		see_other(req, "/login?notice=reset_done");
	show(req, 422, state);
}
