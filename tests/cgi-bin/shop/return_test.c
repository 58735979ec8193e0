/* return_test.c: what the page after a payment says and where it leads to, in every state of the order. */
#include "../../tokens.h"

static struct page state_shown(struct fixture *f, const char *state, const char *review, bool later)
{
	db_run(&f->db, "UPDATE orders SET state = ?, review = ?, settles_later = ?, stripe_session = 'cs_test_x'", state,
		review, later);
	struct page page = get(f, mem_format(f->mem, "/checkout/return/%s", db_text(&f->db, "SELECT number FROM orders")));
	assert_int_equal(page.status, 200);
	return page;
}

static void the_return_page_tells_the_truth(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), id;
	order_make(&f->db, buyer, a_price(f, "walk", 1900), 1, random_id(f->mem), "en", &id);
	log_in(f, buyer);
	struct page waiting = state_shown(f, "pending", "", false);
	assert_string_equal(header_of(f, waiting, "Refresh"), "2");
	state_shown(f, "pending", "", false);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'order_check'"), 1);
	struct page shown[] = { waiting, state_shown(f, "paid", "", false), state_shown(f, "failed", "", false),
		state_shown(f, "expired", "", false), state_shown(f, "pending", "amount_mismatch", false),
		state_shown(f, "pending", "", true) };
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(shown[i].body, shown[j].body);
	for (size_t i = 1; i < 6; i++)
		assert_null(header_of(f, shown[i], "Refresh"));
	assert_int_equal(get(f, "/checkout/return/AAAA-BBBB-CCCC").status, 404);
	log_out(f);
	log_in(f, a_member(f, "b@example.com"));
	const char *number = db_text(&f->db, "SELECT number FROM orders");
	assert_int_equal(get(f, mem_format(f->mem, "/checkout/return/%s", number)).status, 404);
	assert_int_equal(post(f, mem_format(f->mem, "/checkout/again/%s", number), "").status, 404);
}

static struct page thanked(struct fixture *f, int64_t buyer, const char *price)
{
	struct page page = get(f, mem_format(f->mem, "/checkout/return/%s", number_of(f, a_purchase(f, buyer, price))));
	assert_has(page, "Thank you!");
	return page;
}

static void the_return_page_leads_to_what_was_bought(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com");
	log_in(f, buyer);
	struct page page = thanked(f, buyer, a_tokens_price(f, "pack", 3000));
	assert_has(page, "<a class=\"button big\" href=\"/account/tokens\">Go to your tokens</a>");
	assert_int_equal(times(page.body, "<a class=\"button"), 1);
	page = thanked(f, buyer, a_module_price(f, "studio", "studio", "pro", 30, 0));
	assert_has(page, "<a class=\"button big\" href=\"/account/access\">Go to your access</a>");
	assert_int_equal(times(page.body, "<a class=\"button"), 1);
	page = thanked(f, buyer, a_price(f, "walk", 1900));
	assert_has(page, "<a class=\"button big\" href=\"/account/downloads\">");
	assert_has(page, "<a class=\"button big quiet\" href=\"/account/licenses\">");
	db_run(&f->db, "UPDATE entitlement SET ends_at = ? WHERE kind = 'license'", moment_add_days(moment_now(), -1));
	db_run(&f->db, "UPDATE entitlement SET state = 'suspended' WHERE kind = 'download'");
	page = get(f, mem_format(f->mem, "/checkout/return/%s", db_text(&f->db, "SELECT MAX(number) FROM orders o"
		" JOIN order_line l ON l.order_id = o.id WHERE l.product_id = ?", product_id_of(f, "walk"))));
	assert_has(page, "Thank you!");
	assert_lacks(page, "class=\"buttons\"");
}

/* Goods went with the money: what is left stands on the order's page. */
static void the_return_page_does_not_thank_for_what_went_back(void **state)
{
	static const char *const states[] = { "partially_refunded", "refunded", "disputed" };
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), order = a_purchase(f, buyer, a_price(f, "walk", 1900));
	log_in(f, buyer);
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		db_run(&f->db, "UPDATE orders SET state = ? WHERE id = ?", states[i], order);
		struct page page = get(f, mem_format(f->mem, "/checkout/return/%s", number_of(f, order)));
		assert_int_equal(page.status, 303);
		assert_string_equal(page.location, mem_format(f->mem, "/account/orders/%s", number_of(f, order)));
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(the_return_page_tells_the_truth), TEST(the_return_page_leads_to_what_was_bought),
		TEST(the_return_page_does_not_thank_for_what_went_back) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
