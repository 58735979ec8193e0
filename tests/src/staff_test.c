/* staff_test.c: what staff give and give back, of orders and of subscriptions; the documents that follow; the promises that are
 * kept, and told when they are not. */
#include "plans.h"
#include "tokens.h"

#include "access.h"
#include "entitlement.h"
#include "invariant.h"
#include "invoice.h"
#include "payment.h"
#include "product.h"
#include "refund.h"
#include "settle.h"
#include "staff.h"
#include "subscription_settle.h"

enum { FEE = 900 };

static int64_t broken(struct fixture *f, const char *promise)
{
	invariants_prove(&f->db);
	return db_int(&f->db, "SELECT broken FROM invariant WHERE name = ?", promise);
}

/* The counters of products that the tests make by hand. */
static void counted(struct fixture *f)
{
	for (int64_t id = db_int(&f->db, "SELECT MAX(id) FROM product"); id > 0; id--)
		product_prices_refresh(&f->db, id);
}

static void promises_hold(struct fixture *f)
{
	counted(f);
	invariants_prove(&f->db);
	struct list promises = invariants_known(&f->db);
	LIST_EACH(invariant, promise, promises)
		if (promise->broken)
			print_error("%s: %lld\n", promise->name, (long long)promise->broken);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invariant WHERE broken"), 0);
}

static enum right_given given(struct fixture *f, const char *key, const char *email, const char *price)
{
	int64_t benefit = db_int(&f->db, "SELECT MAX(b.id) FROM benefit b JOIN price p ON p.id = b.price_id WHERE p.public_id = ?",
		price);
	return right_give(&f->db, key, email, benefit, (struct decision){ 1, "a mistake of ours" });
}

static void a_gift_of_tokens_is_tokens(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_tokens_price(f, "pack", 3000), *key = random_id(f->mem);
	assert_int_equal(given(f, key, "jenny@example.com", price), RIGHT_GIVEN);
	assert_int_equal(given(f, key, "jenny@example.com", price), RIGHT_GIVEN);
	assert_int_equal(token_balance(&f->db, jenny), 3000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_entry WHERE kind = 'adjustment'"), 1);
	assert_int_equal(given(f, random_id(f->mem), "nobody@example.com", price), RIGHT_NO_ACCOUNT);
	promises_hold(f);
	db_run(&f->db, "UPDATE token_account SET balance = balance + 1");
	assert_int_equal(broken(f, "balances_unlike_lots"), 1);
	assert_int_equal(broken(f, "balances_unlike_ledger"), 1);
}

static void a_gift_of_a_module_opens_it(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_module_price(f, "course", "course", "full", 30, 0);
	struct access_ask ask = { .account_id = jenny, .module = "course", .level = "full" };
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_NONE);
	assert_int_equal(given(f, random_id(f->mem), "jenny@example.com", price), RIGHT_GIVEN);
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_OPEN);
	promises_hold(f);
}

/* A right of each source, then its source gone. */
static void rights_without_their_source_are_found_and_ended(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_price(f, "walk", FEE));
	given(f, random_id(f->mem), "jenny@example.com", a_tokens_price(f, "pack", 3000));
	assert_int_equal(rights_lacking_source(&f->db), 0);
	int64_t rights = db_int(&f->db, "SELECT COUNT(*) FROM entitlement");
	db_run(&f->db, "UPDATE entitlement SET source_id = source_id + 1000000");
	assert_int_equal(broken(f, "rights_lacking_source"), rights);
	assert_int_equal(entitlements_clean(&f->db, true), rights);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'revoked'"), 0);
	assert_int_equal(entitlements_clean(&f->db, false), rights);
	assert_int_equal(rights_lacking_source(&f->db), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'revoked' AND deleted_at IS NOT NULL"),
		rights);
	assert_int_equal(token_balance(&f->db, jenny), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license WHERE state = 'active'"), 0);
}

static const int64_t begin = 1800000000; /* 15 January 2027 */

static void invoice_paid(struct fixture *f, const char *id, const char *intent, int64_t k)
{
	struct moment anchor = moment_from_unix(begin), from = moment_add_months(anchor, k);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = intent, .charge = "", .stripe_invoice = id, .amount = FEE });
	invoice_told(&f->db, (struct invoice_fact){ .id = id, .stripe_subscription = "sub_1", .stripe_price = "price_month",
		.from_price = "", .status = "paid", .billing_reason = k ? "subscription_cycle" : "subscription_create",
		.currency = "usd", .hosted_url = "", .amount_paid = FEE, .total = FEE, .tax = 150, .period_start = from,
		.period_end = moment_add_months(anchor, k + 1), .created_at = from });
	subscription_placed(&f->db, "sub_1");
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

/* Two months paid. Returns the order it began with. */
static int64_t a_subscriber(struct fixture *f)
{
	int64_t jenny = a_member(f, "jenny@example.com"), product = a_club(f);
	int64_t month = a_plan(f, product, "monthly", "price_month", FEE - 150, "month", 1000);
	moment_clock_set(moment_from_unix(begin + 10));
	int64_t order = an_order(f, jenny, db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", month));
	db_begin(&f->db);
	subscription_placed(&f->db, "sub_1");
	subscription_link(&f->db, "sub_1", "cus_1", order_locked(&f->db, order));
	subscription_told(&f->db, (struct subscription_fact){ .stripe_subscription = "sub_1", .stripe_customer = "cus_1",
		.stripe_item = "si_1", .stripe_price = "price_month", .status = "active", .pause_behavior = "",
		.started_at = moment_from_unix(begin), .anchor_at = moment_from_unix(begin), .told_at = moment_from_unix(begin),
		.rank = "2evt" });
	db_commit(&f->db);
	invoice_paid(f, "in_1", "pi_1", 0);
	moment_clock_set(moment_add_seconds(moment_add_months(moment_from_unix(begin), 1), 10));
	invoice_paid(f, "in_2", "pi_2", 1);
	return order;
}

static int clock_back(void **state)
{
	moment_clock_set((struct moment){ 0 });
	return gone(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fresh, clock_back)

static int64_t documents(struct fixture *f, const char *kind)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM invoice WHERE kind = ?", kind);
}

static void each_paid_period_has_one_invoice(void **state)
{
	struct fixture *f = *state;
	a_subscriber(f);
	invoice_paid(f, "in_2", "pi_2", 1);
	assert_int_equal(documents(f, "invoice"), 2);
	const struct invoice *invoice = invoice_by_id(&f->db, db_int(&f->db, "SELECT MAX(id) FROM invoice"));
	assert_int_equal(invoice->total.minor, FEE);
	assert_int_equal(invoice->tax.minor, 150);
	assert_string_equal(invoice->number + 5, "-000002");
	struct list lines = invoice_lines(&f->db, invoice->id);
	assert_int_equal(lines.count, 1);
	assert_non_null(strstr(((const struct invoice_line *)lines.items)->title, "15 February 2027 – 15 March 2027"));
	promises_hold(f);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice i WHERE i.tax <> (SELECT SUM(l.tax) FROM invoice_line l"
					" WHERE l.invoice_id = i.id)"), 0);
	db_run(&f->db, "DELETE FROM invoice_line");
	db_run(&f->db, "DELETE FROM invoice WHERE number LIKE '%-000002'");
	assert_int_equal(broken(f, "invoices_missing"), 1);
	assert_int_equal(broken(f, "invoice_gaps"), 1);
}

static enum refund_asked ask(struct fixture *f, int64_t order, const char *payment, int64_t amount, const char *key)
{
	struct refund_wish wish = { .key = key, .order_id = order, .actor_id = 1, .payment = payment, .amount = amount,
		.cancels = true, .reason = "by mail" };
	return refund_ask(&f->db, &wish);
}

static void answered(struct fixture *f, const char *key, int64_t amount, const char *status)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_2", .charge = "ch_2", .stripe_invoice = "" });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = mem_format(f->mem, "re_%s", key), .payment_intent = "pi_2",
		.currency = "usd", .status = status, .public_id = key, .amount = amount });
	payment_settle(&f->db, "pi_2");
	db_commit(&f->db);
}

static void a_period_is_given_back_with_its_tokens(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_subscriber(f), jenny = db_int(&f->db, "SELECT account_id FROM orders WHERE id = ?", order);
	const char *part = random_id(f->mem), *rest = random_id(f->mem);
	assert_int_equal(token_balance(&f->db, jenny), 1000);
	assert_int_equal(ask(f, order, NULL, 0, part), REFUND_UNPAID); /* the order itself has no payment */
	assert_int_equal(ask(f, order, "pi_3", 0, part), REFUND_UNPAID);
	assert_int_equal(ask(f, order, "pi_2", FEE + 1, part), REFUND_TOO_MUCH);
	assert_int_equal(ask(f, order, "pi_2", 400, part), REFUND_ASKED);
	answered(f, part, 400, "succeeded");
	assert_int_equal(token_balance(&f->db, jenny), 1000); /* a part without lines keeps everything */
	assert_int_equal(ask(f, order, "pi_2", 0, rest), REFUND_ASKED);
	assert_int_equal(db_int(&f->db, "SELECT amount FROM refund WHERE public_id = ?", rest), FEE - 400);
	answered(f, rest, FEE - 400, "succeeded");
	answered(f, rest, FEE - 400, "succeeded");
	assert_int_equal(token_balance(&f->db, jenny), 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM subscription_period WHERE stripe_invoice = 'in_2'"), "revoked");
	assert_int_equal(documents(f, "credit"), 2);
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(total) AS SIGNED) FROM invoice"), FEE);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'subscription_end'"), 2);
	assert_int_equal(ask(f, order, "pi_2", 0, random_id(f->mem)), REFUND_NOTHING_LEFT);
	promises_hold(f);
}

static void part_ended(struct fixture *f, const char *key, int64_t amount, const char *status)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_p", .charge = "ch_p", .stripe_invoice = "" });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_p", .payment_intent = "pi_p", .currency = "usd",
		.status = status, .public_id = key, .amount = amount });
	payment_settle(&f->db, "pi_p");
	db_commit(&f->db);
}

static void a_part_of_a_line_takes_as_much_of_its_tokens(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order = a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	int64_t line = db_int(&f->db, "SELECT id FROM order_line WHERE order_id = ?", order);
	const char *key = random_id(f->mem);
	db_run(&f->db, "UPDATE orders SET stripe_payment = 'pi_p'");
	struct refund_wish wish = { .key = key, .order_id = order, .actor_id = 1, .amount = FEE + 1, .lines = &line,
		.line_count = 1, .reason = "by mail" };
	assert_int_equal(refund_ask(&f->db, &wish), REFUND_TOO_MUCH);
	wish.amount = FEE / 3;
	assert_int_equal(refund_ask(&f->db, &wish), REFUND_ASKED);
	assert_int_equal(token_balance(&f->db, jenny), 3000);
	part_ended(f, key, FEE / 3, "succeeded");
	part_ended(f, key, FEE / 3, "succeeded");
	assert_int_equal(token_balance(&f->db, jenny), 2000);
	assert_string_equal(db_text(&f->db, "SELECT GROUP_CONCAT(DISTINCT state) FROM entitlement"), "active");
	promises_hold(f);
	part_ended(f, key, FEE / 3, "failed");
	part_ended(f, key, FEE / 3, "failed");
	part_ended(f, key, FEE / 3, "succeeded"); /* told late */
	assert_int_equal(token_balance(&f->db, jenny), 3000);
	promises_hold(f);
}

/* Told before the invoice itself: the credit note waits for its invoice. */
static void a_refund_told_first_has_its_credit_note(void **state)
{
	struct fixture *f = *state;
	a_subscriber(f);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_9", .charge = "ch_9", .stripe_invoice = "in_3" });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = "re_9", .payment_intent = "pi_9", .currency = "usd",
		.status = "succeeded", .public_id = "", .amount = FEE });
	payment_settle(&f->db, "pi_9");
	db_commit(&f->db);
	assert_int_equal(documents(f, "credit"), 0);
	invoice_paid(f, "in_3", "pi_9", 2);
	assert_int_equal(documents(f, "invoice"), 3);
	assert_int_equal(documents(f, "credit"), 1);
	promises_hold(f);
}

static void months_granted_wrongly_are_told(void **state)
{
	struct fixture *f = *state;
	a_subscriber(f);
	promises_hold(f);
	db_run(&f->db, "UPDATE token_lot SET period_start = (SELECT MAX(starts_at) FROM subscription_period)");
	assert_int_equal(broken(f, "periods_granted_twice"), 1);
	db_run(&f->db, "DELETE FROM token_lot ORDER BY id DESC LIMIT 1");
	assert_int_equal(broken(f, "periods_not_granted"), 1);
	db_run(&f->db, "DELETE FROM subscription_period ORDER BY id DESC LIMIT 1");
	assert_int_equal(broken(f, "periods_missing"), 1);
	int64_t before = broken(f, "periods_not_granted");
	db_run(&f->db, "INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, changed, from_price_id, starts_at,"
		" ends_at, amount, currency, state, created_at) SELECT subscription_id, 'in_up', price_id, TRUE, price_id, starts_at, ?,"
		" amount, currency, 'active', ? FROM subscription_period LIMIT 1",
		moment_add_days(moment_now(), 9), moment_now());
	assert_int_equal(broken(f, "periods_not_granted"), before); /* it may still come */
	db_run(&f->db, "UPDATE subscription_period SET created_at = ? WHERE stripe_invoice = 'in_up'", moment_add_days(moment_now(), -2));
	assert_int_equal(broken(f, "periods_not_granted"), before + 1);
	db_run(&f->db, "UPDATE product SET price_count = 7");
	assert_int_equal(broken(f, "counters_unlike_rows"), db_int(&f->db, "SELECT COUNT(*) FROM product"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_gift_of_tokens_is_tokens),
		CASE(a_gift_of_a_module_opens_it),
		CASE(rights_without_their_source_are_found_and_ended),
		CASE(each_paid_period_has_one_invoice),
		CASE(a_period_is_given_back_with_its_tokens),
		CASE(a_part_of_a_line_takes_as_much_of_its_tokens),
		CASE(a_refund_told_first_has_its_credit_note),
		CASE(months_granted_wrongly_are_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
