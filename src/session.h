/* session.h: who is logged in. The cookie holds 32 random bytes; the database their SHA-256. */
#ifndef SESSION_H
#define SESSION_H

#include "web.h"

/* The member whose cookie this is, or NULL. Notes at most once in five minutes that the session was seen, and then makes it
 * and its cookie last session_days from now. */
const struct member *session_member(struct request *req);

/* Gives the browser the cookie, for session_days from now: it lasts as long as its row. */
void session_keep(struct request *req, const char *token);

/* SHA-256 of the session cookie; data NULL when there is none. */
struct bytes session_hash(struct request *req);

/* Logs the account in: a new session, its cookie in the response, the old cookie's session ended. */
void session_start(struct request *req, int64_t account_id);

/* The password was typed again in this session, now. True while that is under 15 minutes old. */
void session_proved(struct request *req);
bool session_is_proved(const struct request *req);

/* Ends the session of this request and its cookie. */
void session_end(struct request *req);
/* Ends one session of the account by its public id; false when there is none. Ends all but this one; all. */
bool session_end_one(struct db *db, int64_t account_id, const char *public_id);
int64_t session_end_others(struct request *req);
int64_t session_end_all(struct db *db, int64_t account_id);

#endif
