/* password_test.c: the password once more, and another password. */
#include "account.h"
#include "people.h"

#define CHANGE "password_old=correct+horse&password=neuf+choux+fleurs&password_again=neuf+choux+fleurs"

static void visitors_log_in_first(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/reauth?next=/account/settings").location,
		"/login?next=%2Freauth%3Fnext%3D%2Faccount%2Fsettings");
	assert_string_equal(get(f, "/password").location, "/login?next=%2Fpassword");
	assert_string_equal(post(f, "/password", CHANGE).location, "/login?next=%2Fpassword");
}

static void the_password_once_more(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	assert_string_equal(get(f, "/reauth?next=%2Faccount%2Fsettings%23email-change").location,
		"/account/settings#email-change");
	later(901);
	struct page page = get(f, "/reauth?next=%2Faccount%2Fsettings%23email-change");
	assert_int_equal(page.status, 200);
	assert_true(page_says(page, "value=\"/account/settings#email-change\""));
	assert_true(page_says(page, "jenny@example.com"));
	assert_int_equal(post(f, "/reauth", "").status, 422);
	page = post(f, "/reauth", "password=wrong+horse&next=%2Faccount");
	assert_int_equal(page.status, 422);
	assert_true(page_says(page, "id=\"password-error\""));
	assert_int_equal(get(f, "/reauth").status, 200);
	assert_string_equal(
		post(f, "/reauth", "password=correct+horse&next=//evil.example").location, "/account");
	assert_int_equal(get(f, "/reauth").status, 303);
	later(901);
	assert_string_equal(
		post(f, "/reauth", "password=correct+horse&next=/account/settings").location, "/account/settings");
	later(901);
	for (int i = 0; i < 10; i++)
		assert_int_equal(post(f, "/reauth", "password=wrong").status, 422);
	page = post(f, "/reauth", "password=correct+horse");
	assert_int_equal(page.status, 429);
	assert_non_null(header_of(f, page, "Retry-After"));
}

static void another_password(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	const char *other = mem_text(f->mem, f->cookies);
	log_out(f);
	log_in(f, id);
	assert_int_equal(get(f, "/password").status, 200);
	assert_string_equal(post(f, "/password", CHANGE).location, "/account/settings?notice=password_changed");
	assert_int_equal(get(f, "/password").status, 200); /* this session goes on */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", id), 1);
	assert_int_equal(mails_to(f, "jenny@example.com"), 1);
	assert_int_equal(
		db_int(&f->db,
			"SELECT COUNT(*) FROM audit WHERE account_id = ? AND action = 'account.password_changed'", id),
		1);
	snprintf(f->cookies, sizeof f->cookies, "%s", other);
	assert_int_equal(get(f, "/password").status, 303);
	log_out(f);
	assert_int_equal(post(f, "/login", "email=jenny%40example.com&password=correct+horse").status, 422);
	assert_int_equal(post(f, "/login", "email=jenny%40example.com&password=neuf+choux+fleurs").status, 303);
}

static void bad_forms_come_back(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	static const struct {
		const char *form, *field;
	} bad[] = {
		{ "", "password-old-error" },
		{ "password_old=wrong+horse&password=neuf+choux+fleurs&password_again=neuf+choux+fleurs",
			"password-old-error" },
		{ "password_old=correct+horse&password=short&password_again=short", "password-error" },
		{ "password_old=correct+horse&password=jenny+example&password_again=jenny+example",
			"password-error" },
		{ "password_old=correct+horse&password=neuf+choux+fleurs&password_again=other",
			"password-again-error" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct page page = post(f, "/password", bad[i].form);
		assert_int_equal(page.status, 422);
		assert_true(page_says(page, mem_format(f->mem, "id=\"%s\"", bad[i].field)));
	}
	assert_int_equal(
		post_raw(f, "/password", "application/x-www-form-urlencoded", CHANGE, conf.base_url).status, 403);
	for (int i = 0; i < 9; i++)
		post(f, "/password", bad[1].form);
	assert_int_equal(post(f, "/password", bad[1].form).status, 429);
	assert_int_equal(post(f, "/password", CHANGE).status, 429);
	assert_int_equal(mails_to(f, "jenny@example.com"), 0);
}

static const char *asked(struct fixture *f, int64_t id, const char *email)
{
	int64_t wait;
	assert_int_equal(account_email_ask(&f->db, id, email, "192.0.2.7", &wait), EMAIL_ASKED);
	return link_to(f, email, "/email/");
}

static void another_address(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	const char *link = asked(f, id, "new@example.com");
	for (int i = 0; i < 3; i++) {
		struct page page = get(f, link);
		assert_int_equal(page.status, 200);
		assert_true(page_says(page, "new@example.com"));
	}
	assert_string_equal(account_of(&f->db, id)->email, "jenny@example.com");
	assert_int_equal(post_raw(f, link, "application/x-www-form-urlencoded", "", conf.base_url).status, 403);
	assert_string_equal(post(f, link, "").location, "/login?notice=email_changed");
	assert_string_equal(account_of(&f->db, id)->email, "new@example.com");
	const char *told = db_text(&f->db, "SELECT body FROM mail WHERE recipient = 'jenny@example.com'");
	assert_non_null(strstr(told, "n•••@example.com"));
	assert_null(strstr(told, "new@example.com"));
	assert_int_equal(post(f, link, "").status, 410);
	assert_int_equal(post(f, "/login", "email=jenny%40example.com&password=correct+horse").status, 422);
	assert_int_equal(post(f, "/login", "email=new%40example.com&password=correct+horse").status, 303);
	assert_string_equal(
		post(f, asked(f, id, "third@example.com"), "").location, "/account/settings?notice=email_changed");
}

static void an_address_link_ends(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	moment_clock_set(moment_from_unix(1800000000));
	const char *first = asked(f, id, "new@example.com"), *second = asked(f, id, "newer@example.com");
	assert_int_equal(post(f, first, "").status, 410); /* the last wish counts */
	later(3600);
	assert_int_equal(get(f, second).status, 410);
	assert_int_equal(post(f, second, "").status, 410);
	assert_string_equal(account_of(&f->db, id)->email, "jenny@example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(visitors_log_in_first), TEST(the_password_once_more),
		TEST(another_password), TEST(bad_forms_come_back), TEST(another_address),
		TEST(an_address_link_ends) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
