/* access_api.c: questions of module servers read and answered. */
#include "access_api.h"

FORM(access_form, LINE(token, 0, 100), LINE(account, 0, 22), WORD(module, 0, 64), WORD(level, 0, 32));
VIEW(access_view, valid, code, OPT(module), OPT(level), OPT(ends_at), unlimited, uses_left,
	OPT(token_expires_at), token_unlimited, token_uses_left);
const struct shape *const access_view_printed = &access_view_shape;

struct access_ask access_asked(struct request *req)
{
	const struct access_form *form = api_read(req, access_form);
	struct access_ask ask = { .module = form->module, .level = form->level };
	if (!*form->token && !*form->module)
		form_error(req, "module", "error.required");
	api_wrong(req);
	ask.token = *form->token ? form->token : NULL;
	ask.account_id = ask.token && !*form->account ? req->key->account_id : api_account(req, form->account);
	return ask;
}

struct access_view access_view_of(const struct access_answer *answer)
{
	const struct access *access = answer->access;
	struct access_view view = { .valid = answer->code == ACCESS_OPEN, .code = access_word(answer->code),
		.token_expires_at = answer->token_expires_at, .token_unlimited = answer->token_unlimited,
		.token_uses_left = answer->token_uses_left };
	if (!access)
		return view;
	view.module = access->module;
	view.level = access->level;
	view.ends_at = access->ends_at;
	view.unlimited = access->unlimited;
	view.uses_left = access->uses_left;
	return view;
}
