/* /logout: ends this session. A POST: a picture on another site must not log anybody out. */
#include "audit.h"
#include "session.h"
#include "web.h"

ROUTE(POST, "/logout", ANYONE, logout)
{
	if (req->member) {
		db_begin(req->db);
		session_end(req);
		audit_put(req->db, req->account_id, req->account_id, "session.ended", 0, "");
		db_commit(req->db);
	}
	see_other(req, "/?notice=logged_out");
}
