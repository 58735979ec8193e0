/* /account/keys: keys for programs that act on the account's tokens and access. A key is shown once, in the
 * answer to the press that made it; making one wants the password typed a short while ago. */
#include "api_key.h"
#include "session.h"
#include "web.h"

struct key_form {
	const char *name;
	bool tokens_read, tokens_debit, access_check, access_use;
};
FORM(key_form, LINE(name, 1, 100), FLAG(tokens_read), FLAG(tokens_debit), FLAG(access_check),
	FLAG(access_use));

struct key_row {
	const char *key, *name, *scopes;
	struct moment created_at, used_at;
};
ROW(key_row, key, name, scopes, created_at, OPT(used_at));

struct keys_page {
	struct list keys;
	const char *made, *account;
	bool is_proved;
	const struct key_form *form;
};
VIEW(keys_page, LIST(keys, key_row), OPT(made), account, is_proved, REF(form, key_form));

static void show(struct request *req, int status, const struct key_form *form, const char *made)
{
	struct list keys = db_all(req->db, key_row,
		"SELECT public_id AS `key`, name, COALESCE(TRIM(scopes), '') AS scopes, created_at, used_at FROM api_key"
		" WHERE account_id = ? AND revoked_at IS NULL ORDER BY id DESC LIMIT 100",
		req->account_id);
	render_status(req, status, "account/keys", keys_page, .keys = keys, .made = made,
		.account = db_text(req->db, "SELECT public_id FROM account WHERE id = ?", req->account_id),
		.is_proved = session_is_proved(req), .form = form);
}

static unsigned scopes_of(const struct key_form *form)
{
	return (unsigned)form->tokens_read << SCOPE_TOKENS_READ | (unsigned)form->tokens_debit << SCOPE_TOKENS_DEBIT |
		(unsigned)form->access_check << SCOPE_ACCESS_CHECK | (unsigned)form->access_use << SCOPE_ACCESS_USE;
}

ROUTE(GET, "/account/keys", MEMBER, keys_show)
{
	show(req, 200, form_empty(req, key_form), NULL);
}

ROUTE(POST, "/account/keys", MEMBER, keys_make)
{
	const char *key = NULL;
	const struct key_form *form = form_read(req, key_form);
	if (!session_is_proved(req))
		see_other(req, "/reauth?next=%%2Faccount%%2Fkeys");
	if (form_ok(req) && !scopes_of(form))
		form_error(req, "summary", "error.no_scope");
	if (form_ok(req) && api_key_make(req->db, req->account_id, req->account_id, form->name, scopes_of(form),
			&key) == API_KEY_TOO_MANY)
		form_error(req, "summary", "error.keys_many");
	if (key)
		show(req, 200, form_empty(req, key_form), key);
	else
		show(req, 422, form, NULL);
}
