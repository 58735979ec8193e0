/* login.c: every statement that reads or writes a password hash. */
#include "login.h"

#include <string.h>

#include "account.h"
#include "audit.h"
#include "conf.h"
#include "event.h"
#include "log.h"
#include "mail.h"
#include "moment.h"
#include "password.h"
#include "session.h"
#include "sign.h"
#include "throttle.h"

struct verify_mail { const char *name, *link; int64_t hours; };
VIEW(verify_mail, name, link, hours);

struct reset_mail { const char *name, *link; int64_t minutes; };
VIEW(reset_mail, name, link, minutes);

struct password_changed_mail { const char *name, *reset_link; struct moment changed_at; };
VIEW(password_changed_mail, name, reset_link, changed_at);

struct door {
	int64_t id;
	const char *password;
	bool verified;
};
ROW(door, id, password, verified);

/* The mail that proves an address, in the open transaction. Older links of the kind die. */
static void verify_send(struct db *db, int64_t account_id, const char *next, const char *visitor)
{
	const struct account *account = account_of(db, account_id);
	token_void(db, account_id, TOKEN_VERIFY);
	const char *token = token_put(db, account_id, TOKEN_VERIFY, account->email, next);
	token_bind(db, token, visitor ? visitor : "");
	mail_put(db,
		((struct mail_to){ .account_id = account_id, .email = account->email, .language = account->language,
			.unique_key = token_mail_key(db, TOKEN_VERIFY, token), .secret = true }),
		"verify", verify_mail, .name = account->name, .hours = token_minutes(TOKEN_VERIFY) / 60,
		.link = mem_format(db->mem, "%s/verify/%s", conf.base_url, token));
}

/* 0, or the seconds until somebody may have a link mailed there again. */
static int64_t mail_wait(struct db *db, const char *email, const char *client)
{
	int64_t wait = throttle_try(db, BRAKE_MAIL_CLIENT, throttle_client(db->mem, client));
	return wait ? wait : throttle_try(db, BRAKE_MAIL_RECIPIENT, email);
}

static enum login_end unverified(struct db *db, const struct login *login, int64_t account_id, int64_t *wait)
{
	*wait = mail_wait(db, login->email, login->client);
	if (*wait)
		return LOGIN_TOO_MANY;
	db_begin(db);
	verify_send(db, account_id, login->next, login->visitor);
	db_commit(db);
	return LOGIN_UNVERIFIED;
}

/* A hash of older parameters is replaced while the password is at hand; when all slots are taken, next
 * time. */
static void rehash(struct db *db, const struct door *door, const char *password)
{
	const char *hash = password_needs_rehash(door->password) ? password_hash(db->mem, password) : NULL;
	if (hash)
		db_run(db, "UPDATE account SET password = ? WHERE id = ? AND password = ?", hash, door->id,
			door->password);
}

/* Password against address, braked. *door is NULL when there is no account. */
static enum login_end password_try(struct db *db, const char *email, const char *password, const char *client,
	const struct door **door, int64_t *wait)
{
	*wait = throttle_try(db, BRAKE_LOGIN_CLIENT, throttle_client(db->mem, client));
	if (!*wait)
		*wait = throttle_try(db, BRAKE_LOGIN_ACCOUNT, email);
	if (*wait)
		return LOGIN_TOO_MANY;
	*door = db_one(db, door, "SELECT id, password, verified_at IS NOT NULL AS verified FROM account WHERE email = ?", email);
	switch (password_verify(*door ? (*door)->password : "", password)) {
	case PASSWORD_BUSY:
		return LOGIN_BUSY;
	case PASSWORD_WRONG:
		log_line("login.refused", "account=%lld", *door ? (long long)(*door)->id : 0);
		return LOGIN_WRONG;
	case PASSWORD_RIGHT:
		break;
	}
	throttle_clear(db, BRAKE_LOGIN_ACCOUNT, email);
	return LOGIN_RIGHT;
}

enum login_end account_link_password(struct db *db, const struct account_token *link, const char *password,
	const char *client, int64_t *wait)
{
	const struct door *door;
	return password_try(db, link->email, password, client, &door, wait);
}

enum login_end login_try(struct db *db, const struct login *login, int64_t *account_id, int64_t *wait)
{
	const struct door *door;
	*account_id = 0;
	enum login_end end = password_try(db, login->email, login->password, login->client, &door, wait);
	if (end != LOGIN_RIGHT)
		return end;
	rehash(db, door, login->password);
	if (!door->verified)
		return unverified(db, login, door->id, wait);
	*account_id = door->id;
	return LOGIN_RIGHT;
}

/* The account of a registration to be proven: a new one, or one that never was. 0: the address is
 * somebody's. */
static int64_t account_claim(struct db *db, const struct registration *registration, const char *hash)
{
	int64_t id = account_add(
		db, registration->email, registration->name, registration->language, hash, false, false, false);
	if (id)
		return id;
	int64_t claimed = db_run(db,
		"UPDATE account SET name = ?, password = ?, language = ?, updated_at = ?"
		" WHERE email = ? AND verified_at IS NULL AND NOT staff AND NOT seller",
		registration->name, hash, registration->language, moment_now(), registration->email);
	return claimed ? db_int(db, "SELECT id FROM account WHERE email = ?", registration->email) : 0;
}

enum registered account_register(struct db *db, const struct registration *registration, int64_t *wait)
{
	*wait = mail_wait(db, registration->email, registration->client);
	if (*wait)
		return REGISTER_TOO_MANY;
	/* Before anything is known of the address: the hash is what takes time. */
	const char *hash = password_hash(db->mem, registration->password);
	if (!hash)
		return REGISTER_BUSY;
	db_begin(db);
	int64_t id = account_claim(db, registration, hash);
	if (id)
		verify_send(db, id, registration->next, registration->visitor);
	else
		account_tell_exists(db, account_by_email(db, registration->email));
	db_commit(db);
	return REGISTERED;
}

enum token_state account_verify(struct db *db, const char *token, const struct account_token **found)
{
	db_begin(db);
	enum token_state state = token_use(db, TOKEN_VERIFY, token, found);
	if (state != TOKEN_GOOD) {
		db_rollback(db);
		return state;
	}
	int64_t id = (*found)->account_id;
	struct moment now = moment_now();
	db_run(db, "UPDATE account SET verified_at = COALESCE(verified_at, ?), updated_at = ? WHERE id = ?", now,
		now, id);
	token_void(db, id, TOKEN_VERIFY);
	audit_put(db, id, id, "account.verified", id, "");
	db_commit(db);
	return TOKEN_GOOD;
}

static void reset_send(struct db *db, const struct account *account)
{
	const char *token = token_put(db, account->id, TOKEN_RESET, account->email, "");
	mail_put(db,
		((struct mail_to){ .account_id = account->id, .email = account->email, .language = account->language,
			.unique_key = token_mail_key(db, TOKEN_RESET, token), .secret = true }),
		"reset", reset_mail, .name = account->name, .minutes = token_minutes(TOKEN_RESET),
		.link = mem_format(db->mem, "%s/reset/%s", conf.base_url, token));
}

bool account_forgot(struct db *db, const char *email, const char *client, int64_t *wait)
{
	*wait = mail_wait(db, email, client);
	if (*wait)
		return false;
	db_begin(db);
	const struct account *account = account_by_email(db, email);
	if (account)
		reset_send(db, account);
	else /* a commit to disk here too, so that the clock does not tell who has an account */
		job_put(db, "mail_send", mem_format(db->mem, "none:%s", random_id(db->mem)), 0, 0);
	db_commit(db);
	return true;
}

static void change_tell(struct db *db, int64_t account_id)
{
	const struct account *account = account_of(db, account_id);
	mail_put(db,
		((struct mail_to){ .account_id = account_id, .email = account->email, .language = account->language,
			.unique_key = mem_format(db->mem, "password:%s", random_id(db->mem)) }),
		"password_changed", password_changed_mail, .name = account->name, .changed_at = moment_now(),
		.reset_link = mem_format(db->mem, "%s/forgot", conf.base_url));
}

enum token_state account_reset(struct db *db, const char *token, const char *hash)
{
	const struct account_token *found;
	db_begin(db);
	enum token_state state = token_use(db, TOKEN_RESET, token, &found);
	if (state != TOKEN_GOOD) {
		db_rollback(db);
		return state;
	}
	int64_t id = found->account_id;
	struct moment now = moment_now();
	db_run(db,
		"UPDATE account SET password = ?, verified_at = COALESCE(verified_at, ?), updated_at = ?"
		" WHERE id = ?",
		hash, now, now, id);
	token_void_all(db, id);
	session_end_all(db, id);
	audit_put(db, id, id, "account.password_reset", id, "");
	change_tell(db, id);
	db_commit(db);
	throttle_clear(db, BRAKE_LOGIN_ACCOUNT, found->email);
	return TOKEN_GOOD;
}

void account_password_set(struct db *db, int64_t account_id, const char *hash)
{
	db_begin(db);
	db_run(
		db, "UPDATE account SET password = ?, updated_at = ? WHERE id = ?", hash, moment_now(), account_id);
	token_void(db, account_id, TOKEN_RESET);
	audit_put(db, account_id, account_id, "account.password_changed", account_id, "");
	change_tell(db, account_id);
	db_commit(db);
}
