/* account_test.c: accounts, mailed links, and what registering, resetting and moving to another address come
 * to. */
#include "account.h"
#include "login.h"
#include "password.h"
#include "crowd.h"
#include "sign.h"

static void an_address_has_one_account(void **state)
{
	struct fixture *f = *state;
	int64_t id = account_add(&f->db, "a@example.com", "Anne", "fr", "", true, false, true);
	assert_true(id > 0);
	assert_int_equal(account_add(&f->db, "a@example.com", "Other", "en", "", false, true, false), 0);
	const struct account *account = account_by_email(&f->db, "a@example.com");
	assert_int_equal(account->id, id);
	assert_string_equal(account->name, "Anne");
	assert_string_equal(account->language, "fr");
	assert_true(account->staff && !account->seller && account->verified_at.us);
	assert_true(public_id_valid(account->public_id));
	assert_null(account_by_email(&f->db, "b@example.com"));
	assert_null(account_of(&f->db, id + 1));
	account_update(&f->db, id, "Anne Onyme", "en");
	assert_string_equal(account_of(&f->db, id)->name, "Anne Onyme");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE account_id = ?", id), 2);
}

static void names_carry_no_advertising(void **state)
{
	(void)state;
	assert_true(account_name_good("Anne-Marie d'Été"));
	assert_true(account_name_good("李 小龙"));
	assert_false(account_name_good("Win! https://spam.example"));
	assert_false(account_name_good("WWW.spam.example"));
	assert_false(account_name_good("write to me@spam.example"));
}

static enum token_state look(struct fixture *f, enum token_purpose purpose, const char *token)
{
	const struct account_token *found;
	enum token_state state = token_look(&f->db, purpose, token, &found);
	assert_int_equal(found != NULL, state == TOKEN_GOOD);
	return state;
}

static void a_link_serves_once(void **state)
{
	struct fixture *f = *state;
	const struct account_token *found;
	int64_t id = a_member(f, "a@example.com");
	const char *token = token_put(&f->db, id, TOKEN_RESET, "a@example.com", "/checkout/x");
	assert_int_equal(strlen(token), 43);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account_token WHERE token_hash = ?",
						 sha256_of(f->mem, token, strlen(token))), 1);
	assert_int_equal(look(f, TOKEN_RESET, token), TOKEN_GOOD);
	assert_int_equal(look(f, TOKEN_VERIFY, token), TOKEN_EXPIRED);
	assert_int_equal(look(f, TOKEN_RESET, ""), TOKEN_EXPIRED);
	assert_int_equal(look(f, TOKEN_RESET, "x"), TOKEN_EXPIRED);
	assert_int_equal(token_use(&f->db, TOKEN_EMAIL, token, &found), TOKEN_EXPIRED);
	assert_int_equal(token_use(&f->db, TOKEN_RESET, token, &found), TOKEN_GOOD);
	assert_int_equal(found->account_id, id);
	assert_string_equal(found->next, "/checkout/x");
	assert_int_equal(token_use(&f->db, TOKEN_RESET, token, &found), TOKEN_USED);
	assert_null(found);
	assert_int_equal(look(f, TOKEN_RESET, token), TOKEN_USED);
}

static void a_link_ends(void **state)
{
	struct fixture *f = *state;
	const struct account_token *found;
	int64_t id = a_member(f, "a@example.com");
	moment_clock_set(moment_from_unix(1800000000));
	const char *reset = token_put(&f->db, id, TOKEN_RESET, "a@example.com", "");
	const char *moved = token_put(&f->db, id, TOKEN_RESET, "former@example.com", "");
	const char *verify = token_put(&f->db, id, TOKEN_VERIFY, "a@example.com", "");
	assert_int_equal(look(f, TOKEN_RESET, moved), TOKEN_EXPIRED);
	assert_int_equal(token_use(&f->db, TOKEN_RESET, moved, &found), TOKEN_EXPIRED);
	later(599);
	assert_int_equal(look(f, TOKEN_RESET, reset), TOKEN_GOOD);
	later(1);
	assert_int_equal(look(f, TOKEN_RESET, reset), TOKEN_EXPIRED);
	assert_int_equal(token_use(&f->db, TOKEN_RESET, reset, &found), TOKEN_EXPIRED);
	later(86400 - 601);
	assert_int_equal(look(f, TOKEN_VERIFY, verify), TOKEN_GOOD);
	later(1);
	assert_int_equal(look(f, TOKEN_VERIFY, verify), TOKEN_EXPIRED);
}

struct resetting {
	const char *token;
	const char *hash;
};

static bool reset(struct db *db, void *arg)
{
	const struct resetting *resetting = arg;
	return account_reset(db, resetting->token, resetting->hash) == TOKEN_GOOD;
}

static void sixty_four_at_once_reset_once(void **state)
{
	struct fixture *f = *state;
	const char *email = "parallel@example.com";
	int64_t id = account_add(&f->db, email, "Parallel", "en", "", false, false, false);
	struct resetting resetting = { token_put(&f->db, id, TOKEN_RESET, email, ""), "new hash" };
	int through = at_once(f, 64, reset, &resetting);
	assert_int_equal(through, 1);
	assert_int_equal(mails_to(f, email), 1);
	assert_int_equal(db_int(&f->db,
		"SELECT COUNT(*) FROM audit WHERE account_id = ? AND action = 'account.password_reset'", id), 1);
	assert_true(account_of(&f->db, id)->verified_at.us != 0);
}

static enum registered registering(
	struct fixture *f, const char *email, const char *name, const char *password)
{
	int64_t wait;
	struct registration registration = { email, name, password, "en", "", "192.0.2.7", NULL };
	return account_register(&f->db, &registration, &wait);
}

static enum login_end logging_in(struct fixture *f, const char *email, const char *password)
{
	int64_t id, wait;
	struct login login = { email, password, "192.0.2.7", "", NULL };
	return login_try(&f->db, &login, &id, &wait);
}

static void the_newest_registration_counts(void **state)
{
	struct fixture *f = *state;
	const struct account_token *found;
	assert_int_equal(registering(f, "a@example.com", "Mallory", "mallory's password"), REGISTERED);
	const char *first = link_to(f, "a@example.com", "/verify/");
	assert_int_equal(registering(f, "a@example.com", "Anne", "anne's own password"), REGISTERED);
	const char *second = link_to(f, "a@example.com", "/verify/");
	assert_int_equal(account_verify(&f->db, first + 8, &found), TOKEN_EXPIRED);
	assert_int_equal(account_verify(&f->db, second + 8, &found), TOKEN_GOOD);
	assert_int_equal(logging_in(f, "a@example.com", "mallory's password"), LOGIN_WRONG);
	assert_int_equal(logging_in(f, "a@example.com", "anne's own password"), LOGIN_RIGHT);
	assert_string_equal(account_by_email(&f->db, "a@example.com")->name, "Anne");
	assert_int_equal(registering(f, "a@example.com", "Mallory", "mallory's password"), REGISTERED);
	assert_null(link_to(f, "a@example.com", "/verify/"));
	assert_int_equal(logging_in(f, "a@example.com", "anne's own password"), LOGIN_RIGHT);
}

static void nobody_registers_over_staff(void **state)
{
	struct fixture *f = *state;
	account_add(&f->db, "boss@example.com", "Boss", "en", "", true, false, false);
	assert_int_equal(registering(f, "boss@example.com", "Mallory", "mallory's password"), REGISTERED);
	assert_null(link_to(f, "boss@example.com", "/verify/"));
	assert_int_equal(logging_in(f, "boss@example.com", "mallory's password"), LOGIN_WRONG);
}

static void old_hashes_are_made_anew(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "a@example.com");
	assert_int_equal(logging_in(f, "a@example.com", "wrong horse"), LOGIN_WRONG);
	assert_true(password_needs_rehash(db_text(&f->db, "SELECT password FROM account WHERE id = ?", id)));
	assert_int_equal(logging_in(f, "a@example.com", "correct horse"), LOGIN_RIGHT);
	assert_false(password_needs_rehash(db_text(&f->db, "SELECT password FROM account WHERE id = ?", id)));
	assert_int_equal(logging_in(f, "a@example.com", "correct horse"), LOGIN_RIGHT);
}

static void an_account_without_password_has_no_door(void **state)
{
	struct fixture *f = *state;
	account_add(&f->db, "a@example.com", "Anne", "en", "", false, false, true);
	assert_int_equal(logging_in(f, "a@example.com", ""), LOGIN_WRONG);
	assert_int_equal(logging_in(f, "a@example.com", "x"), LOGIN_WRONG);
}

static void an_address_taken_meanwhile_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	int64_t wait, id = a_member(f, "a@example.com");
	assert_int_equal(account_email_ask(&f->db, id, "new@example.com", "192.0.2.7", &wait), EMAIL_ASKED);
	const char *link = link_to(f, "new@example.com", "/email/");
	assert_non_null(link);
	int64_t other = a_member(f, "new@example.com");
	assert_int_equal(account_email_change(&f->db, link + 7), TOKEN_EXPIRED);
	assert_string_equal(account_of(&f->db, id)->email, "a@example.com");
	assert_string_equal(account_of(&f->db, other)->email, "new@example.com");
}

static void a_reset_needs_its_link(void **state)
{
	struct fixture *f = *state;
	int64_t wait = 0;
	a_member(f, "a@example.com");
	assert_int_not_equal(account_reset(&f->db, "nonsense", "a hash"), TOKEN_GOOD);
	assert_true(account_forgot(&f->db, "a@example.com", "192.0.2.7", &wait));
	const char *link = strrchr(link_to(f, "a@example.com", "/reset/"), '/') + 1;
	assert_int_equal(account_reset(&f->db, link, "the first"), TOKEN_GOOD);
	assert_int_not_equal(account_reset(&f->db, link, "the second"), TOKEN_GOOD);
	assert_string_equal(db_text(&f->db, "SELECT password FROM account"), "the first");
}

/* Every slot taken: nothing is known of the address yet, and nothing is written. */
static void a_registration_waits_for_a_slot(void **state)
{
	struct fixture *f = *state;
	const char *why, *shared = conf.data_folder;
	int64_t wait = 0;
	struct registration registration = { .email = "a@example.com", .name = "A", .password = "correct horse", .language = "en",
		.next = "", .client = "192.0.2.7" };
	slots_of_our_own(f, "1");
	int slot = slot_hold(f, 0);
	enum registered busy = account_register(&f->db, &registration, &wait);
	close(slot);
	enum registered free = account_register(&f->db, &registration, &wait);
	assert_true(conf_set("data_folder", shared, &why));
	assert_int_equal(busy, REGISTER_BUSY);
	assert_int_equal(free, REGISTERED);
	assert_int_equal(mails_to(f, "a@example.com"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(an_address_has_one_account), TEST(names_carry_no_advertising),
		TEST(a_link_serves_once), TEST(a_link_ends), CROWDED(sixty_four_at_once_reset_once),
		TEST(the_newest_registration_counts), TEST(nobody_registers_over_staff),
		TEST(old_hashes_are_made_anew), TEST(an_account_without_password_has_no_door),
		TEST(an_address_taken_meanwhile_stays_where_it_is), TEST(a_reset_needs_its_link),
		TEST(a_registration_waits_for_a_slot) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
