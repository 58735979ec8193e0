/* tax_test.c: what Stripe Tax worked out goes the whole road: order, line, document, refund; first month and next. */
#include "club.h"

#include "conf.h"
#include "fake_stripe.h"
#include "invoice.h"
#include "payment.h"
#include "settle.h"
#include "stripe_event.h"
#include "stripe_manage.h"

static void stripe_tax_set(const char *on, const char *included)
{
	const char *why;
	assert_true(conf_set("stripe_tax", on, &why));
	assert_true(conf_set("stripe_tax_included", included, &why));
}

static int settings_back(void **state)
{
	stripe_tax_set("no", "no");
	return gone_back(state);
}

#define TAXED(fn) cmocka_unit_test_setup_teardown(fn, fresh, settings_back)

/* An order of 19.00 eur is made under the settings of now, and its session says that it is paid. */
static int64_t an_order_paid(struct fixture *f, int64_t total, int64_t tax)
{
	int64_t id = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET stripe_session = 'cs_1' WHERE id = ?", id);
	const char *event = json_of(f, mem_format(f->mem,
		"{'id':'evt_1','object':'event','type':'checkout.session.completed','created':1800000000,'livemode':false,"
		"'api_version':'2026-04-22.dahlia','data':{'object':{'id':'cs_1','object':'checkout.session','mode':'payment',"
		"'client_reference_id':'%s','currency':'eur','livemode':false,'amount_total':%lld,'payment_status':'paid',"
		"'status':'complete','payment_intent':'pi_1','total_details':{'amount_discount':0,'amount_tax':%lld}}}}",
		number_of(f, id), (long long)total, (long long)tax));
	assert_int_equal(stripe_event_take(&f->db, (struct bytes){ (const unsigned char *)event, strlen(event) }), TAKEN_APPLIED);
	return id;
}

static void refund_whole(struct fixture *f, int64_t amount)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "",
		.amount = amount, .refunded = amount });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_1", .payment_intent = "pi_1", .currency = "eur",
		.status = "succeeded", .public_id = "", .amount = amount });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
}

/* Tax on top of the price, or within it: from the setting to the credit note. */
static void one_off(struct fixture *f, const char *included, int64_t total, int64_t tax)
{
	stripe_tax_set("yes", included);
	int64_t id = an_order_paid(f, total, tax);
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(state, ' ', subtotal, ' ', tax, ' ', total) FROM orders"),
		mem_format(f->mem, "paid 1900 %lld %lld", (long long)tax, (long long)total));
	assert_int_equal(db_int(&f->db, "SELECT tax FROM order_line"), tax);
	const char *sums = mem_format(f->mem, "%lld+%lld=%lld", (long long)(total - tax), (long long)tax, (long long)total);
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(net, '+', tax, '=', total) FROM invoice"), sums);
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(net, '+', tax, '=', net + tax) FROM invoice_line"), sums);
	const struct order *order = order_of(&f->db, db_int(&f->db, "SELECT account_id FROM orders"), number_of(f, id));
	bool within = !strcmp(included, "yes");
	assert_int_equal(order_tax_within(order).minor, within ? tax : 0);
	assert_int_equal(order_tax_added(order).minor, within ? 0 : tax);
	refund_whole(f, total);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "refunded");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 0);
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(total) AS SIGNED) FROM invoice"), 0);
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(tax) AS SIGNED) FROM invoice"), 0);
}

static void tax_on_top_from_order_to_refund(void **state)
{
	one_off(*state, "no", 2280, 380);
}

static void tax_within_from_order_to_refund(void **state)
{
	one_off(*state, "yes", 1900, 317);
}

/* What the settings were when the order was made holds: they may change while somebody pays. A free order has no tax. */
static void an_order_keeps_how_it_is_taxed(void **state)
{
	struct fixture *f = *state;
	static const struct { const char *on, *included, *behavior; } rows[] = {
		{ "no", "no", "" }, { "no", "yes", "" }, { "yes", "no", "exclusive" }, { "yes", "yes", "inclusive" },
	};
	int64_t buyer = a_member(f, "jenny@example.com");
	const char *price = a_price(f, NULL, 1900), *gift = a_price(f, "gift", 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		stripe_tax_set(rows[i].on, rows[i].included);
		int64_t id = an_order(f, buyer, price);
		stripe_tax_set("no", "no");
		assert_string_equal(order_locked(&f->db, id)->tax_behavior, rows[i].behavior);
	}
	stripe_tax_set("yes", "no");
	assert_string_equal(order_locked(&f->db, an_order(f, buyer, gift))->tax_behavior, "");
}

/* The first month pays the order, the next has its own document: each with the tax of its invoice. */
static void months_have_their_tax(void **state)
{
	struct fixture *f = *state;
	stripe_tax_set("yes", "no");
	struct scene scene = scene_of(f, false);
	struct invoice_fact first = an_invoice("in_1", MONTH, 1080, begin, month_end(1));
	struct invoice_fact next = an_invoice("in_2", MONTH, 1089, month_end(1), month_end(2));
	first.billing_reason = "subscription_create";
	first.tax = 180;
	next.tax = 189; /* a rate rises */
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(state, ' ', discount, ' ', tax, ' ', total) FROM orders"), "paid 0 180 1080");
	moment_clock_set(moment_from_unix(month_end(1) + 10));
	tell_invoice(f, next);
	assert_string_equal(db_text(&f->db, "SELECT GROUP_CONCAT(CONCAT(net, '+', tax, '=', total) ORDER BY id SEPARATOR ' ')"
		" FROM invoice"), "900+180=1080 900+189=1089");
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(tax) AS SIGNED) FROM invoice_line"), 369);
}

/* A plan's price at Stripe says how it is taxed, under a key of its own. */
static void prices_say_how_they_are_taxed(void **state)
{
	static const struct { const char *on, *included, *says, *key; } rows[] = {
		{ "no", "no", NULL, "price-abc" },
		{ "yes", "no", "tax_behavior=exclusive", "price-abc-exclusive" },
		{ "yes", "yes", "tax_behavior=inclusive", "price-abc-inclusive" },
	};
	struct fixture *f = *state;
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct plan plan = { .public_id = "abc", .title = "Club", .price_title = "monthly", .recurring = "month",
		.amount = { 900, "usd" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		stripe_tax_set(rows[i].on, rows[i].included);
		fake_says(stripe, 200, "{}");
		stripe_price_create(f->mem, &plan);
		assert_string_equal(stripe->key, rows[i].key);
		assert_int_equal(strstr(stripe->asked, "tax_behavior") != NULL, rows[i].says != NULL);
		if (rows[i].says)
			assert_non_null(strstr(stripe->asked, rows[i].says));
	}
	fake_stripe_end(stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAXED(tax_on_top_from_order_to_refund),
		TAXED(tax_within_from_order_to_refund),
		TAXED(an_order_keeps_how_it_is_taxed),
		TAXED(months_have_their_tax),
		TAXED(prices_say_how_they_are_taxed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
