/* register_test.c: from the empty form to the account that its mailbox has proven. */
#include "people.h"

#define ANNE "name=Anne+%C3%89t%C3%A9&email=anne%40example.com&password=dix-sept+petits+pois"

static void from_form_to_account(void **state)
{
	struct fixture *f = *state;
	f->language = "fr";
	assert_int_equal(get(f, "/register?next=%2Fcheckout%2Fabc").status, 200);
	struct page page = post(f, "/register", ANNE "&next=%2Fcheckout%2Fabc%3Fq%3D1");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/sent/verify");
	assert_null(header_of(f, page, "Set-Cookie"));
	const char *link = link_to(f, "anne@example.com", "/verify/");
	assert_non_null(link);
	assert_string_equal(
		db_text(&f->db, "SELECT language FROM account WHERE email = 'anne@example.com'"), "fr");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail WHERE secret AND body LIKE '%Anne Été%'"), 1);
	/* Mail scanners open links: that changes nothing, however often. */
	for (int i = 0; i < 3; i++) {
		page = get(f, link);
		assert_int_equal(page.status, 200);
		assert_true(page_says(page, mem_format(f->mem, "action=\"%s\"", link)));
	}
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL"), 0);
	page = post(f, link, "");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/checkout/abc?q=1");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL"), 1);
	assert_int_equal(get(f, "/password").status, 200); /* logged in */
	assert_int_equal(post(f, link, "").status, 410);
	page = get(f, link);
	assert_int_equal(page.status, 410);
	log_out(f);
	assert_int_equal(post(f, "/login", "email=anne%40example.com&password=dix-sept+petits+pois").status, 303);
}

static void links_that_do_not_serve(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_from_unix(1800000000));
	post(f, "/register", ANNE);
	const char *link = link_to(f, "anne@example.com", "/verify/");
	struct page page = get(f, "/verify/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(page.status, 410);
	assert_true(page_says(page, "This link has expired"));
	assert_int_equal(post(f, "/verify/x", "").status, 410);
	assert_int_equal(
		post(f, mem_format(f->mem, "/reset/%s", link + 8), "password=x&password_again=x").status, 410);
	assert_int_equal(post(f, mem_format(f->mem, "/email/%s", link + 8), "").status, 410);
	assert_int_equal(post_raw(f, link, "application/x-www-form-urlencoded", "", conf.base_url).status, 403);
	later(86400);
	assert_int_equal(get(f, link).status, 410);
	assert_int_equal(post(f, link, "").status, 410);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session"), 0);
}

/* A new address, one that waits to be proven, and one with an account: the browser cannot tell them apart. */
static void nobody_learns_who_has_an_account(void **state)
{
	struct fixture *f = *state;
	get(f, "/register");
	struct page fresh_address = post(f, "/register", ANNE);
	struct page waiting = post(f, "/register", ANNE);
	db_run(&f->db, "UPDATE account SET verified_at = NOW(6)");
	struct page known = post(f, "/register", ANNE);
	assert_string_equal(waiting.headers, fresh_address.headers);
	assert_string_equal(without_tokens(f, waiting), without_tokens(f, fresh_address));
	assert_string_equal(known.headers, fresh_address.headers);
	assert_string_equal(without_tokens(f, known), without_tokens(f, fresh_address));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account"), 1);
	assert_int_equal(mails_to(f, "anne@example.com"), 3);
	assert_null(link_to(f, "anne@example.com", "/verify/"));
	assert_non_null(link_to(f, "anne@example.com", "/forgot"));
}

struct bad {
	const char *form, *field;
};

static void bad_forms_come_back(void **state)
{
	struct fixture *f = *state;
	static const struct bad bad[] = {
		{ "email=a%40example.com&password=dix-sept+petits+pois", "name-error" },
		{ "name=+&email=a%40example.com&password=dix-sept+petits+pois", "name-error" },
		{ "name=a%0Ab&email=a%40example.com&password=dix-sept+petits+pois", "name-error" },
		{ "name=win%3A%2F%2Fspam&email=a%40example.com&password=dix-sept+petits+pois", "name-error" },
		{ "name=A&password=dix-sept+petits+pois", "email-error" },
		{ "name=A&email=a&password=dix-sept+petits+pois", "email-error" },
		{ "name=A&email=a%40b.c%0D%0ABcc%3Ax%40y.z&password=dix-sept+petits+pois", "email-error" },
		{ "name=A&email=a%40example.com", "password-error" },
		{ "name=A&email=a%40example.com&password=short", "password-error" },
		{ "name=A&email=a%40example.com&password=password123", "password-error" },
		{ "name=Anne+Example&email=a%40example.com&password=anne+example", "password-error" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct page page = post(f, "/register", bad[i].form);
		if (page.status != 422 || !page_says(page, mem_format(f->mem, "id=\"%s\"", bad[i].field)))
			fail_msg("%s: %d", bad[i].form, page.status);
		assert_false(page_says(page, "petits pois"));
	}
	char name[120];
	memset(name, 'a', sizeof name);
	assert_int_equal(
		post(f, "/register",
			mem_format(f->mem, "name=%.101s&email=a%%40example.com&password=dix-sept+petits", name))
			.status,
		422);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail"), 0);
}

static void fields_not_in_the_form_change_nothing(void **state)
{
	struct fixture *f = *state;
	post(f, "/register", ANNE "&staff=1&seller=1&verified_at=2020-01-01&id=1&language=xx");
	assert_int_equal(db_int(&f->db,
						 "SELECT COUNT(*) FROM account WHERE NOT staff AND NOT seller AND verified_at IS NULL"
						 " AND language = 'en'"),
		1);
}

static void mail_is_braked(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(post(f, "/register", ANNE).status, 303);
	struct page page = post(f, "/register", ANNE);
	assert_int_equal(page.status, 429);
	assert_non_null(header_of(f, page, "Retry-After"));
	assert_int_equal(mails_to(f, "anne@example.com"), 5);
	assert_int_equal(post(f, "/forgot", "email=anne%40example.com").status, 429);
	with(f, "REMOTE_ADDR", "192.0.2.200");
	assert_int_equal(post(f, "/register", ANNE).status, 429);
}

/* Whatever somebody typed into a form of theirs, the session that a link opens is of the account it was
 * mailed to. */
static void a_link_ends_the_session_before(void **state)
{
	struct fixture *f = *state;
	post(f, "/register", ANNE);
	const char *link = link_to(f, "anne@example.com", "/verify/");
	int64_t other = a_member(f, "other@example.com");
	log_in(f, other);
	assert_string_equal(post(f, link, "").location, "/account?notice=welcome");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM session WHERE account_id = ?", other), 0);
	assert_true(page_says(get(f, "/password"), "anne@example.com"));
}

/* In another browser the link alone proves nothing: it may be of somebody else's registration of this address. */
static void elsewhere_the_password_is_asked(void **state)
{
	struct fixture *f = *state;
	post(f, "/register", ANNE);
	const char *link = link_to(f, "anne@example.com", "/verify/");
	assert_false(page_says(get(f, link), "name=\"password\""));
	log_out(f);
	assert_true(page_says(get(f, link), "name=\"password\""));
	assert_int_equal(post(f, link, "").status, 422);
	struct page page = post(f, link, "password=malorys+password");
	assert_int_equal(page.status, 422);
	assert_true(page_says(page, "This is not the password this link was made for"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL"), 0);
	assert_string_equal(post(f, link, "password=dix-sept+petits+pois").location, "/account?notice=welcome");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL"), 1);
}

/* Somebody registers Anne's address behind her: the newest mail, which she takes for hers, does not make his password good. */
static void nobody_registers_behind_another(void **state)
{
	struct fixture *f = *state;
	post(f, "/register", ANNE);
	char *annes = mem_text(f->mem, f->cookies);
	log_out(f);
	post(f, "/register", "name=Mallory&email=anne%40example.com&password=mallory+waits+for+it");
	snprintf(f->cookies, sizeof f->cookies, "%s", annes);
	const char *link = link_to(f, "anne@example.com", "/verify/");
	assert_int_equal(post(f, link, "").status, 422);
	assert_int_equal(post(f, link, "password=dix-sept+petits+pois").status, 422);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(from_form_to_account), TEST(links_that_do_not_serve),
		TEST(nobody_learns_who_has_an_account), TEST(bad_forms_come_back),
		TEST(fields_not_in_the_form_change_nothing), TEST(mail_is_braked),
		TEST(a_link_ends_the_session_before),
		TEST(elsewhere_the_password_is_asked), TEST(nobody_registers_behind_another) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
