/* reset_test.c: the forgotten password: from the question to the new one. */
#include "people.h"

#define NEW "password=neuf+choux+fleurs&password_again=neuf+choux+fleurs"

static const char *a_reset_link(struct fixture *f)
{
	assert_string_equal(post(f, "/forgot", "email=jenny%40example.com").location, "/sent/reset");
	const char *link = link_to(f, "jenny@example.com", "/reset/");
	assert_non_null(link);
	return link;
}

static void from_question_to_new_password(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	log_in(f, id);
	const char *session = mem_text(f->mem, f->cookies);
	log_out(f);
	assert_int_equal(get(f, "/forgot").status, 200);
	const char *link = a_reset_link(f), *second = a_reset_link(f);
	for (int i = 0; i < 3; i++) {
		struct page page = get(f, link);
		assert_int_equal(page.status, 200);
		assert_true(page_says(page, mem_format(f->mem, "action=\"%s\"", link)));
	}
	struct page page = post(f, link, NEW);
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/login?notice=reset_done");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", id), 0);
	assert_int_equal(post(f, "/login", "email=jenny%40example.com&password=correct+horse").status, 422);
	assert_int_equal(post(f, "/login", "email=jenny%40example.com&password=neuf+choux+fleurs").status, 303);
	assert_int_equal(mails_to(f, "jenny@example.com"), 3); /* two links, and that it was changed */
	page = post(f, link, NEW);
	assert_int_equal(page.status, 410);
	assert_true(page_says(page, "This link has already been used"));
	assert_int_equal(post(f, second, NEW).status, 410); /* the other link died with it */
	snprintf(f->cookies, sizeof f->cookies, "%s", session);
	assert_int_equal(get(f, "/password").status, 303); /* the old session is over */
}

static void nobody_learns_who_has_an_account(void **state)
{
	struct fixture *f = *state;
	get(f, "/forgot");
	struct page unknown = post(f, "/forgot", "email=jenny%40example.com");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail"), 0);
	a_member(f, "jenny@example.com");
	struct page known = post(f, "/forgot", "email=jenny%40example.com");
	assert_int_equal(mails_to(f, "jenny@example.com"), 1);
	assert_int_equal(known.status, 303);
	assert_string_equal(known.headers, unknown.headers);
	assert_string_equal(without_tokens(f, known), without_tokens(f, unknown));
}

static void the_brake_does_not_tell_either(void **state)
{
	struct fixture *f = *state;
	get(f, "/forgot");
	moment_clock_set(moment_from_unix(1800000000));
	a_member(f, "known@example.com");
	struct page known, unknown;
	for (int i = 0; i < 6; i++) {
		known = post(f, "/forgot", "email=known%40example.com");
		unknown = post(f, "/forgot", "email=other%40example.com");
	}
	assert_int_equal(known.status, 429);
	assert_string_equal(known.headers, unknown.headers);
	assert_int_equal(mails_to(f, "known@example.com"), 5);
}

static void bad_forms_come_back(void **state)
{
	struct fixture *f = *state;
	a_member(f, "jenny@example.com");
	assert_int_equal(post(f, "/forgot", "").status, 422);
	assert_true(page_says(post(f, "/forgot", "email=jenny"), "id=\"email-error\""));
	const char *link = a_reset_link(f);
	static const struct {
		const char *form, *field;
	} bad[] = {
		{ "", "password-error" }, { "password=short&password_again=short", "password-error" },
		{ "password=password123&password_again=password123", "password-error" },
		{ "password=jenny%40example.com&password_again=jenny%40example.com", "password-error" },
		{ "password=neuf+choux+fleurs", "password-again-error" },
		{ "password=neuf+choux+fleurs&password_again=neuf+choux", "password-again-error" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct page page = post(f, link, bad[i].form);
		assert_int_equal(page.status, 422);
		assert_true(page_says(page, mem_format(f->mem, "id=\"%s\"", bad[i].field)));
	}
	assert_int_equal(post_raw(f, link, "application/x-www-form-urlencoded", NEW, conf.base_url).status, 403);
	assert_int_equal(post(f, link, NEW).status, 303); /* a slip does not use the link up */
}

static void links_that_do_not_serve(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	moment_clock_set(moment_from_unix(1800000000));
	const char *link = a_reset_link(f);
	assert_int_equal(get(f, "/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status, 410);
	assert_int_equal(post(f, "/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NEW).status, 410);
	assert_int_equal(post(f, mem_format(f->mem, "/verify/%s", link + 7), "").status, 410);
	later(600);
	assert_int_equal(post(f, link, NEW).status, 410);
	link = a_reset_link(f);
	db_run(&f->db, "UPDATE account SET email = 'moved@example.com' WHERE id = ?", id);
	assert_int_equal(
		post(f, link, NEW).status, 410); /* it went to a mailbox that is not the account's any more */
	assert_int_equal(post(f, "/login", "email=moved%40example.com&password=correct+horse").status, 303);
}

/* Ten guesses locked the door; the mailbox opens it. */
static void a_new_password_releases_the_brake(void **state)
{
	struct fixture *f = *state;
	a_member(f, "jenny@example.com");
	for (int i = 0; i < 11; i++)
		post(f, "/login", "email=jenny%40example.com&password=wrong");
	post(f, a_reset_link(f), NEW);
	assert_int_equal(post(f, "/login", "email=jenny%40example.com&password=neuf+choux+fleurs").status, 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(from_question_to_new_password),
		TEST(nobody_learns_who_has_an_account), TEST(the_brake_does_not_tell_either),
		TEST(bad_forms_come_back), TEST(links_that_do_not_serve), TEST(a_new_password_releases_the_brake) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
