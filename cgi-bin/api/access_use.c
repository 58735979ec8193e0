/* /api/v1/access/use: takes one use of a module, by token or account. 404 when there is no such access, 403
 * when it is not open; then nothing was taken. */
#include "access_api.h"

ROUTE(POST, "/api/v1/access/use", KEY, access_use_answer)
{
	api_scope(req, SCOPE_ACCESS_USE);
	struct access_ask ask = access_asked(req);
	db_begin(req->db);
	struct access_answer answer = access_use(req->db, ask);
	db_commit(req->db);
	if (answer.code == ACCESS_NONE)
		problem(req, 404, "access_none");
	if (answer.code != ACCESS_OPEN)
		problem(req, 403, mem_format(req->mem, "access_%s", access_word(answer.code)));
	struct access_view view = access_view_of(&answer);
	answer_json_(req, 200, access_view_printed, &view);
}
