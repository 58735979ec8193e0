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
	assert_string_equal(post(f, path, "quantity=1").location, "/login");
	f->language = "fr";
	assert_non_null(strstr(get(f, path).body, "19,00"));
	assert_int_equal(get(f, "/checkout/0000000000000000000000").status, 404);
}

static void tax_to_come_is_told_where_there_is_a_price(void **state)
{
	struct fixture *f = *state;
	const char *path = mem_format(f->mem, "/checkout/%s", a_price(f, "walk", 1900)), *why;
	const char *gift = mem_format(f->mem, "/checkout/%s", a_price(f, "gift", 0));
	assert_null(strstr(get(f, path).body, "VAT comes on top"));
	assert_true(conf_set("stripe_tax", "yes", &why));
	assert_non_null(strstr(get(f, path).body, "VAT comes on top"));
	assert_null(strstr(get(f, gift).body, "VAT comes on top"));
	assert_true(conf_set("stripe_tax_included", "yes", &why));
	assert_null(strstr(get(f, path).body, "VAT comes on top"));
	assert_true(conf_set("stripe_tax", "no", &why) && conf_set("stripe_tax_included", "no", &why));
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
		cmocka_unit_test_setup_teardown(tax_to_come_is_told_where_there_is_a_price, fresh, gone),
		cmocka_unit_test_setup_teardown(a_free_product_needs_no_stripe, fresh, gone),
		cmocka_unit_test_setup_teardown(without_stripe_the_order_stays, fresh, gone),
		cmocka_unit_test_setup_teardown(bad_forms_come_back, fresh, gone),
		cmocka_unit_test_setup_teardown(the_return_page_tells_the_truth, fresh, gone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
