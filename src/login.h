/* login.h: what passwords open, and the ways to get one: logging in, registering, the forgotten password.
 *
 * Linked into the auth zone alone (and the operator's tool): its database user is the only one that sees
 * hashes. From the outside an address with an account and one without are the same: same answers, same work
 * (OWASP Authentication Cheat Sheet, WSTG-IDNT-04). What each of these tells of is committed when it
 * returns. */
#ifndef LOGIN_H
#define LOGIN_H

#include "account_token.h"
#include "db.h"

/* Somebody at a password field. client: the network address. next: kept in the link that an unproven account
 * is sent. */
struct login {
	const char *email;
	const char *password;
	const char *client;
	const char *next;
	const char *visitor; /* visitor_id(); NULL: none */
};

enum login_end {
	LOGIN_RIGHT,      /* *account_id is who */
	LOGIN_WRONG,      /* no such account, or not its password */
	LOGIN_UNVERIFIED, /* the right password, but the address is not proven: a new link is on its way */
	LOGIN_TOO_MANY,   /* *wait: seconds until the next try */
	LOGIN_BUSY,       /* no slot for a hash */
};
enum login_end login_try(struct db *db, const struct login *login, int64_t *account_id, int64_t *wait);

struct registration {
	const char *email;
	const char *name;
	const char *password; /* without a password_fault() */
	const char *language;
	const char *next;     /* where the mailed link leads on to; "": the portal */
	const char *client;
	const char *visitor;  /* visitor_id(); NULL: none */
};

/* REGISTERED: a mail is on its way, whatever it says. An address that was registered but never proven takes
 * the newest name and password, and only the newest link serves: else whoever came first would own the
 * account that the owner of the mailbox proves later. Staff and sellers, whom the operator made, are never
 * overwritten. */
enum registered { REGISTERED, REGISTER_TOO_MANY, REGISTER_BUSY };
enum registered account_register(struct db *db, const struct registration *registration, int64_t *wait);

/* The same address may have been registered by somebody else a moment before or after: whoever presses the button of the mail
 * would prove the other's password. So it serves at a press only in the browser that registered (or logged in); elsewhere
 * the password is asked for, too. LOGIN_RIGHT, _WRONG, _TOO_MANY or _BUSY. */
enum login_end account_link_password(struct db *db, const struct account_token *link, const char *password,
	const char *client, int64_t *wait);

/* The button of a verification link: the address is proven. */
enum token_state account_verify(struct db *db, const char *token, const struct account_token **found);

/* Mails a reset link if there is an account. False: too many, *wait says how long. */
bool account_forgot(struct db *db, const char *email, const char *client, int64_t *wait);

/* The button of a reset link: sets the hash, ends every session and every other link, tells the owner. Proves
 * the address, too: the link came by it. */
enum token_state account_reset(struct db *db, const char *token, const char *hash);

/* A new hash for somebody who has just typed the old password; tells the owner. The caller ends the other
 * sessions. */
void account_password_set(struct db *db, int64_t account_id, const char *hash);

#endif
