/* /verify/{token}: the link that proves an address. Opening it changes nothing (mail scanners open links);
 * its button does, in the browser that asked for it; in another one with the password. */
#include "audit.h"
#include "form.h"
#include "login_form.h"
#include "next.h"
#include "session.h"
#include "web.h"

struct verify_form {
	const char *password;
};
FORM(verify_form, SECRET(password, 1, 200));

struct verify_page {
	bool is_ok, is_expired, is_used, asks_password;
	const char *token, *again_href;
};
VIEW(verify_page, is_ok, is_expired, is_used, asks_password, token, again_href);

static void show(struct request *req, int status, enum token_state state, const struct account_token *link)
{
	render_status(req, state == TOKEN_GOOD ? status : 410, "auth/verify", verify_page,
		.is_ok = state == TOKEN_GOOD, .is_expired = state == TOKEN_EXPIRED, .is_used = state == TOKEN_USED,
		.asks_password = link && !token_bound(req->db, link, visitor_id(req)), .token = path_text(req, "token"),
		.again_href = "/login");
}

ROUTE(GET, "/verify/{token}", ANYONE, verify_show)
{
	const struct account_token *link;
	enum token_state state = token_look(req->db, TOKEN_VERIFY, path_text(req, "token"), &link);
	show(req, 200, state, link);
}

/* Whether whoever presses the button elsewhere knows the password; if not, the page is done. */
static bool password_known(struct request *req, const struct account_token *link)
{
	const struct verify_form *form = form_read(req, verify_form);
	int status = 422;
	int64_t wait;
	switch (form_ok(req) ? account_link_password(req->db, link, form->password, req->address, &wait) : LOGIN_UNVERIFIED) {
	case LOGIN_RIGHT:
		return true;
	case LOGIN_UNVERIFIED: /* the field was left empty: the form says so */
		break;
	case LOGIN_WRONG:
		form_error(req, "password", "verify.password_wrong");
		break;
	case LOGIN_TOO_MANY:
		too_many(req, wait);
		status = 429;
		break;
	case LOGIN_BUSY:
		refuse(req, 503);
	}
	show(req, status, TOKEN_GOOD, link);
	return false;
}

ROUTE(POST, "/verify/{token}", ANYONE, verify_send)
{
	const struct account_token *link, *found;
	enum token_state state = token_look(req->db, TOKEN_VERIFY, path_text(req, "token"), &link);
	if (link && !token_bound(req->db, link, visitor_id(req)) && !password_known(req, link))
		return;
	if (link)
		state = account_verify(req->db, path_text(req, "token"), &found);
	if (state != TOKEN_GOOD) {
		show(req, 410, state, NULL);
		return;
	}
	db_begin(req->db);
	session_start(req, found->account_id);
	audit_put(req->db, found->account_id, found->account_id, "session.started", 0, "");
	db_commit(req->db);
	next_see(req, found->next, "/account?notice=welcome");
}
