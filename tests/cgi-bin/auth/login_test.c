/* login_test.c: logging in and out: every way it can end, and that none of them tells who has an account. */
#include "people.h"

static const char right[] = "email=jenny%40example.com&password=correct+horse";
static const char wrong[] = "email=jenny%40example.com&password=wrong+horse";

static void the_form_is_shown(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/login?next=%2Fcheckout%2Fabc%3Fx%3D1");
	assert_int_equal(page.status, 200);
	assert_true(page_says(page, "action=\"/login\""));
	assert_true(page_says(page, "name=\"next\" value=\"/checkout/abc?x=1\""));
	assert_true(page_says(page, "/register?next=%2Fcheckout%2Fabc%3Fx%3D1"));
	assert_true(page_says(page, "Log in, and we take you back to your purchase."));
	f->language = "fr";
	assert_true(page_says(get(f, "/login"), "<html lang=\"fr\">"));
}

static void the_right_password_opens(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	struct page page = post(f, "/login", "email=+Jenny%40Example.COM+&password=correct+horse");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/account");
	assert_non_null(strstr(header_of(f, page, "Set-Cookie"), "HttpOnly; SameSite=Lax"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", id), 1);
	assert_int_equal(
		db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE account_id = ? AND action = 'session.started'", id),
		1);
	/* Who is in already need not come in again. */
	assert_string_equal(get(f, "/login").location, "/account");
	assert_string_equal(get(f, "/register?next=/account/orders").location, "/account/orders");
	assert_string_equal(post(f, "/login", right).location, "/account");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", id), 1);
}

/* Whoever comes every day need not log in again: the cookie lasts as long as its session. */
static void a_session_in_use_does_not_end(void **state)
{
	struct fixture *f = *state;
	a_member(f, "jenny@example.com");
	post(f, "/login", right);
	assert_null(header_of(f, get(f, "/login"), "Set-Cookie"));
	db_run(&f->db, "UPDATE session SET seen_at = ?, expires_at = ?", moment_add_days(moment_now(), -20),
		moment_add_days(moment_now(), 10));
	const char *cookie = header_of(f, get(f, "/login"), "Set-Cookie");
	assert_non_null(cookie);
	assert_non_null(strstr(cookie, mem_format(f->mem, "Max-Age=%d;", (int)conf.session_days * 86400)));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE expires_at > ?",
		moment_add_days(moment_now(), conf.session_days - 1)), 1);
	assert_string_equal(get(f, "/login").location, "/account"); /* it is the same one */
	assert_null(header_of(f, get(f, "/login"), "Set-Cookie"));
}

/* A form that is open may be sent for a day, however long ago the visitor came first. */
static void a_visitor_s_cookie_outlives_the_form(void **state)
{
	struct fixture *f = *state;
	const char *first = header_of(f, get(f, "/login"), "Set-Cookie"), *again = header_of(f, get(f, "/login"), "Set-Cookie");
	assert_non_null(first);
	assert_non_null(again);
	assert_string_equal(first, again);
	assert_non_null(strstr(again, "Max-Age=86400;"));
}

/* Not even in another language. */
static void a_refusal_keeps_the_way(void **state)
{
	struct fixture *f = *state;
	struct page page = post(f, "/login", "email=nobody%40example.com&password=wrong+password&next=%2Fcheckout%2Fabc%3Fx%3D1");
	assert_int_equal(page.status, 422);
	assert_true(page_says(page, "href=\"/login?next=%2Fcheckout%2Fabc%3Fx%3D1&amp;lang=fr\""));
	page = post(f, "/login", "email=nobody%40example.com&password=wrong+password&next=%2F%2Fevil.example");
	assert_true(page_says(page, "href=\"/login?lang=fr\""));
}

static void it_goes_on_to_next_of_this_site_only(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *next, *location;
	} cases[] = {
		{ "%2Fcheckout%2Fabc%3Fq%3D2%26x%3D1", "/checkout/abc?q=2&x=1" },
		{ "%2Fa+b%2F%C3%A9", "/a%20b/%C3%A9" },
		{ "https%3A%2F%2Fevil.example%2F", "/account" },
		{ "%2F%2Fevil.example", "/account" },
		{ "%2F%5Cevil.example", "/account" },
		{ "%2Fa%0D%0ASet-Cookie%3Ax%3D1", "/account" },
		{ "javascript%3Aalert(1)", "/account" },
		{ "", "/account" },
		{ "x", "/account" },
	};
	a_member(f, "jenny@example.com");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		log_out(f);
		struct page page = post(f, "/login", mem_format(f->mem, "%s&next=%s", right, cases[i].next));
		assert_int_equal(page.status, 303);
		assert_string_equal(page.location, cases[i].location);
		assert_null(strstr(page.headers, "Set-Cookie:x"));
	}
}

static void nobody_learns_who_has_an_account(void **state)
{
	struct fixture *f = *state;
	get(f, "/login");
	struct page unknown = post(f, "/login", wrong);
	a_member(f, "jenny@example.com");
	struct page known = post(f, "/login", wrong);
	db_run(&f->db, "UPDATE account SET verified_at = NULL");
	struct page unproven = post(f, "/login", wrong);
	assert_int_equal(known.status, 422);
	assert_true(page_says(known, "The email address or the password is wrong."));
	assert_string_equal(without_tokens(f, known), without_tokens(f, unknown));
	assert_string_equal(known.headers, unknown.headers);
	assert_string_equal(without_tokens(f, unproven), without_tokens(f, unknown));
	assert_string_equal(unproven.headers, unknown.headers);
	assert_false(page_says(known, "wrong horse"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail"), 0);
}

static void bad_forms_come_back(void **state)
{
	struct fixture *f = *state;
	a_member(f, "jenny@example.com");
	static const char *const bad[] = { "", "email=jenny%40example.com", "password=correct+horse",
		"email=jenny&password=x", "email=jenny%40example.com&password=",
		"email=jenny%40example.com&email=b%40example.com&password=correct+horse",
		"email=%FF%40example.com&password=correct+horse", "email=a%00b%40example.com&password=x",
		"email=jenny%40example.com&password=%01correct+horse" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(post(f, "/login", bad[i]).status, 422);
	assert_true(page_says(post(f, "/login", "email=jenny&password=x"), "id=\"email-error\""));
	assert_true(page_says(post(f, "/login", "email=jenny%40example.com"), "id=\"password-error\""));
	assert_true(
		page_says(post(f, "/login", "email=%22%3E%3Cscript%3E&password=x"), "&quot;&gt;&lt;script&gt;"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 0);
}

static void a_form_without_its_token_is_refused(void **state)
{
	struct fixture *f = *state;
	a_member(f, "jenny@example.com");
	const char *type = "application/x-www-form-urlencoded";
	assert_int_equal(post_raw(f, "/login", type, right, conf.base_url).status, 403);
	get(f, "/login");
	assert_int_equal(
		post_raw(f, "/login", type, mem_format(f->mem, "%s&csrf=guessed", right), conf.base_url).status, 403);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 0);
}

static void guessing_is_braked_for_everyone_alike(void **state)
{
	struct fixture *f = *state;
	get(f, "/login");
	a_member(f, "jenny@example.com");
	moment_clock_set(moment_from_unix(1800000000));
	for (int i = 0; i < 10; i++)
		assert_int_equal(post(f, "/login", wrong).status, 422);
	struct page page = post(f, "/login", right);
	assert_int_equal(page.status, 429);
	assert_string_equal(header_of(f, page, "Retry-After"), "901");
	assert_true(page_says(page, "Too many tries."));
	for (int i = 0; i < 11; i++)
		page = post(f, "/login", "email=nobody%40example.com&password=x");
	assert_int_equal(page.status, 429);
	later(901);
	assert_int_equal(post(f, "/login", right).status, 303);
	log_out(f);
	for (int i = 0; i < 10; i++) /* the right password began a new count */
		assert_int_equal(post(f, "/login", wrong).status, 422);
}

static void one_client_may_not_try_everybody(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_from_unix(1800000000));
	db_run(&f->db, "DELETE FROM throttle");
	for (int i = 0; i < 51; i++) {
		struct page page = post(f, "/login", mem_format(f->mem, "email=%d%%40example.com&password=x", i));
		assert_int_equal(page.status, i < 50 ? 422 : 429);
	}
	with(f, "REMOTE_ADDR", "192.0.2.8");
	assert_int_equal(post(f, "/login", "email=x%40example.com&password=x").status, 422);
}

static void an_unproven_address_gets_a_new_link(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	db_run(&f->db, "UPDATE account SET verified_at = NULL WHERE id = ?", id);
	struct page page = post(f, "/login", mem_format(f->mem, "%s&next=%%2Fcheckout%%2Fabc", right));
	assert_string_equal(page.location, "/sent/verify");
	assert_null(header_of(f, page, "Set-Cookie"));
	const char *link = link_to(f, "jenny@example.com", "/verify/");
	assert_non_null(link);
	for (int i = 0; i < 4; i++)
		assert_string_equal(post(f, "/login", right).location, "/sent/verify");
	assert_int_equal(post(f, "/login", right).status, 429);
	assert_int_equal(mails_to(f, "jenny@example.com"), 5);
	link = link_to(f, "jenny@example.com", "/verify/");
	assert_string_equal(post(f, link, "").location, "/account?notice=welcome");
}

static void logging_out_ends_the_session(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	assert_int_equal(get(f, "/logout").status, 405);
	char *cookies = mem_text(f->mem, f->cookies);
	struct page page = post(f, "/logout", "");
	assert_string_equal(page.location, "/?notice=logged_out");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 0);
	snprintf(f->cookies, sizeof f->cookies, "%s", cookies);
	assert_int_equal(get(f, "/password").status, 303); /* the cookie alone is worth nothing */
	log_out(f);
	assert_string_equal(post(f, "/logout", "").location, "/?notice=logged_out");
}

static void logging_in_renews_the_cookie(void **state)
{
	struct fixture *f = *state;
	a_member(f, "jenny@example.com");
	snprintf(f->cookies, sizeof f->cookies, "%s", "session=0123456789012345678901234567890123456789012");
	post(f, "/login", right);
	assert_null(strstr(f->cookies, "0123456789012345678901234567890123456789012"));
	assert_int_equal(get(f, "/password").status, 200);
}

static void a_busy_host_says_so(void **state)
{
	struct fixture *f = *state;
	const char *why, *shared = conf.data_folder;
	a_member(f, "jenny@example.com");
	slots_of_our_own(f, "1");
	int slot = slot_hold(f, 0);
	struct page page = post(f, "/login", right);
	close(slot);
	assert_int_equal(page.status, 503);
	assert_non_null(header_of(f, page, "Retry-After"));
	assert_int_equal(post(f, "/login", right).status, 303);
	assert_true(conf_set("data_folder", shared, &why) && conf_set("hash_slots", "2", &why));
}

static void mailboxes_are_pointed_to(void **state)
{
	struct fixture *f = *state;
	assert_true(page_says(get(f, "/sent/verify"), "The link works for 24 hours."));
	assert_true(page_says(get(f, "/sent/reset"), "The link works for 10 minutes."));
	assert_int_equal(get(f, "/sent/other").status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(the_form_is_shown), TEST(the_right_password_opens),
		TEST(it_goes_on_to_next_of_this_site_only), TEST(a_refusal_keeps_the_way),
		TEST(a_session_in_use_does_not_end), TEST(a_visitor_s_cookie_outlives_the_form), TEST(nobody_learns_who_has_an_account),
		TEST(bad_forms_come_back), TEST(a_form_without_its_token_is_refused),
		TEST(guessing_is_braked_for_everyone_alike), TEST(one_client_may_not_try_everybody),
		TEST(an_unproven_address_gets_a_new_link), TEST(logging_out_ends_the_session),
		TEST(logging_in_renews_the_cookie), TEST(a_busy_host_says_so), TEST(mailboxes_are_pointed_to) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
