/* session_open.c: sessions opened and proved: the auth zone alone may write them. */
#include "session.h"

#include <string.h>

#include "conf.h"
#include "moment.h"
#include "sign.h"

enum { TOKEN_BYTES = 32 };

void session_start(struct request *req, int64_t account_id)
{
	struct bytes old = session_hash(req);
	if (old.data)
		db_run(req->db, "DELETE FROM session WHERE token_hash = ?", old);
	char *token = base64url_of(req->mem, random_bytes(req->mem, TOKEN_BYTES));
	struct moment now = moment_now();
	db_run(req->db,
		"INSERT INTO session (token_hash, public_id, account_id, user_agent, address, proved_at, created_at, seen_at,"
		" expires_at) VALUES (?, ?, ?, LEFT(?, 200), LEFT(?, 45), ?, ?, ?, ?)",
		sha256_of(req->mem, token, strlen(token)), random_id(req->mem), account_id, req->user_agent, req->address,
		now, now, now, moment_add_days(now, conf.session_days));
	session_keep(req, token);
}

void session_proved(struct request *req)
{
	db_run(req->db, "UPDATE session SET proved_at = ? WHERE token_hash = ?", moment_now(), req->member->token_hash);
}
