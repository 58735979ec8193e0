/* /verify/{token}: the link that proves an address. Opening it changes nothing (mail scanners open links);
 * its button does. */
#include "audit.h"
#include "login.h"
#include "next.h"
#include "session.h"
#include "web.h"

struct verify_page {
	bool is_ok, is_expired, is_used;
	const char *token, *again_href;
};
VIEW(verify_page, is_ok, is_expired, is_used, token, again_href);

static void show(struct request *req, enum token_state state)
{
	render_status(req, state == TOKEN_GOOD ? 200 : 410, "auth/verify", verify_page,
		.is_ok = state == TOKEN_GOOD, .is_expired = state == TOKEN_EXPIRED, .is_used = state == TOKEN_USED,
		.token = path_text(req, "token"), .again_href = "/login");
}

ROUTE(GET, "/verify/{token}", ANYONE, verify_show)
{
	const struct account_token *found;
	show(req, token_look(req->db, TOKEN_VERIFY, path_text(req, "token"), &found));
}

ROUTE(POST, "/verify/{token}", ANYONE, verify_send)
{
	const struct account_token *found;
	enum token_state state = account_verify(req->db, path_text(req, "token"), &found);
	if (state != TOKEN_GOOD) {
		show(req, state);
		return;
	}
	db_begin(req->db);
	session_start(req, found->account_id);
	audit_put(req->db, found->account_id, found->account_id, "session.started", 0, "");
	db_commit(req->db);
	next_see(req, found->next, "/account?notice=welcome");
}
