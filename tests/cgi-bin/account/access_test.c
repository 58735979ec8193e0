/* /account/access and /encours: what is open until when; access tokens made, shown once, revoked. */
#include "../../tokens.h"

#include "access.h"

static const char *access_of(struct fixture *f, int64_t account)
{
	return db_text(&f->db, "SELECT public_id FROM module_access WHERE account_id = ? LIMIT 1", account);
}

static struct access_answer check(struct fixture *f, const char *token)
{
	return access_check(&f->db, (struct access_ask){ .token = token, .module = "", .level = "" });
}

static void empty_is_friendly(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/encours").location, "/login?next=%2Fencours");
	log_in(f, a_member(f, "jenny@example.com"));
	assert_has(get(f, "/account/access"), "No access to modules yet.");
	assert_has(get(f, "/encours"), "No access to modules yet.");
}

static void says_what_is_open_until_when(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *price = a_module_price(f, "studio-pro", "studio", "pro", 30, 5);
	a_purchase(f, omar, a_module_price(f, "atelier", "atelier", "basic", 0, 0));
	int64_t order = a_purchase(f, jenny, price);
	a_purchase(f, jenny, price);
	log_in(f, jenny);
	struct page page = get(f, "/encours");
	assert_int_equal(times(page.body, "class=\"right\""), 2);
	assert_has(page, "Begins later");
	assert_has(page, "Open");
	assert_has(page, moment_iso(f->mem, moment_add_days(moment_now(), 30)));
	assert_has(page, moment_iso(f->mem, moment_add_days(moment_now(), 60)));
	assert_has(page, "Uses left: 5");
	assert_lacks(page, "atelier");
	assert_int_equal(times(page.body, "name=\"uses\""), 1); /* a token only for what is open */
	db_run(&f->db, "UPDATE module_access m JOIN entitlement e ON e.id = m.entitlement_id SET m.uses_left = 0"
		" WHERE e.order_id = ?",
		order);
	assert_has(get(f, "/account/access"), "Used up");
	db_run(&f->db, "UPDATE module_access SET state = 'suspended'");
	assert_has(get(f, "/account/access"), "Suspended");
	db_run(&f->db, "UPDATE module_access SET state = 'active', uses_left = NULL, ends_at = NULL");
	page = get(f, "/account/access");
	assert_has(page, "no limit");
	assert_has(page, "no time limit");
	log_in(f, omar);
	db_run(&f->db, "UPDATE module_access SET state = 'revoked'");
	assert_has(get(f, "/account/access"), "Withdrawn");
}

/* What stands in the box of what was just made. */
static const char *shown(struct fixture *f, struct page page)
{
	const char *at = strstr(page.body, "readonly value=\"");
	return at ? mem_textn(f->mem, at + 16, strcspn(at + 16, "\"")) : NULL;
}

static void a_token_is_shown_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_module_price(f, "studio-pro", "studio", "pro", 30, 0));
	log_in(f, jenny);
	struct page page = post(f, "/account/access", mem_format(f->mem, "access=%s&uses=3", access_of(f, jenny)));
	assert_int_equal(page.status, 200);
	assert_string_equal(header_of(f, page, "Cache-Control"), "no-store");
	const char *token = shown(f, page);
	assert_int_equal(check(f, token).token_uses_left, 3);
	page = get(f, "/account/access");
	assert_null(shown(f, page));
	assert_lacks(page, token);
	assert_has(page, "Uses left: 3");
	const char *id = db_text(&f->db, "SELECT public_id FROM access_token");
	page = post(f, "/account/access/revoke", mem_format(f->mem, "token=%s", id));
	assert_string_equal(page.location, "/account/access?notice=token_revoked");
	assert_int_equal(check(f, token).code, ACCESS_TOKEN_ENDED);
	assert_int_equal(post(f, "/account/access/revoke", mem_format(f->mem, "token=%s", id)).status, 404);
	page = post(f, "/account/access", mem_format(f->mem, "access=%s&uses=", access_of(f, jenny)));
	assert_true(check(f, shown(f, page)).token_unlimited);
}

static void wrong_presses_make_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	a_purchase(f, jenny, a_module_price(f, "studio-pro", "studio", "pro", 30, 0));
	const char *access = access_of(f, jenny), *made;
	log_in(f, omar);
	assert_int_equal(post(f, "/account/access", mem_format(f->mem, "access=%s&uses=", access)).status, 404);
	log_in(f, jenny);
	static const char *const uses[] = { "0", "-1", "x", "1000001", "1.5", "99999999" };
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		struct page page = post(f, "/account/access", mem_format(f->mem, "access=%s&uses=%s", access, uses[i]));
		assert_int_equal(page.status, 422);
		assert_has(page, "role=\"alert\"");
	}
	assert_int_equal(post_raw(f, "/account/access", "application/x-www-form-urlencoded",
		mem_format(f->mem, "access=%s&uses=", access), NULL).status, 403);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM access_token"), 0);
	for (int i = 0; i < ACCESS_TOKENS; i++)
		access_token_make(&f->db, jenny, access, 0, &made);
	struct page page = post(f, "/account/access", mem_format(f->mem, "access=%s&uses=", access));
	assert_int_equal(page.status, 422);
	assert_has(page, "20 tokens already");
	const char *id = db_text(&f->db, "SELECT public_id FROM access_token LIMIT 1");
	log_in(f, omar);
	assert_int_equal(post(f, "/account/access/revoke", mem_format(f->mem, "token=%s", id)).status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(empty_is_friendly), TEST(says_what_is_open_until_when),
		TEST(a_token_is_shown_once), TEST(wrong_presses_make_nothing) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
