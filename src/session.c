/* session.c: who is logged in, found by the hash of the cookie. Opening, proving and ending are in files of
 * their own, so that only the zones that do so need the right to write there. */
#include "session.h"

#include <string.h>

#include "conf.h"
#include "moment.h"
#include "sign.h"

enum { SEEN_EVERY = 300, PROVED_FOR = 900, TOKEN_TEXT = 43 };

ROW(member, account_id, email, name, language, staff, seller, token_hash, proved_at, seen_at);

struct bytes session_hash(struct request *req)
{
	const char *cookie = cookie_text(req, session_cookie());
	if (!cookie || strlen(cookie) != TOKEN_TEXT)
		return (struct bytes){ NULL, 0 };
	return sha256_of(req->mem, cookie, TOKEN_TEXT);
}

void session_keep(struct request *req, const char *token)
{
	cookie_set(req, session_cookie(), token, conf.session_days * 86400);
}

const struct member *session_member(struct request *req)
{
	struct bytes hash = session_hash(req);
	if (!hash.data)
		return NULL;
	struct moment now = moment_now();
	const struct member *member = db_one(req->db, member,
		"SELECT s.account_id, s.token_hash, s.proved_at, s.seen_at, a.email, a.name, a.language, a.staff, a.seller"
		" FROM session s JOIN account a ON a.id = s.account_id WHERE s.token_hash = ? AND s.expires_at > ?",
		hash, now);
	if (member && moment_unix(now) - moment_unix(member->seen_at) > SEEN_EVERY) {
		db_run(req->db, "UPDATE session SET seen_at = ?, expires_at = ? WHERE token_hash = ?", now,
			moment_add_days(now, conf.session_days), hash);
		session_keep(req, cookie_text(req, session_cookie()));
	}
	return member;
}

bool session_is_proved(const struct request *req)
{
	return moment_unix(moment_now()) - moment_unix(req->member->proved_at) < PROVED_FOR;
}
