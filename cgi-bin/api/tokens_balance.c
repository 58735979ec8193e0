/* /api/v1/tokens/balance?account=…: what can be spent now. */
#include "api.h"
#include "token.h"

struct balance_form {
	const char *account; /* public id; "": the key's own */
};
FORM(balance_form, LINE(account, 0, 22));

struct balance {
	int64_t balance;
};
VIEW(balance, balance);

ROUTE(GET, "/api/v1/tokens/balance", KEY, tokens_balance)
{
	api_scope(req, SCOPE_TOKENS_READ);
	const struct balance_form *form = api_read(req, balance_form);
	answer_json(req, 200, balance, .balance = token_balance(req->db, api_account(req, form->account)));
}
