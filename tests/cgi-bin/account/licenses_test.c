/* /account/licenses: keys, pages, states, and nobody else's. */
#include "../../buyer.h"

static void empty_is_friendly(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	struct page page = get(f, "/account/licenses");
	assert_int_equal(page.status, 200);
	assert_has(page, "No licences yet.");
}

static void visitor_logs_in_first(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/account/licenses");
	assert_int_equal(page.status, 303);
	assert_string_equal(page.location, "/login?next=%2Faccount%2Flicenses");
}

static void shows_keys_of_the_member_alone(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	a_purchase(f, jenny, price);
	a_purchase(f, omar, price);
	const char *own = db_text(&f->db, "SELECT license_key FROM license WHERE account_id = ?", jenny);
	const char *other = db_text(&f->db, "SELECT license_key FROM license WHERE account_id = ?", omar);
	log_in(f, jenny);
	struct page page = get(f, "/account/licenses");
	assert_has(page, mem_format(f->mem, "readonly value=\"%s\"", own));
	assert_lacks(page, other);
	assert_has(page, "Night Walk");
	assert_has(page, "0 / 3");
	f->language = "fr";
	db_run(&f->db, "UPDATE account SET language = 'fr' WHERE id = ?", jenny);
	assert_has(get(f, "/account/licenses"), "<html lang=\"fr\">");
}

static void pages_by_twenty(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	int64_t jenny = a_member(f, "jenny@example.com");
	for (int i = 0; i < 41; i++)
		a_purchase(f, jenny, price);
	log_in(f, jenny);
	struct page first = get(f, "/account/licenses");
	assert_int_equal(times(first.body, "readonly value="), 20);
	assert_in_range(strlen(first.body), 7 * 1024, 12 * 1024);
	struct page second = get(f, next_of(f, first));
	assert_int_equal(times(second.body, "readonly value="), 20);
	struct page third = get(f, next_of(f, second));
	assert_int_equal(times(third.body, "readonly value="), 1);
	assert_null(next_of(f, third));
	assert_has(third, "href=\"/account/licenses\">Back to the newest");
}

static void forged_cursor_begins_anew(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_price(f, NULL, 1900));
	log_in(f, jenny);
	const char *cursors[] = { "1", "-1", "", "zz", "00000000000000000000000000000000", "9223372036854775808" };
	for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
		struct page page = get(f, mem_format(f->mem, "/account/licenses?before=%s", cursors[i]));
		assert_int_equal(page.status, 200);
		assert_int_equal(times(page.body, "readonly value="), 1);
	}
}

static void tells_states(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, price);
	log_in(f, jenny);
	db_run(&f->db, "UPDATE license SET state = 'revoked' WHERE account_id = ?", jenny);
	assert_has(get(f, "/account/licenses"), "Withdrawn");
	db_run(&f->db, "UPDATE license SET state = 'active', expires_at = ? WHERE account_id = ?",
		moment_add_days(moment_now(), -1), jenny);
	assert_has(get(f, "/account/licenses"), "Ended");
	db_run(&f->db, "UPDATE license SET expires_at = NULL, seats = NULL WHERE account_id = ?", jenny);
	struct page page = get(f, "/account/licenses");
	assert_has(page, "Active");
	assert_has(page, "no limit");
}

static void long_names_are_escaped(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_price(f, NULL, 1900));
	char title[256];
	memset(title, 'n', 255);
	memcpy(title, "<b>&\"'", 6);
	title[255] = 0;
	db_run(&f->db, "UPDATE license SET title = ? WHERE account_id = ?", title, jenny);
	log_in(f, jenny);
	struct page page = get(f, "/account/licenses");
	assert_has(page, "&lt;b&gt;&amp;&quot;&#39;nnn");
	assert_lacks(page, "<b>&");
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(empty_is_friendly), TEST(visitor_logs_in_first),
		TEST(shows_keys_of_the_member_alone), TEST(pages_by_twenty), TEST(forged_cursor_begins_anew),
		TEST(tells_states), TEST(long_names_are_escaped) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
