/* /api/v1/access/check: whether a module is open, to a token or an account. 200 also when it is not: valid
 * says so. */
#include "access_api.h"

ROUTE(POST, "/api/v1/access/check", KEY, access_check_answer)
{
	api_scope(req, SCOPE_ACCESS_CHECK);
	struct access_answer answer = access_check(req->db, access_asked(req));
	struct access_view view = access_view_of(&answer);
	answer_json_(req, 200, access_view_printed, &view);
}
