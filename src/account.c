/* account.c: accounts, without their passwords (login.c): what the portal may do to them. */
#include "account.h"

#include <string.h>

#include "audit.h"
#include "conf.h"
#include "mail.h"
#include "moment.h"
#include "sign.h"
#include "throttle.h"

ROW(account, id, public_id, email, name, language, staff, seller, OPT(verified_at));

struct email_change_mail { const char *name, *link; int64_t minutes; };
VIEW(email_change_mail, name, link, minutes);

struct email_changed_mail { const char *name, *email_masked; struct moment changed_at; };
VIEW(email_changed_mail, name, email_masked, changed_at);

struct exists_mail { const char *name, *login_link, *reset_link; };
VIEW(exists_mail, name, login_link, reset_link);

const struct account *account_of(struct db *db, int64_t id)
{
	return db_one(db, account,
		"SELECT id, public_id, email, name, language, staff, seller, verified_at FROM account"
		" WHERE id = ?",
		id);
}

const struct account *account_by_email(struct db *db, const char *email)
{
	return db_one(db, account,
		"SELECT id, public_id, email, name, language, staff, seller, verified_at FROM account"
		" WHERE email = ?",
		email);
}

int64_t account_add(struct db *db, const char *email, const char *name, const char *language,
	const char *password_hash, bool staff, bool seller, bool verified)
{
	struct moment now = moment_now(), never = { 0 };
	int64_t added = db_run(db,
		"INSERT INTO account (public_id, email, name, language, password, staff, seller, verified_at,"
		" created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE id = id",
		random_id(db->mem), email, name, language, password_hash, staff, seller, verified ? now : never, now,
		now);
	if (!added)
		return 0;
	int64_t id = db_int(db, "SELECT id FROM account WHERE email = ?", email);
	audit_put(db, id, 0, "account.created", id, "");
	return id;
}

bool account_name_good(const char *name)
{
	return !strstr(name, "://") && !strcasestr(name, "www.") && !strpbrk(name, "@<>");
}

void account_update(struct db *db, int64_t id, const char *name, const char *language)
{
	db_run(db, "UPDATE account SET name = ?, language = ?, updated_at = ? WHERE id = ?", name, language,
		moment_now(), id);
	audit_put(db, id, id, "account.updated", id, "");
}

void account_tell_exists(struct db *db, const struct account *account)
{
	mail_put(db,
		((struct mail_to){ .account_id = account->id, .email = account->email, .language = account->language,
			.unique_key = mem_format(db->mem, "exists:%s", random_id(db->mem)) }),
		"exists", exists_mail, .name = account->name,
		.login_link = mem_format(db->mem, "%s/login", conf.base_url),
		.reset_link = mem_format(db->mem, "%s/forgot", conf.base_url));
}

static void email_link_send(
	struct db *db, const struct account *account, const char *email, const char *token)
{
	mail_put(db,
		((struct mail_to){ .account_id = account->id, .email = email, .language = account->language,
			.unique_key = token_mail_key(db, TOKEN_EMAIL, token), .secret = true }),
		"email_change", email_change_mail, .name = account->name, .minutes = token_minutes(TOKEN_EMAIL),
		.link = mem_format(db->mem, "%s/email/%s", conf.base_url, token));
}

enum email_ask account_email_ask(
	struct db *db, int64_t id, const char *email, const char *client, int64_t *wait)
{
	const struct account *account = account_of(db, id);
	if (!strcmp(account->email, email))
		return EMAIL_SAME;
	*wait = throttle_try(db, BRAKE_MAIL_CLIENT, throttle_client(db->mem, client));
	if (!*wait)
		*wait = throttle_try(db, BRAKE_MAIL_RECIPIENT, email);
	if (*wait)
		return EMAIL_TOO_MANY;
	db_begin(db);
	token_void(db, id, TOKEN_EMAIL);
	/* Made in any case: the settings show which address is waiting. */
	const char *token = token_put(db, id, TOKEN_EMAIL, email, "");
	const struct account *owner = account_by_email(db, email);
	if (owner)
		account_tell_exists(db, owner);
	else
		email_link_send(db, account, email, token);
	audit_put(db, id, id, "account.email_asked", id, "");
	db_commit(db);
	return EMAIL_ASKED;
}

/* j•••@example.com: enough to be recognised by its owner. */
static const char *masked(struct mem *mem, const char *email)
{
	const char *at = strrchr(email, '@');
	size_t first = 1;
	while ((email[first] & 0xC0) == 0x80)
		first++;
	return mem_format(mem, "%.*s•••%s", (int)first, email, at ? at : "");
}

static void old_address_tell(struct db *db, const struct account *old, const char *email, const char *key)
{
	mail_put(db,
		((struct mail_to){ .account_id = old->id, .email = old->email, .language = old->language,
			.unique_key = mem_format(db->mem, "told:%s", key) }),
		"email_changed", email_changed_mail, .name = old->name, .email_masked = masked(db->mem, email),
		.changed_at = moment_now());
}

enum token_state account_email_change(struct db *db, const char *token)
{
	const struct account_token *found;
	db_begin(db);
	enum token_state state = token_use(db, TOKEN_EMAIL, token, &found);
	if (state != TOKEN_GOOD) {
		db_rollback(db);
		return state;
	}
	const struct account *old = account_of(db, found->account_id);
	struct moment now = moment_now();
	/* IGNORE: an address that somebody else has by now leaves the row as it is. */
	if (!db_run(db, "UPDATE IGNORE account SET email = ?, verified_at = ?, updated_at = ? WHERE id = ?",
			found->email, now, now, old->id)) {
		db_rollback(db);
		return TOKEN_EXPIRED;
	}
	token_void_all(db, old->id);
	audit_put(db, old->id, old->id, "account.email_changed", old->id, "");
	old_address_tell(db, old, found->email, token_mail_key(db, TOKEN_EMAIL, token));
	db_commit(db);
	return TOKEN_GOOD;
}
