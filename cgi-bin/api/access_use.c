/* /api/v1/access/use: takes one use of a module, by token or account. 404 when there is no such access, 403
 * when it is not open; then nothing was taken. With an Idempotency-Key the same use is taken once, however often it is sent. */
#include "access_api.h"

static void refused(struct request *req, enum access_code code)
{
	db_rollback(req->db);
	if (code == ACCESS_NONE)
		problem(req, 404, "access_none");
	problem(req, 403, mem_format(req->mem, "access_%s", access_word(code)));
}

ROUTE(POST, "/api/v1/access/use", KEY, access_use_answer)
{
	api_scope(req, SCOPE_ACCESS_USE);
	struct access_ask ask = access_asked(req);
	const char *key = api_idempotency_key_optional(req);
	db_begin(req->db);
	if (*key && api_replayed(req, key))
		return;
	struct access_answer answer = access_use(req->db, ask);
	if (answer.code != ACCESS_OPEN)
		refused(req, answer.code);
	struct access_view view = access_view_of(&answer);
	answer_json_(req, 200, access_view_printed, &view);
	if (*key)
		api_reply_keep(req, key);
	db_commit(req->db);
}
