/* checkout_test.c: the checkout and return pages in every state that needs no payment page. */
#include "fixture.h"

#include <string.h>

#include "conf.h"
#include "order.h"
#include "sign.h"

static int fresh(void **state)
{
	const char *why;
	*state = fixture_new();
	return !conf_set("stripe_key", "", &why);
}

static int gone(void **state)
{
	fixture_end(*state);
	return 0;
}

static const char *form_of(struct fixture *f, const char *quantity, const char *key)
{
	return mem_format(f->mem, "quantity=%s&request_key=%s&action=pay", quantity, key);
}

static void a_visitor_is_asked_who_they_are(void **state)
{
	struct fixture *f = *state;
	const char *path = mem_format(f->mem, "/checkout/%s", a_price(f, "walk", 1900));
	struct page page = get(f, path);
	assert_int_equal(page.status, 200);
	assert_non_null(strstr(page.body, mem_format(f->mem, "/login?next=%%2Fcheckout%%2F")));
	assert_non_null(strstr(page.body, "€19.00"));
	assert_null(strstr(page.body, "request_key"));
	/* A session that ended while the page was open: the purchase goes on after the log-in. */
	assert_string_equal(post(f, path, "quantity=1").location,
		mem_format(f->mem, "/login?next=%%2Fcheckout%%2F%s", path + strlen("/checkout/")));
	assert_string_equal(post(f, "/checkout/again/AAAA-BBBB-CCCC", "").location, "/login"); /* no page of its own */
	f->language = "fr";
	assert_non_null(strstr(get(f, path).body, "19,00"));
	assert_int_equal(get(f, "/checkout/0000000000000000000000").status, 404);
}

static void a_free_product_needs_no_stripe(void **state)
{
	struct fixture *f = *state;
	const char *path = mem_format(f->mem, "/checkout/%s", a_price(f, "gift", 0)), *key = random_id(f->mem);
	log_in(f, a_member(f, "a@example.com"));
	struct page page = post(f, path, form_of(f, "1", key));
	assert_int_equal(page.status, 303);
	assert_non_null(strstr(page.location, "/checkout/return/"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 2);
	assert_string_equal(post(f, path, form_of(f, "1", key)).location, page.location);
	struct page back = get(f, page.location);
	assert_int_equal(back.status, 200);
	assert_null(header_of(f, back, "Refresh"));
	assert_non_null(strstr(back.body, "/account/downloads"));
	struct page again = post(f, path, form_of(f, "1", random_id(f->mem)));
	assert_int_equal(again.status, 422);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 1);
}

static void without_stripe_the_order_stays(void **state)
{
	struct fixture *f = *state;
	const char *path = mem_format(f->mem, "/checkout/%s", a_price(f, "walk", 1900)), *key = random_id(f->mem);
	log_in(f, a_member(f, "a@example.com"));
	struct page page = post(f, path, form_of(f, "1", key));
	assert_int_equal(page.status, 503);
	assert_non_null(header_of(f, page, "Retry-After"));
	assert_non_null(strstr(page.body, key)); /* the same key again: pressing again is safe */
	assert_int_equal(post(f, path, form_of(f, "1", key)).status, 503);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders WHERE state = 'pending'"), 1);
}

/* The key of the form a page shows. */
static const char *key_of(struct fixture *f, struct page page)
{
	const char *at = strstr(page.body, "name=\"request_key\" value=\"");
	assert_non_null(at);
	return mem_textn(f->mem, at + 26, 22);
}

static const char *totals(struct fixture *f)
{
	return db_text(&f->db, "SELECT GROUP_CONCAT(o.total, '/', l.quantity ORDER BY o.id) FROM orders o"
		" JOIN order_line l ON l.order_id = o.id");
}

/* Stripe is away, the buyer wants three instead: by Update, or typed beside Pay. What the page says is what is ordered. */
static void another_quantity_is_another_order(void **state)
{
	struct fixture *f = *state;
	const char *path = mem_format(f->mem, "/checkout/%s", a_price(f, "walk", 1900)), *key = random_id(f->mem);
	db_run(&f->db, "UPDATE price SET quantity_max = 5");
	log_in(f, a_member(f, "a@example.com"));
	struct page page = post(f, path, form_of(f, "1", key));
	assert_int_equal(page.status, 503);
	assert_string_equal(key_of(f, page), key);
	page = post(f, path, mem_format(f->mem, "quantity=3&request_key=%s&action=update", key));
	assert_int_equal(page.status, 200);
	assert_non_null(strstr(page.body, "€57.00"));
	assert_string_not_equal(key_of(f, page), key);
	assert_int_equal(post(f, path, form_of(f, "3", key_of(f, page))).status, 503);
	assert_string_equal(totals(f), "1900/1,5700/3");
	page = post(f, path, form_of(f, "2", key));
	assert_int_equal(page.status, 422);
	assert_non_null(strstr(page.body, "an order of another quantity"));
	assert_non_null(strstr(page.body, "€38.00"));
	assert_string_equal(totals(f), "1900/1,5700/3");
	assert_string_not_equal(key_of(f, page), key);
	assert_int_equal(post(f, path, form_of(f, "2", key_of(f, page))).status, 503);
	assert_int_equal(post(f, path, form_of(f, "1", key)).status, 503);
	assert_string_equal(totals(f), "1900/1,5700/3,3800/2");
}

/* Its amount changed in the shop: links and open pages lead to the product, where the new one stands. */
static void a_replaced_price_leads_to_its_product(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, "walk", 1900), *path = mem_format(f->mem, "/checkout/%s", price);
	db_run(&f->db, "UPDATE price SET active = FALSE");
	assert_string_equal(get(f, path).location, "/product/walk?notice=price_changed");
	log_in(f, a_member(f, "a@example.com"));
	struct page page = post(f, path, form_of(f, "1", random_id(f->mem)));
	assert_string_equal(page.location, "/product/walk?notice=price_changed");
	assert_non_null(strstr(get(f, page.location).body, "The price has changed."));
	f->language = "fr";
	log_out(f);
	assert_non_null(strstr(get(f, page.location).body, "Le prix a changé."));
	db_run(&f->db, "UPDATE product SET price_count = 0"); /* what product_prices_refresh() makes of it */
	assert_string_equal(get(f, path).location, "/product/walk");
	db_run(&f->db, "UPDATE product SET status = 'withdrawn'");
	assert_int_equal(get(f, path).status, 404);
	db_run(&f->db, "UPDATE product SET status = 'published'");
	db_run(&f->db, "UPDATE price SET active = TRUE, amount = 0, recurring = 'month'"); /* active, and not to be bought */
	assert_int_equal(get(f, path).status, 404);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 0);
}

static void bad_forms_come_back(void **state)
{
	struct fixture *f = *state;
	const char *path = mem_format(f->mem, "/checkout/%s", a_price(f, "walk", 1900));
	log_in(f, a_member(f, "a@example.com"));
	static const char *const bad[] = { "", "quantity=0", "quantity=2", "quantity=x", "quantity=1&quantity=1",
		"quantity=1&request_key=short&action=pay", "quantity=1&request_key=0000000000000000000000&action=steal",
		"quantity=%00&request_key=0000000000000000000000&action=pay", "amount=1&total=0&quantity=-1" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(post(f, path, bad[i]).status, 422);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 0);
	assert_int_equal(post_raw(f, path, "application/x-www-form-urlencoded", "quantity=1", conf.base_url).status, 403);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_visitor_is_asked_who_they_are, fresh, gone),
		cmocka_unit_test_setup_teardown(a_free_product_needs_no_stripe, fresh, gone),
		cmocka_unit_test_setup_teardown(without_stripe_the_order_stays, fresh, gone),
		cmocka_unit_test_setup_teardown(another_quantity_is_another_order, fresh, gone),
		cmocka_unit_test_setup_teardown(a_replaced_price_leads_to_its_product, fresh, gone),
		cmocka_unit_test_setup_teardown(bad_forms_come_back, fresh, gone),
		cmocka_unit_test_setup_teardown(the_return_page_tells_the_truth, fresh, gone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
