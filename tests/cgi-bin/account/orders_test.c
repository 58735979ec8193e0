/* /account, /account/products, /account/orders and one order: what is shown of whom. */
#include "../../tokens.h"

static void new_members_find_friendly_pages(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	assert_has(get(f, "/account"), "Your shelf is still empty.");
	assert_has(get(f, "/account/products"), "Your shelf is still empty.");
	assert_has(get(f, "/account/orders"), "No orders yet.");
	f->language = "fr";
	with(f, "HTTP_ACCEPT_LANGUAGE", "fr");
	assert_has(get(f, "/account/orders?lang=fr"), "<html lang=\"fr\">");
}

static void home_counts_and_shows_the_latest(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *slugs[] = { "a-one", "b-two", "c-three", "d-four" };
	for (int i = 0; i < 4; i++)
		a_purchase(f, jenny, a_price(f, slugs[i], 1900));
	log_in(f, jenny);
	struct page page = get(f, "/account");
	assert_int_equal(page.status, 200);
	assert_has(page, "<b>4</b> products");
	assert_has(page, "<b>4</b> licences");
	assert_has(page, "<b>4</b> downloads");
	assert_has(page, "<b>4</b> orders");
	assert_has(page, "/product/d-four");
	assert_lacks(page, "/product/a-one");
	assert_int_equal(times(page.body, "class=\"row\""), 3);
}

static void products_are_distinct_and_paged(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	for (int i = 0; i < 26; i++) {
		const char *price = a_price(f, mem_format(f->mem, "item-%02d", i), 1900);
		a_purchase(f, i == 25 ? omar : jenny, price);
		if (i == 24)
			a_purchase(f, jenny, price);
	}
	a_version(f, product_id_of(f, "item-24"), "9.7", 1, "later.txt", "");
	log_in(f, jenny);
	struct page page = get(f, "/account/products");
	assert_int_equal(times(page.body, "class=\"mine\""), 24);
	assert_int_equal(times(page.body, "/product/item-24"), 1);
	assert_lacks(page, "item-25");
	assert_has(page, "Version 9.7");
	page = get(f, next_of(f, page));
	assert_int_equal(times(page.body, "class=\"mine\""), 1);
	assert_has(page, "/product/item-00");
	assert_null(next_of(f, page));
}

/* Named by what stands; what was cleaned up is gone. */
static void products_are_named_by_what_stands(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), solo = a_purchase(f, jenny, a_price(f, NULL, 1900));
	a_purchase(f, jenny, a_price(f, "night-walk-2", 1900));
	int64_t product = product_id_of(f, "night-walk-2");
	db_run(&f->db, "UPDATE entitlement SET product_id = ?, price_title = 'Solo', state = 'revoked' WHERE order_id = ?", product, solo);
	db_run(&f->db, "UPDATE entitlement SET price_title = 'Team' WHERE order_id <> ?", solo);
	log_in(f, jenny);
	for (int i = 0; i < 2; i++) { /* whichever came first */
		struct page page = get(f, "/account/products");
		assert_has(page, "Team");
		assert_lacks(page, "Solo");
		db_run(&f->db, "UPDATE entitlement SET state = IF(price_title = 'Solo', 'active', 'revoked'),"
			" price_title = IF(price_title = 'Solo', 'Team', 'Solo')");
	}
	db_run(&f->db, "UPDATE entitlement SET state = 'revoked'");
	assert_has(get(f, "/account/products"), "Withdrawn");
	db_run(&f->db, "UPDATE entitlement SET deleted_at = ?", moment_now());
	assert_has(get(f, "/account/products"), "Your shelf is still empty.");
	assert_has(get(f, "/account"), "Your shelf is still empty.");
}

static void products_tell_what_ended(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_price(f, NULL, 1900));
	log_in(f, jenny);
	assert_has(get(f, "/account/products"), "Downloads of Night Walk");
	db_run(&f->db, "UPDATE entitlement SET state = 'revoked' WHERE account_id = ?", jenny);
	struct page page = get(f, "/account/products");
	assert_has(page, "Withdrawn");
	assert_lacks(page, "Downloads of Night Walk");
}

/* What was not asked for has a line of its own: the sum is right in the reader's eyes, too. */
static void a_trial_says_why_it_was_free(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *path = mem_format(f->mem, "/account/orders/%s", number_of(f, a_purchase(f, jenny, a_price(f, NULL, 1900))));
	log_in(f, jenny);
	assert_lacks(get(f, path), "Free trial");
	db_run(&f->db, "UPDATE orders SET total = 0");
	struct page page = get(f, path);
	assert_has(page, "<dt>Free trial</dt><dd>−€19.00</dd>");
	assert_has(page, "<dt>Total</dt><dd>Free</dd>");
	db_run(&f->db, "UPDATE orders SET discount = 1900");
	page = get(f, path);
	assert_lacks(page, "Free trial");
	assert_has(page, "<dt>Discount</dt><dd>−€19.00</dd>");
	db_run(&f->db, "UPDATE orders SET discount = 0, paid_at = NULL, state = 'pending'");
	assert_lacks(get(f, path), "Free trial");
}

static void a_dispute_that_was_won_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	db_begin(&f->db);
	assert_non_null(order_move(&f->db, order_locked(&f->db, order), "disputed", "test"));
	assert_non_null(order_move(&f->db, order_locked(&f->db, order), "paid", "test"));
	db_commit(&f->db);
	log_in(f, jenny);
	struct page page = get(f, mem_format(f->mem, "/account/orders/%s", number_of(f, order)));
	const char *disputed = strstr(page.body, "Payment disputed"), *restored = strstr(page.body, "Paid again");
	assert_true(disputed && restored && disputed < restored);
}

/* What came on top is part of the sum; what prices hold is told after it. */
static void tax_stands_where_it_belongs(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *path = mem_format(f->mem, "/account/orders/%s", number_of(f, a_purchase(f, jenny, a_price(f, NULL, 1900))));
	log_in(f, jenny);
	db_run(&f->db, "UPDATE orders SET tax = 380, total = 2280, tax_behavior = 'exclusive'");
	struct page page = get(f, path);
	assert_has(page, "<dt>Tax</dt><dd>€3.80</dd></div>\n<div class=\"total\"><dt>Total</dt><dd>€22.80</dd></div>");
	assert_lacks(page, "of which tax");
	db_run(&f->db, "UPDATE orders SET tax = 317, total = 1900, tax_behavior = 'inclusive'");
	page = get(f, path);
	assert_has(page, "<dt>Total</dt><dd>€19.00</dd></div>\n<div><dt>of which tax</dt><dd>€3.17</dd></div>");
	assert_lacks(page, "<dt>Tax</dt>");
}

static void orders_page_by_twenty(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *price = a_price(f, NULL, 1900);
	for (int i = 0; i < 23; i++)
		an_order(f, i ? jenny : omar, price);
	log_in(f, jenny);
	struct page page = get(f, "/account/orders");
	assert_int_equal(times(page.body, "class=\"row\""), 20);
	assert_has(page, "Waiting for payment");
	assert_has(page, "€19.00");
	page = get(f, next_of(f, page));
	assert_int_equal(times(page.body, "class=\"row\""), 2);
}

static void order_shows_what_it_gave(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	log_in(f, jenny);
	struct page page = get(f, mem_format(f->mem, "/account/orders/%s", number_of(f, order)));
	assert_int_equal(page.status, 200);
	assert_has(page, number_of(f, order));
	assert_has(page, "Night Walk");
	assert_has(page, "€19.00");
	assert_has(page, "Order placed");
	assert_has(page, "Payment received");
	assert_has(page, "What it gives you");
	assert_has(page, "href=\"/product/night-walk\"");
	assert_lacks(page, "/checkout/again/");
	db_run(&f->db, "UPDATE product SET status = 'withdrawn' WHERE slug = 'night-walk'");
	page = get(f, mem_format(f->mem, "/account/orders/%s?lang=fr", number_of(f, order)));
	assert_lacks(page, "href=\"/product/night-walk\"");
	assert_has(page, "19,00");
}

static void each_right_leads_to_its_page(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t pack = a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	int64_t studio = a_purchase(f, jenny, a_module_price(f, "studio", "studio", "pro", 30, 0));
	log_in(f, jenny);
	const char *path = mem_format(f->mem, "/account/orders/%s", number_of(f, pack));
	assert_has(get(f, path), "<a href=\"/account/tokens\">Tokens</a></span>");
	assert_has(get(f, mem_format(f->mem, "/account/orders/%s", number_of(f, studio))),
		"<a href=\"/account/access\">Access</a></span>");
	db_run(&f->db, "UPDATE entitlement SET state = 'revoked' WHERE order_id = ?", pack);
	assert_lacks(get(f, path), "Tokens</a></span>");
}

static void pending_orders_can_be_paid(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = an_order(f, jenny, a_price(f, NULL, 1900));
	const char *here = mem_format(f->mem, "/account/orders/%s", number_of(f, order));
	const char *again = mem_format(f->mem, "action=\"/checkout/again/%s\"", number_of(f, order));
	log_in(f, jenny);
	assert_has(get(f, here), again);
	db_run(&f->db, "UPDATE orders SET settles_later = TRUE WHERE id = ?", order);
	struct page page = get(f, here);
	assert_lacks(page, again);
	assert_has(page, "takes a few working days");
	db_run(&f->db, "UPDATE orders SET review = 'amount_mismatch' WHERE id = ?", order);
	page = get(f, here);
	assert_lacks(page, again);
	assert_has(page, "A person is looking at this order.");
	assert_lacks(page, "amount_mismatch");
	assert_has(get(f, "/account/orders"), "Being checked");
}

static void strangers_find_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	const char *here = mem_format(f->mem, "/account/orders/%s", number_of(f, order));
	static const char *const pages[] = { "/account", "/account/products", "/account/licenses", "/account/downloads",
		"/account/orders" };
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		assert_int_equal(get(f, pages[i]).status, 303);
	assert_int_equal(get(f, here).status, 303);
	log_in(f, a_member(f, "omar@example.com"));
	assert_int_equal(get(f, here).status, 404);
	assert_int_equal(get(f, mem_format(f->mem, "/account/orders/%lld", (long long)order)).status, 404);
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct page page = get(f, pages[i]);
		assert_int_equal(page.status, 200);
		assert_lacks(page, "Night Walk");
	}
}

static void long_titles_are_whole_and_escaped(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_price(f, NULL, 1900));
	char title[256];
	memset(title, 'w', 255);
	memcpy(title, "<i>\"", 4);
	title[255] = 0;
	db_run(&f->db, "UPDATE order_line SET title = ? WHERE order_id = ?", title, order);
	log_in(f, jenny);
	const char *shown = mem_format(f->mem, "&lt;i&gt;&quot;%s", title + 4);
	assert_has(get(f, "/account/orders"), shown);
	assert_has(get(f, mem_format(f->mem, "/account/orders/%s", number_of(f, order))), shown);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(new_members_find_friendly_pages), TEST(home_counts_and_shows_the_latest),
		TEST(products_are_distinct_and_paged), TEST(products_are_named_by_what_stands), TEST(products_tell_what_ended),
		TEST(a_trial_says_why_it_was_free), TEST(a_dispute_that_was_won_is_told), TEST(tax_stands_where_it_belongs),
		TEST(orders_page_by_twenty),
		TEST(order_shows_what_it_gave), TEST(each_right_leads_to_its_page), TEST(pending_orders_can_be_paid),
		TEST(strangers_find_nothing),
		TEST(long_titles_are_whole_and_escaped) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
