/* api.h: what a page of the API sees. Its routes are of guard KEY: an API key in the Authorization header,
 * no cookie, no form token; what goes wrong is a problem (problem.h).
 *
 *	ROUTE(POST, "/api/v1/tokens/debit", KEY, tokens_debit)
 *	{
 *		api_scope(req, SCOPE_TOKENS_DEBIT);
 *		const struct debit_form *form = api_read(req, debit_form);
 *		int64_t account = api_account(req, form->account);
 *		…
 *		answer_json(req, 200, debited, .balance = answer.balance);
 *	} */
#ifndef API_H
#define API_H

#include "api_key.h"
#include "problem.h"
#include "shape_json.h"
#include "web.h"

/* Called by serve() for guard KEY: sets req->key, or 401, or 429 to who tries many wrong ones. */
void api_guard(struct request *req);

/* 403 unless the key has the scope. */
void api_scope(struct request *req, enum api_scope scope);

/* The body, JSON object or form, checked field by field as form_read() does; on GET the query. 400 when it
 * cannot be read, 415 when it is something else, 422 with the wrong fields in "errors". */
#define api_read(req, type) ((const struct type *)api_read_(req, &type##_form))
const void *api_read_(struct request *req, const struct form *form);

/* 422 when a check of the page's own, by form_error(), found something. */
void api_wrong(struct request *req);

/* The account that is meant: by public id, or "" for the key's own. 404 for one the key may not touch, 422
 * when it is missing. */
int64_t api_account(struct request *req, const char *public_id);

/* The Idempotency-Key header: 1 to 255 printable ASCII characters without spaces; 422 when it is not. */
const char *api_idempotency_key(struct request *req);

/* The same where it may be left out: "" then. */
const char *api_idempotency_key_optional(struct request *req);

/* Whether a request of that key was answered already: then its answer is given again, the transaction rolled back, and the
 * page is done; 409 when it was another request. Otherwise the key is ours until the end of the transaction: do the work,
 * answer, api_reply_keep(), commit. What is rolled back (a refusal, that took nothing) leaves the key free. Answers are kept
 * thirty days. */
bool api_replayed(struct request *req, const char *key);
void api_reply_keep(struct request *req, const char *key);

/* The view as JSON. */
#define answer_json(req, status, type, ...)                                                                          \
	answer_json_(req, status, &type##_shape, &(const struct type){ __VA_ARGS__ })
void answer_json_(struct request *req, int status, const struct shape *shape, const void *view);

#endif
