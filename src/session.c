/* session.c: sessions in the database, found by the hash of their cookie. */
#include "session.h"

#include <string.h>

#include "conf.h"
#include "moment.h"
#include "sign.h"

enum { TOKEN_BYTES = 32, SEEN_EVERY = 300, PROVED_FOR = 900, TOKEN_TEXT = 43 };

ROW(member, account_id, email, name, language, staff, seller, token_hash, proved_at, seen_at);

static struct bytes hash_of_cookie(struct request *req)
{
	const char *cookie = cookie_text(req, session_cookie());
	if (!cookie || strlen(cookie) != TOKEN_TEXT)
		return (struct bytes){ NULL, 0 };
	return sha256_of(req->mem, cookie, TOKEN_TEXT);
}

const struct member *session_member(struct request *req)
{
	struct bytes hash = hash_of_cookie(req);
	if (!hash.data)
		return NULL;
	struct moment now = moment_now();
	const struct member *member = db_one(req->db, member,
		"SELECT s.account_id, s.token_hash, s.proved_at, s.seen_at, a.email, a.name, a.language, a.staff, a.seller"
		" FROM session s JOIN account a ON a.id = s.account_id WHERE s.token_hash = ? AND s.expires_at > ?",
		hash, now);
	if (member && moment_unix(now) - moment_unix(member->seen_at) > SEEN_EVERY)
		db_run(req->db, "UPDATE session SET seen_at = ?, expires_at = ? WHERE token_hash = ?", now,
			moment_add_days(now, conf.session_days), hash);
	return member;
}

void session_start(struct request *req, int64_t account_id)
{
	struct bytes old = hash_of_cookie(req);
	if (old.data)
		db_run(req->db, "DELETE FROM session WHERE token_hash = ?", old);
	char *token = base64url_of(req->mem, random_bytes(req->mem, TOKEN_BYTES));
	struct moment now = moment_now();
	db_run(req->db,
		"INSERT INTO session (token_hash, public_id, account_id, user_agent, address, proved_at, created_at, seen_at,"
		" expires_at) VALUES (?, ?, ?, LEFT(?, 200), LEFT(?, 45), ?, ?, ?, ?)",
		sha256_of(req->mem, token, strlen(token)), random_id(req->mem), account_id, req->user_agent, req->address,
		now, now, now, moment_add_days(now, conf.session_days));
	cookie_set(req, session_cookie(), token, conf.session_days * 86400);
}

void session_proved(struct request *req)
{
	db_run(req->db, "UPDATE session SET proved_at = ? WHERE token_hash = ?", moment_now(), req->member->token_hash);
}

bool session_is_proved(const struct request *req)
{
	return moment_unix(moment_now()) - moment_unix(req->member->proved_at) < PROVED_FOR;
}

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
