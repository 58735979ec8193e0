/* /account/keys/revoke: ends an API key, from its next request on. */
#include "api_key.h"
#include "web.h"

struct revoke_form {
	const char *key; /* public id */
};
FORM(revoke_form, ID(key));

ROUTE(POST, "/account/keys/revoke", MEMBER, keys_revoke)
{
	const struct revoke_form *form = form_read(req, revoke_form);
	if (!form_ok(req) || !api_key_revoke(req->db, req->account_id, req->account_id, form->key))
		not_found(req);
	see_other(req, "/account/keys?notice=key_revoked");
}
