/* order_tax_test.c: of several lines Stripe is asked for the tax of each, once they are paid; then there is an invoice. */
#include "buyer.h"

#include "fail.h"
#include "fake_stripe.h"
#include "job.h"
#include "payment.h"
#include "settle.h"
#include "stripe_event.h"

/* Two lines of 19.00 and 10.00 eur, of which Stripe took 3.80 and 0.55 of tax. */
static int64_t a_pair(struct fixture *f)
{
	int64_t id = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db,
		"INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity,"
		" unit_amount, amount, currency) SELECT order_id, 2, product_id, price_id, 0, 'A book', '', 1, 1000, 1000, currency"
		" FROM order_line WHERE order_id = ?",
		id);
	db_run(&f->db, "UPDATE orders SET subtotal = 2900, total = 2900, tax_behavior = 'exclusive', stripe_session = 'cs_1'"
		       " WHERE id = ?", id);
	return id;
}

static void pay(struct fixture *f, int64_t id, int64_t tax)
{
	const char *event = json_of(f, mem_format(f->mem,
		"{'id':'evt_1','object':'event','type':'checkout.session.completed','created':1800000000,'livemode':false,"
		"'api_version':'2026-04-22.dahlia','data':{'object':{'id':'cs_1','object':'checkout.session','mode':'payment',"
		"'client_reference_id':'%s','currency':'eur','livemode':false,'amount_total':%lld,'payment_status':'paid',"
		"'status':'complete','payment_intent':'pi_1','total_details':{'amount_discount':0,'amount_tax':%lld}}}}",
		number_of(f, id), (long long)(2900 + tax), (long long)tax));
	assert_int_equal(stripe_event_take(&f->db, (struct bytes){ (const unsigned char *)event, strlen(event) }), TAKEN_APPLIED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'") > 0, true);
}

struct work {
	struct fixture *f;
	int64_t order;
};

static void tax_work(void *arg)
{
	struct work *work = arg;
	struct job job = { .mem = work->f->request, .db = &work->f->db, .unique_key = "test", .subject_id = work->order };
	job_kind_named("order_tax")->run(&job);
}

static const char *items(struct fixture *f, const char *first, int64_t tax)
{
	return json_of(f, mem_format(f->mem, "{'object':'list','data':[{'description':'A book','amount_subtotal':1000,'amount_tax':55},"
		"{'description':'%s','amount_subtotal':1900,'amount_tax':%lld}]}", first, (long long)tax));
}

static const char *taxes(struct fixture *f)
{
	return db_text(&f->db, "SELECT GROUP_CONCAT(tax ORDER BY position SEPARATOR ' ') FROM invoice_line");
}

static void each_line_has_what_stripe_says(void **state)
{
	struct fixture *f = *state;
	struct work work = { f, a_pair(f) };
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct failure failure;
	pay(f, work.order, 435);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'order_tax'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 0);
	fake_says(stripe, 500, "{}");
	assert_false(attempt(tax_work, &work, &failure)); /* asked again later */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 0);
	fake_says(stripe, 200, items(f, "Night Walk — Basic", 380));
	assert_true(attempt(tax_work, &work, &failure));
	assert_true(attempt(tax_work, &work, &failure));
	assert_non_null(strstr(stripe->paths, "GET /v1/checkout/sessions/cs_1/line_items?limit=100\n"));
	assert_string_equal(taxes(f), "380 55");
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(tax) AS SIGNED) FROM order_line"), 435);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 1);
	fake_stripe_end(stripe);
}

/* Lines that are not ours, or another sum, or none: the invoice must come all the same. */
static void lines_that_do_not_fit_have_their_share(void **state)
{
	struct fixture *f = *state;
	const struct { int status; const char *answer; } rows[] = {
		{ 404, "{}" }, { 200, "{}" }, { 200, items(f, "Another thing", 380) }, { 200, items(f, "Night Walk — Basic", 379) },
		{ 200, items(f, "Night Walk — Basic", -380) }, { 200, "{\"data\":[7,\"x\"]}" },
	};
	struct work work = { f, a_pair(f) };
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct failure failure;
	pay(f, work.order, 435);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_says(stripe, rows[i].status, rows[i].answer);
		assert_true(attempt(tax_work, &work, &failure));
		assert_string_equal(taxes(f), "285 150");
		db_run(&f->db, "DELETE FROM invoice_line");
		db_run(&f->db, "DELETE FROM invoice");
	}
	fake_stripe_end(stripe);
}

/* Given back before there was a document: both follow. */
static void a_refund_before_the_invoice_has_its_credit_note(void **state)
{
	struct fixture *f = *state;
	struct work work = { f, a_pair(f) };
	struct fake_stripe *stripe = fake_stripe_new(f);
	struct failure failure;
	pay(f, work.order, 435);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "",
		.amount = 3335, .refunded = 3335 });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_1", .payment_intent = "pi_1", .currency = "eur",
		.status = "succeeded", .public_id = "", .amount = 3335 });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
	fake_says(stripe, 200, items(f, "Night Walk — Basic", 380));
	assert_true(attempt(tax_work, &work, &failure));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice"), 2);
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(total) AS SIGNED) FROM invoice"), 0);
	fake_stripe_end(stripe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_line_has_what_stripe_says),
		TEST(lines_that_do_not_fit_have_their_share),
		TEST(a_refund_before_the_invoice_has_its_credit_note),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
