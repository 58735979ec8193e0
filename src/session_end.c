/* session_end.c: sessions ended, by their member or because something about the account changed. */
#include "session.h"

void session_end(struct request *req)
{
	db_run(req->db, "DELETE FROM session WHERE token_hash = ?", req->member->token_hash);
	cookie_set(req, session_cookie(), "", 0);
}

bool session_end_one(struct db *db, int64_t account_id, const char *public_id)
{
	return db_run(db, "DELETE FROM session WHERE account_id = ? AND public_id = ?", account_id, public_id) > 0;
}

int64_t session_end_others(struct request *req)
{
	return db_run(req->db, "DELETE FROM session WHERE account_id = ? AND token_hash <> ?", req->account_id,
		req->member->token_hash);
}

int64_t session_end_all(struct db *db, int64_t account_id)
{
	return db_run(db, "DELETE FROM session WHERE account_id = ?", account_id);
}
