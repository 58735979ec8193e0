/* /api/v1/tokens/debit: takes tokens for a piece of work, once per Idempotency-Key. */
#include "api.h"
#include "token.h"

enum { AMOUNT_MAX = 1000000000 };

struct debit_form {
	const char *account; /* public id; "": the key's own */
	int64_t amount;
	const char *note; /* shown to the customer beside the entry */
};
FORM(debit_form, LINE(account, 0, 22), NUMBER(amount, 1, AMOUNT_MAX), LINE(note, 0, 200));

struct debited {
	int64_t debited, balance;
};
VIEW(debited, debited, balance);

struct refused {
	int64_t balance;
};
VIEW(refused, balance);

ROUTE(POST, "/api/v1/tokens/debit", KEY, tokens_debit)
{
	api_scope(req, SCOPE_TOKENS_DEBIT);
	const struct debit_form *form = api_read(req, debit_form);
	int64_t account = api_account(req, form->account);
	const char *key = api_idempotency_key(req);
	db_begin(req->db);
	struct token_answer answer = token_debit(req->db, account, req->key->id, form->amount, key, form->note);
	db_commit(req->db); /* also a refusal is kept under its key */
	if (answer.replayed)
		header(req, "Idempotent-Replayed", "true");
	switch (answer.outcome) {
	case TOKEN_DEBITED:
		answer_json(req, 200, debited, .debited = form->amount, .balance = answer.balance);
		return;
	case TOKEN_REFUSED:
		problem_with(req, 402, "insufficient_tokens", refused, .balance = answer.balance);
	case TOKEN_CONFLICT:
		problem(req, 409, "idempotency_key_reused");
	}
}
