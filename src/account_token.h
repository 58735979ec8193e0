/* account_token.h: the links mailed to people: 32 random bytes in the link, their SHA-256 in the database,
 * used once.
 *
 * Rules of the OWASP Forgot Password Cheat Sheet. A link serves as long as the account has the address it was
 * sent to; opening one (GET) changes nothing, its button (POST) does. */
#ifndef ACCOUNT_TOKEN_H
#define ACCOUNT_TOKEN_H

#include "db.h"

enum token_purpose { TOKEN_VERIFY, TOKEN_RESET, TOKEN_EMAIL };

/* How long a link of that purpose serves. */
int64_t token_minutes(enum token_purpose purpose);

enum token_state { TOKEN_GOOD, TOKEN_EXPIRED, TOKEN_USED }; /* unknown counts as expired */

struct account_token {
	int64_t account_id;
	const char *email; /* where the link was sent */
	const char *next;  /* a path of this site to go on to; "": the portal */
	struct bytes browser;
};

/* A new link: what stands in it, 43 characters of base64url in db->mem. */
const char *token_put(
	struct db *db, int64_t account_id, enum token_purpose purpose, const char *email, const char *next);

/* Notes which browser asked for a link, by its visitor's cookie; and whether it is this one. */
void token_bind(struct db *db, const char *token, const char *visitor);
bool token_bound(struct db *db, const struct account_token *link, const char *visitor);

/* What a link is good for now, without using it. *found is NULL unless TOKEN_GOOD. */
enum token_state token_look(struct db *db, enum token_purpose purpose, const char *token,
	const struct account_token **found);

/* The same, and uses it up, in the open transaction: of any number at once exactly one gets TOKEN_GOOD. */
enum token_state token_use(struct db *db, enum token_purpose purpose, const char *token,
	const struct account_token **found);

/* Ends every unused link of the account for that purpose; for all purposes. It is unknown afterwards. */
void token_void(struct db *db, int64_t account_id, enum token_purpose purpose);
void token_void_all(struct db *db, int64_t account_id);

/* The key of the mail that carries a link: the same link is mailed once. */
const char *token_mail_key(struct db *db, enum token_purpose purpose, const char *token);

#endif
