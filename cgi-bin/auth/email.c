/* /email/{token}: the link that came to a new address. Open without a session: the mailbox may be on another
 * device. */
#include "account.h"
#include "web.h"

struct email_page {
	bool is_ok, is_used;
	const char *token, *email;
};
VIEW(email_page, is_ok, is_used, token, email);

static void show(struct request *req, enum token_state state, const char *email)
{
	render_status(req, state == TOKEN_GOOD ? 200 : 410, "auth/email", email_page,
		.is_ok = state == TOKEN_GOOD, .is_used = state == TOKEN_USED, .token = path_text(req, "token"),
		.email = email);
}

ROUTE(GET, "/email/{token}", ANYONE, email_show)
{
	const struct account_token *found;
	enum token_state state = token_look(req->db, TOKEN_EMAIL, path_text(req, "token"), &found);
	show(req, state, found ? found->email : "");
}

ROUTE(POST, "/email/{token}", ANYONE, email_send)
{
	enum token_state state = account_email_change(req->db, path_text(req, "token"));
	if (state == TOKEN_GOOD)
		see_other(
			req, req->member ? "/account/settings?notice=email_changed" : "/login?notice=email_changed");
	show(req, state, "");
}
