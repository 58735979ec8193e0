/* /account/access/revoke: ends an access token, from the next request on. */
#include "access.h"
#include "web.h"

struct revoke_form {
	const char *token; /* public id */
};
FORM(revoke_form, ID(token));

ROUTE(POST, "/account/access/revoke", MEMBER, access_revoke)
{
	const struct revoke_form *form = form_read(req, revoke_form);
	if (!form_ok(req) || !access_token_revoke(req->db, req->account_id, form->token))
		not_found(req);
	see_other(req, "/account/access?notice=token_revoked");
}
