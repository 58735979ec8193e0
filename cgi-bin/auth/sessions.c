/* /account/settings/sessions: ends one of the sessions that the settings list, or all but this one. */
#include "audit.h"
#include "session.h"
#include "web.h"

struct session_form {
	const char *session; /* a public id; "" with others */
	bool others;
};
FORM(session_form, WORD(session, 0, 22), FLAG(others));

ROUTE(POST, "/account/settings/sessions", MEMBER, sessions_end)
{
	const struct session_form *form = form_read(req, session_form);
	if (!form_ok(req))
		not_found(req);
	db_begin(req->db);
	if (form->others)
		session_end_others(req);
	else if (!session_end_one(req->db, req->account_id, form->session))
		not_found(req);
	audit_put(req->db, req->account_id, req->account_id,
		form->others ? "session.others_ended" : "session.ended", 0, "");
	db_commit(req->db);
	see_other(req, "/account/settings?notice=%s", form->others ? "sessions_ended" : "session_ended");
}
