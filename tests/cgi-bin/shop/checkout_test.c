/* checkout_test.c: the checkout page, as far as it needs no payment page. */
#include "../../tokens.h"

#include "conf.h"

static int without_stripe(void **state)
{
	const char *why;
	*state = fixture_new();
	return !conf_set("stripe_key", "", &why);
}

#define AWAY(name) cmocka_unit_test_setup_teardown(name, without_stripe, gone)

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
/* What is had already is told, with the way to it; tokens are not had, they are bought again. */
static void who_has_it_already_is_told(void **state)
{
	struct fixture *f = *state;
	const char *pack = a_tokens_price(f, "pack", 3000), *studio = a_module_price(f, "studio", "studio", "pro", 30, 0);
	const char *gift = a_tokens_price(f, "gift", 50), *walk = a_price(f, "walk", 1900);
	db_run(&f->db, "UPDATE price SET amount = 0 WHERE public_id = ?", gift);
	const struct { const char *price, *says, *way; int ways; } rows[] = { { pack, NULL, "", 0 },
		{ studio, "once more if you wish", "/account/access", 1 }, { gift, "nothing more to do", "/account/tokens", 1 },
		{ walk, "once more if you wish", "/account/downloads", 2 } };
	int64_t buyer = a_member(f, "a@example.com");
	log_in(f, buyer);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *path = mem_format(f->mem, "/checkout/%s", rows[i].price);
		assert_lacks(get(f, path), "You already have this");
		a_purchase(f, buyer, rows[i].price);
		struct page page = get(f, path);
		assert_int_equal(strstr(page.body, "You already have this") != NULL, rows[i].says != NULL);
		if (rows[i].says)
			assert_has(page, rows[i].says);
		assert_has(page, rows[i].way);
		assert_int_equal(times(page.body, "href=\"/account/"), rows[i].ways);
	}
	/* The same of a product that gives files for nothing, and sells tokens: who bought some may still have the files. */
	const char *path = mem_format(f->mem, "/checkout/%s", gift);
	db_run(&f->db, "UPDATE entitlement SET benefit_id = (SELECT b.id FROM benefit b JOIN price p ON p.id = b.price_id"
		" WHERE p.public_id = ?) WHERE product_id = ?", pack, product_id_of(f, "gift"));
	assert_has(get(f, path), "Get it free");
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		AWAY(a_visitor_is_asked_who_they_are),
		AWAY(tax_to_come_is_told_where_there_is_a_price),
		AWAY(a_free_product_needs_no_stripe),
		AWAY(without_stripe_the_order_stays),
		AWAY(another_quantity_is_another_order),
		AWAY(who_has_it_already_is_told),
		AWAY(a_replaced_price_leads_to_its_product),
		AWAY(bad_forms_come_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
