/* settings_test.c: name, language, address, sessions; and that they are one's own. */
#include "people.h"

static const char *const bare = "application/x-www-form-urlencoded";

static void visitors_log_in_first(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/account/settings").location, "/login?next=%2Faccount%2Fsettings");
	assert_string_equal(post(f, "/account/settings", "name=X&language=en").location, "/login?next=%2Faccount%2Fsettings");
	assert_string_equal(post(f, "/account/settings/email", "email=x%40example.com").location, "/login");
	assert_string_equal(post(f, "/account/settings/sessions", "others=1").location, "/login");
}

static void name_and_language(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	struct page page = get(f, "/account/settings");
	assert_int_equal(page.status, 200);
	assert_true(page_says(page, "value=\"Jenny Example\""));
	assert_true(page_says(page, "<option value=\"en\" lang=\"en\" selected>"));
	page = post(f, "/account/settings", "name=Jenny+%26+Co&language=fr");
	assert_string_equal(page.location, "/account/settings?notice=saved");
	page = get(f, page.location);
	assert_true(page_says(page, "<html lang=\"fr\">"));
	assert_true(page_says(page, "value=\"Jenny &amp; Co\""));
	assert_true(page_says(page, "<option value=\"fr\" lang=\"fr\" selected>"));
	assert_string_equal(db_text(&f->db, "SELECT language FROM account WHERE id = ?", id), "fr");
}

static void bad_profiles_come_back(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	static const char *const bad[] = { "", "name=&language=en", "name=Jenny", "name=Jenny&language=de",
		"name=a%0Ab&language=en", "name=https%3A%2F%2Fspam.example&language=en",
		"name=a&name=b&language=en" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(post(f, "/account/settings", bad[i]).status, 422);
	assert_true(page_says(post(f, "/account/settings", "language=en"), "id=\"name-error\""));
	assert_true(page_says(post(f, "/account/settings", "name=J&language=de"), "id=\"language-error\""));
	assert_int_equal(post_raw(f, "/account/settings", bare, "name=X&language=en", conf.base_url).status, 403);
	post(f, "/account/settings", "name=Jenny&language=en&staff=1&email=x%40example.com&id=1");
	assert_int_equal(db_int(&f->db,
						 "SELECT COUNT(*) FROM account WHERE id = ? AND NOT staff AND name = 'Jenny'"
						 " AND email = 'jenny@example.com'",
						 id),
		1);
}

static void another_address_needs_the_password(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	assert_true(page_says(get(f, "/account/settings"), "action=\"/account/settings/email\""));
	later(901);
	assert_false(page_says(get(f, "/account/settings"), "action=\"/account/settings/email\""));
	assert_string_equal(post(f, "/account/settings/email", "email=new%40example.com").location,
		"/reauth?next=%2Faccount%2Fsettings%23email-change");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail"), 0);
	db_run(&f->db, "UPDATE session SET proved_at = ? WHERE account_id = ?", moment_now(), id);
	struct page page = post(f, "/account/settings/email", "email=New%40Example.com");
	assert_string_equal(page.location, "/account/settings?notice=email_sent");
	assert_non_null(link_to(f, "new@example.com", "/email/"));
	assert_true(page_says(get(f, "/account/settings"), "new@example.com is waiting to be confirmed"));
	assert_true(page_says(
		post(f, "/account/settings/email", "email=jenny%40example.com"), "This already is your address."));
	assert_true(page_says(post(f, "/account/settings/email", "email=jenny"), "id=\"email-error\""));
	assert_int_equal(post(f, "/account/settings/email", "").status, 422);
	assert_int_equal(
		post_raw(f, "/account/settings/email", bare, "email=x%40example.com", conf.base_url).status, 403);
}

static void nobody_learns_who_has_an_account(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	moment_clock_set(moment_now());
	struct page unknown = post(f, "/account/settings/email", "email=other%40example.com"),
		    unknown_after = get(f, "/account/settings");
	a_member(f, "other@example.com");
	db_run(&f->db, "DELETE FROM audit WHERE action = 'account.email_asked'");
	struct page known = post(f, "/account/settings/email", "email=other%40example.com"),
		    known_after = get(f, "/account/settings");
	assert_string_equal(known.headers, unknown.headers);
	assert_string_equal(without_tokens(f, known), without_tokens(f, unknown));
	assert_string_equal(without_tokens(f, known_after), without_tokens(f, unknown_after));
	assert_null(link_to(f, "other@example.com", "/email/"));
	assert_int_equal(mails_to(f, "other@example.com"), 2);
}

static void address_mails_are_braked(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	for (int i = 0; i < 5; i++)
		assert_int_equal(post(f, "/account/settings/email", "email=new%40example.com").status, 303);
	struct page page = post(f, "/account/settings/email", "email=new%40example.com");
	assert_int_equal(page.status, 429);
	assert_non_null(header_of(f, page, "Retry-After"));
	assert_int_equal(mails_to(f, "new@example.com"), 5);
}

/* The page came from a POST to a path that no GET has: its links lead to where the form is. */
static void another_language_of_a_refused_form_is_the_page_of_the_form(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	struct page page = post(f, "/account/settings/email?notice=saved", "email=nothing");
	assert_int_equal(page.status, 422);
	assert_true(page_says(page, "href=\"/account/settings?lang=fr\""));
	assert_false(page_says(page, "/account/settings/email?"));
	assert_int_equal(get(f, "/account/settings?lang=fr").status, 200);
	page = post(f, "/account/settings", "name=&language=en");
	assert_true(page_says(page, "href=\"/account/settings?lang="));
	page = post_raw(f, "/logout", bare, "", conf.base_url);
	assert_int_equal(page.status, 403);
	assert_true(page_says(page, "href=\"/?lang="));
}

static const char *session_of(struct fixture *f, int64_t account_id)
{
	return db_text(&f->db,
		"SELECT public_id FROM session WHERE account_id = ? ORDER BY created_at DESC LIMIT 1", account_id);
}

static void sessions_are_listed_and_ended(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com"), stranger = a_member(f, "stranger@example.com");
	log_in(f, stranger);
	const char *foreign = session_of(f, stranger);
	log_out(f);
	log_in(f, id);
	const char *first = session_of(f, id), *first_cookies = mem_text(f->mem, f->cookies);
	log_out(f);
	later(1);
	log_in(f, id);
	const char *own = session_of(f, id);
	db_run(&f->db,
		"UPDATE session SET user_agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0'"
		" WHERE public_id = ?",
		first);
	struct page page = get(f, "/account/settings");
	assert_true(page_says(page, "Firefox, Linux"));
	assert_true(page_says(page, "Unknown device"));
	assert_true(page_says(page, first));
	assert_false(page_says(page, own)); /* this one is ended by logging out */
	assert_false(page_says(page, foreign));
	assert_int_equal(
		post(f, "/account/settings/sessions", mem_format(f->mem, "session=%s", foreign)).status, 404);
	assert_int_equal(post(f, "/account/settings/sessions", "session=").status, 404);
	assert_int_equal(post(f, "/account/settings/sessions", "session=a&session=b").status, 404);
	assert_int_equal(post_raw(f, "/account/settings/sessions", bare, "others=1", conf.base_url).status, 403);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 3);
	page = post(f, "/account/settings/sessions", mem_format(f->mem, "session=%s", first));
	assert_string_equal(page.location, "/account/settings?notice=session_ended");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", id), 1);
	const char *own_cookies = mem_text(f->mem, f->cookies);
	snprintf(f->cookies, sizeof f->cookies, "%s", first_cookies);
	assert_int_equal(get(f, "/account/settings").status, 303);
	for (int i = 0; i < 2; i++) {
		log_out(f);
		log_in(f, id);
	}
	snprintf(f->cookies, sizeof f->cookies, "%s", own_cookies);
	assert_string_equal(post(f, "/account/settings/sessions", "others=yes").location,
		"/account/settings?notice=sessions_ended");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", id), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", stranger), 1);
	assert_int_equal(get(f, "/account/settings").status, 200);
}

static void activity_is_shown_in_words(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	post(f, "/account/settings", "name=Jenny&language=fr");
	post(f, "/account/settings/sessions", "others=yes");
	struct page page = get(f, "/account/settings");
	assert_true(page_says(page, "Autres sessions"));
	assert_false(page_says(page, "activity."));
	assert_false(page_says(page, "session.others_ended"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(visitors_log_in_first), TEST(name_and_language),
		TEST(bad_profiles_come_back), TEST(another_address_needs_the_password),
		TEST(nobody_learns_who_has_an_account), TEST(address_mails_are_braked),
		TEST(another_language_of_a_refused_form_is_the_page_of_the_form), TEST(sessions_are_listed_and_ended), TEST(activity_is_shown_in_words) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
