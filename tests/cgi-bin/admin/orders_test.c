/* GET /admin/orders: page by page, held ones first, found by number and by address as people type them. */
#include "../../clerk.h"
#include "form.h"

#include <ctype.h>

static void it_is_for_staff(void **state)
{
	struct fixture *f = *state;
	shown_to_staff_alone(f, "/admin/orders");
}

static void no_orders_is_no_list(void **state)
{
	struct fixture *f = *state;
	a_clerk(f);
	struct page page = get(f, "/admin/orders");
	assert_int_equal(page.status, 200);
	assert_lacks(page, "class=\"row\"");
	assert_lacks(page, "No order has this number");
	assert_has(page, "role=\"search\"");
	assert_null(next_of(f, page));
}

static void they_come_by_thirty_newest_first(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), ids[65];
	const char *price = a_price(f, NULL, 1900);
	for (int i = 0; i < 65; i++)
		ids[i] = an_order(f, jenny, price);
	a_clerk(f);
	struct page first = get(f, "/admin/orders"), second = get(f, next_of(f, first)), third = get(f, next_of(f, second));
	assert_int_equal(times(first.body, "class=\"row\""), 30);
	assert_int_equal(times(second.body, "class=\"row\""), 30);
	assert_int_equal(times(third.body, "class=\"row\""), 5);
	assert_true(strstr(first.body, number_of(f, ids[64])) < strstr(first.body, number_of(f, ids[63])));
	assert_has(second, number_of(f, ids[34]));
	assert_has(third, number_of(f, ids[0]));
	assert_null(next_of(f, third));
	assert_lacks(first, "<a href=\"/admin/orders\">Newest");
	assert_has(second, "<p class=\"pages\"><a href=\"/admin/orders\">");
	static const char *const bent[] = { "x", "0", "-1", "ffffffffffffffffffffffffffffffff", "%FF" };
	for (size_t i = 0; i < sizeof bent / sizeof bent[0]; i++)
		assert_int_equal(get(f, mem_format(f->mem, "/admin/orders?before=%s", bent[i])).status < 500, 1);
}

static void held_ones_stand_first(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *price = a_price(f, NULL, 1900);
	int64_t held = an_order(f, jenny, price), other = an_order(f, omar, price);
	for (int i = 0; i < 31; i++)
		an_order(f, jenny, price);
	db_run(&f->db, "UPDATE orders SET review = 'amount_mismatch' WHERE id IN (?, ?)", held, other);
	a_clerk(f);
	struct page page = get(f, "/admin/orders");
	const char *all = strstr(page.body, "id=\"all\"");
	assert_true(strstr(page.body, number_of(f, held)) < all && strstr(page.body, number_of(f, other)) < all);
	assert_has(page, "state review\">");
	assert_has(page, "the amount paid is not that of the order");
	assert_lacks(get(f, next_of(f, page)), "id=\"held\""); /* where the list begins, and nowhere else */
	page = get(f, "/admin/orders?q=omar%40example.com");
	assert_int_equal(times(page.body, "class=\"row\""), 2); /* held, and in the list */
	assert_lacks(page, number_of(f, held));
}

static void a_number_is_found_however_it_is_typed(void **state)
{
	struct fixture *f = *state;
	int64_t order = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	const char *number = number_of(f, order);
	a_clerk(f);
	char *lower = mem_text(f->mem, number), *spread = mem_format(f->mem, "+%.3s+%%09%s+", number, number + 3);
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	const char *const typed[] = { number, lower, spread };
	for (size_t i = 0; i < 3; i++) {
		struct page page = get(f, mem_format(f->mem, "/admin/orders?q=%s", typed[i]));
		assert_int_equal(page.status, 303);
		assert_string_equal(page.location, mem_format(f->mem, "/admin/orders/%s", number));
	}
}

static void an_address_is_found_and_kept_from_page_to_page(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny+shop@example.com"), omar = a_member(f, "omar@example.com");
	const char *price = a_price(f, NULL, 1900);
	for (int i = 0; i < 32; i++)
		an_order(f, i % 2 ? jenny : omar, price);
	for (int i = 0; i < 16; i++)
		an_order(f, jenny, price);
	a_clerk(f);
	struct page page = get(f, "/admin/orders?q=Jenny%2BShop%40Example.com");
	assert_int_equal(times(page.body, "class=\"row\""), 30);
	assert_lacks(page, "omar@example.com");
	assert_has(page, "value=\"Jenny+Shop@Example.com\"");
	const char *next = next_of(f, page);
	assert_non_null(strstr(next, "q=Jenny%2BShop%40Example.com"));
	char *amp = strstr(next, "&amp;"); /* as the browser reads it */
	page = get(f, amp ? mem_format(f->mem, "%.*s%s", (int)(amp - next) + 1, next, amp + 5) : next);
	assert_int_equal(times(page.body, "class=\"row\""), 2);
	assert_lacks(page, "omar@example.com");
}

static void what_nobody_has_is_said(void **state)
{
	static const char *const none[] = { "nobody%40example.com", "AAAA-BBBB-CCCC", "%3Cb%3E%22", "%C3%A9t%C3%A9", "%27+OR+1%3D1",
		"%40", "a%40b%C3%A9.example", "%00", "%25" };
	struct fixture *f = *state;
	int64_t order = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET review = 'amount_mismatch' WHERE id = ?", order);
	a_clerk(f);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		struct page page = get(f, mem_format(f->mem, "/admin/orders?q=%s", none[i]));
		bool unreadable = !strcmp(none[i], "%00"); /* as if nothing was asked */
		if (page.status != 200 || !strstr(page.body, "No order has this number, and nobody this address.") != unreadable)
			fail_msg("%s: %d", none[i], page.status);
		assert_int_equal(times(page.body, "class=\"row\""), unreadable ? 2 : 0);
	}
	assert_has(get(f, "/admin/orders?q=%3Cb%3E%22"), "value=\"&lt;b&gt;&quot;\"");
	const char *most = mem_format(f->mem, "%0254d", 0);
	assert_has(get(f, mem_format(f->mem, "/admin/orders?q=%s", most)), mem_format(f->mem, "value=\"%s\"", most));
	assert_has(get(f, "/admin/orders?q=a%40b&lang=fr"), "value=\"a@b\"");
	struct page page = get(f, "/admin/orders?q=+%09+"); /* nothing but spaces asks for nothing */
	assert_int_equal(times(page.body, "class=\"row\""), 2);
	an_order(f, a_member(f, "zoé@example.com"), a_price(f, "other", 300));
	page = get(f, "/admin/orders?q=zo%C3%A9%40example.com");
	assert_int_equal(times(page.body, "class=\"row\""), 1);
	page = get(f, "/admin/orders?q=+jenny%40example.com+"); /* as it is pasted */
	assert_int_equal(times(page.body, "class=\"row\""), 2);
}

static void long_addresses_are_whole(void **state)
{
	struct fixture *f = *state;
	const char *email = mem_format(f->mem, "%0230d&amp@example.com", 0);
	an_order(f, a_member(f, email), a_price(f, NULL, 0));
	db_run(&f->db, "UPDATE orders SET total = 0");
	a_clerk(f);
	struct page page = get(f, "/admin/orders");
	assert_has(page, mem_format(f->mem, "%0230d&amp;amp@example.com", 0));
	assert_has(page, "Free");
	page = get(f, mem_format(f->mem, "/admin/orders?q=%s", url_encode(f->mem, email)));
	assert_int_equal(times(page.body, "class=\"row\""), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(it_is_for_staff), TEST(no_orders_is_no_list), TEST(they_come_by_thirty_newest_first),
		TEST(held_ones_stand_first), TEST(a_number_is_found_however_it_is_typed),
		TEST(an_address_is_found_and_kept_from_page_to_page), TEST(what_nobody_has_is_said), TEST(long_addresses_are_whole) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
