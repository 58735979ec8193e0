/* account.h: a person: found, made, renamed, moved to another e-mail address. What passwords open is in
 * login.h.
 *
 * E-mail addresses are kept trimmed and in lower case (form.h does both) and are unique. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "account_token.h"
#include "db.h"

struct account {
	int64_t id;
	const char *public_id;
	const char *email;
	const char *name;
	const char *language; /* "en" or "fr" */
	bool staff;
	bool seller;
	struct moment verified_at; /* 0: the address is not proven; such an account cannot log in */
};

/* NULL when there is none. Lives in db->mem. */
const struct account *account_of(struct db *db, int64_t id);
const struct account *account_by_email(struct db *db, const char *email);

/* A new account, in the open transaction or by itself. password_hash: of password_hash(), "" for none.
 * Returns its id; 0 when the address has an account already (which stays as it is). */
int64_t account_add(struct db *db, const char *email, const char *name, const char *language,
	const char *password_hash, bool staff, bool seller, bool verified);

/* Whether a name may stand in a mail to an address that nobody has proven: one that holds an address of the
 * web or of a mailbox would make the shop send somebody's advertising. */
bool account_name_good(const char *name);

/* Sets name and language ("en" or "fr"), with its audit row. */
void account_update(struct db *db, int64_t id, const char *name, const char *language);

/* Stripe's customer of that id was deleted there: whose it was has none from now on, and gets another with the next payment.
 * In the open transaction. False when it is nobody's (any more). */
bool account_customer_forget(struct db *db, const char *stripe_customer);

/* Tells the owner of an account that somebody wanted another one with the same address. */
void account_tell_exists(struct db *db, const struct account *account);

/* Asks for another address: a link goes there. Whether it has an account already cannot be seen from outside:
 * then its owner is told instead. `wait` gets the seconds to wait with EMAIL_TOO_MANY. Commits. */
enum email_ask { EMAIL_ASKED, EMAIL_SAME, EMAIL_TOO_MANY };
enum email_ask account_email_ask(
	struct db *db, int64_t id, const char *email, const char *client, int64_t *wait);

/* The link was followed and its button pressed: the address is the account's, the old one is told, all other
 * links of the account die. TOKEN_EXPIRED also when somebody else took the address meanwhile. Commits. */
enum token_state account_email_change(struct db *db, const char *token);

#endif
