/* subscription_money_test.c: first invoices against what was ordered, refunds and disputes of periods. */
#include "club.h"

#include "entitlement.h"
#include "invariant.h"
#include "payment.h"
#include "settle.h"

static void refund_takes_the_period_and_its_tokens(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	moment_clock_set(moment_from_unix(month_end(1) + 10));
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	assert_int_equal(balance(f, &scene), 1000);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_2", .charge = "ch_2", .stripe_invoice = "in_2",
		.amount = 900, .refunded = 400 });
	assert_true(payment_settle(&f->db, "pi_2"));
	assert_int_equal(balance(f, &scene), 1000); /* a part leaves everything as it is */
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_2", .charge = "", .stripe_invoice = "",
		.refunded = 900 });
	assert_true(payment_settle(&f->db, "pi_2"));
	db_commit(&f->db);
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(paid_until) AS SIGNED) FROM subscription"), month_end(1));
	assert_string_equal(db_text(&f->db, "SELECT state FROM subscription_period WHERE stripe_invoice = 'in_2'"), "revoked");
	assert_int_equal(token_check(&f->db), 0);
}

static void the_only_period_refunded_ends_all(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "", .stripe_invoice = "in_1",
		.amount = 900, .refunded = 900 });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
	assert_string_equal(license_state(f), "revoked");
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	assert_string_equal(license_state(f), "active");
}

static void tell_refund(struct fixture *f, const char *payment_intent, const char *invoice, int64_t refunded)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = payment_intent, .charge = "", .stripe_invoice = invoice,
		.amount = 900, .refunded = refunded });
	payment_settle(&f->db, payment_intent);
	db_commit(&f->db);
}

/* Of one month's refund: the licence and the tokens are kept; the next month's takes them as any other. */
static void what_staff_gave_back_goes_with_the_next_months_refund(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	tell_refund(f, "pi_1", "in_1", 900);
	db_begin(&f->db);
	entitlement_reinstate(&f->db, db_int(&f->db, "SELECT id FROM entitlement WHERE kind = 'license'"), scene.buyer, "a gift");
	entitlement_reinstate(&f->db, db_int(&f->db, "SELECT id FROM entitlement WHERE kind = 'tokens'"), scene.buyer, "a gift");
	db_commit(&f->db);
	tell_refund(f, "pi_1", "in_1", 900);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(balance(f, &scene), 1000);
	moment_clock_set(moment_from_unix(month_end(1) + 10));
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	assert_string_equal(license_state(f), "active");
	tell_refund(f, "pi_2", "in_2", 900);
	assert_string_equal(license_state(f), "revoked");
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(token_check(&f->db), 0);
}

/* The tokens' right: kept for a refund that failed since, it is not kept for the next. */
static void kept_tokens_of_a_failed_refund_go_with_the_next(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	tell_refund(f, "pi_1", "in_1", 900);
	db_begin(&f->db);
	entitlement_reinstate(&f->db, db_int(&f->db, "SELECT id FROM entitlement WHERE kind = 'tokens'"), scene.buyer, "a gift");
	db_run(&f->db, "UPDATE payment SET refunded = 0"); /* as a failed refund leaves it */
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state <> 'active' OR kept_for <> ''"), 0);
	tell_refund(f, "pi_1", "in_1", 900);
	assert_int_equal(balance(f, &scene), 0);
}

/* Both before anybody is known to tell of them: as if the refund had come after the grant. */
static void paid_and_refunded_before_we_heard(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, an_invoice("in_1", MONTH, 900, begin, month_end(1)));
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "", .stripe_invoice = "in_1",
		.amount = 900, .refunded = 900 });
	db_commit(&f->db);
	link_order(f, &scene);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'revoked' AND ends_at IS NOT NULL"), 3);
	assert_string_equal(license_state(f), "revoked");
	assert_int_equal(balance(f, &scene), 0);
}

static void tell_payment(struct fixture *f, const char *intent, int64_t amount, int64_t refunded)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = intent, .charge = "", .stripe_invoice = "in_1",
		.amount = amount, .refunded = refunded });
	payment_settle(&f->db, intent);
	db_commit(&f->db);
}

/* An invoice may be paid in parts: it is given back when all of it is. */
static void of_two_payments_both_are_given_back(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	tell_payment(f, "pi_a", 300, 300);
	tell_payment(f, "pi_b", 600, 0);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(balance(f, &scene), 1000);
	tell_payment(f, "pi_b", 600, 599);
	assert_string_equal(license_state(f), "active");
	tell_payment(f, "pi_b", 600, 600);
	assert_string_equal(license_state(f), "revoked");
	assert_int_equal(balance(f, &scene), 0);
}

/* Of what credit paid a part of, the money can be given back. */
static void beside_credit_the_money_given_back_is_all(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	struct invoice_fact first = the_first_invoice(900, month_end(1));
	first.amount_paid = 400;
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	tell_payment(f, "pi_a", 400, 399);
	assert_string_equal(license_state(f), "active");
	tell_payment(f, "pi_a", 400, 400);
	assert_string_equal(license_state(f), "revoked");
}

/* What was asked for is documented, with its tax, whatever paid it. */
static void credit_is_documented_as_money_is(void **state)
{
	static const struct { int64_t total, paid, tax; const char *document; } rows[] = {
		{ 1080, 1080, 180, "900 180 1080" }, { 1080, 100, 180, "900 180 1080" }, { 1080, 0, 180, "900 180 1080" },
		{ 0, 0, 0, "" }, { -400, 0, 0, "" },
	};
	struct fixture *f = *state;
	a_member_of_the_club(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		struct invoice_fact second = an_invoice("in_2", MONTH, rows[i].total, month_end(1), month_end(2));
		second.amount_paid = rows[i].paid;
		second.tax = rows[i].tax;
		tell_invoice(f, second);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 2);
		assert_string_equal(db_text(&f->db, "SELECT COALESCE(GROUP_CONCAT(CONCAT_WS(' ', net, tax, total)), '') FROM invoice"
			" WHERE source_id = (SELECT id FROM subscription_period WHERE stripe_invoice = 'in_2')"), rows[i].document);
		invariants_prove(&f->db);
		assert_int_equal(db_int(&f->db, "SELECT broken FROM invariant WHERE name = 'invoices_missing'"), 0);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void tell_dispute(struct fixture *f, const char *status, int64_t at)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "in_1",
		.amount = 900 });
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
		.status = status, .reason = "fraudulent", .currency = "usd", .amount = 900, .opened_at = moment_from_unix(begin),
		.told_at = moment_from_unix(at) });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
}

static void dispute_suspends_until_it_is_won(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	tell_dispute(f, "needs_response", begin + 20);
	assert_string_equal(license_state(f), "suspended");
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'subscription_dispute'"), 1);
	tell_dispute(f, "won", begin + 30);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(balance(f, &scene), 1000);
}

static void dispute_lost_revokes(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	tell_dispute(f, "lost", begin + 30);
	tell_dispute(f, "needs_response", begin + 20);
	assert_string_equal(license_state(f), "revoked");
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(token_check(&f->db), 0);
}

static const char *order_of_scene(struct fixture *f, const struct scene *scene)
{
	return db_text(&f->db, "SELECT state FROM orders WHERE id = ?", scene->order);
}

/* Stripe gives up after 23 hours: the order failed, in whatever order that is heard of, and may be paid after all. */
static void a_first_payment_that_never_came_fails_the_order(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_script(&f->db, "SAVEPOINT unlinked");
	link_order(f, &scene);
	tell(f, "incomplete", MONTH, begin);
	assert_string_equal(order_of_scene(f, &scene), "pending");
	tell(f, "incomplete_expired", MONTH, begin + 23 * 3600);
	assert_string_equal(order_of_scene(f, &scene), "failed");
	tell(f, "incomplete", MONTH, begin);
	assert_string_equal(order_of_scene(f, &scene), "failed");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'order.failed'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'mail_order_failed'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 0);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT unlinked");
	tell(f, "incomplete_expired", MONTH, begin + 23 * 3600);
	link_order(f, &scene);
	assert_string_equal(order_of_scene(f, &scene), "failed");
}

/* Tried again, with another page and another subscription: what is told of the first once more is of the past. Nor is an order
 * touched that is held, or paid. */
static void another_try_is_not_failed_by_the_first(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	link_order(f, &scene);
	db_run(&f->db, "UPDATE orders SET expires_at = ?", moment_from_unix(begin + 48 * 3600));
	tell(f, "incomplete_expired", MONTH, begin + 23 * 3600);
	assert_string_equal(order_of_scene(f, &scene), "pending");
	db_run(&f->db, "UPDATE orders SET expires_at = ?, review = 'currency_mismatch'", moment_from_unix(begin + 24 * 3600));
	tell(f, "incomplete_expired", MONTH, begin + 23 * 3600);
	assert_string_equal(order_of_scene(f, &scene), "pending");
	db_run(&f->db, "UPDATE orders SET review = ''");
	tell(f, "incomplete_expired", MONTH, begin + 23 * 3600);
	assert_string_equal(order_of_scene(f, &scene), "failed");
}

static int64_t inquiries(struct fixture *f)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'subscription.inquiry' AND subject_id ="
		" (SELECT id FROM subscription)");
}

/* Nothing is taken away; somebody should answer the bank. */
static void an_inquiry_is_told_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	for (int i = 0; i < 3; i++)
		tell_dispute(f, "warning_needs_response", begin + 20);
	assert_int_equal(inquiries(f), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'subscription.inquiry' AND account_id = ?",
		scene.buyer), 1);
	assert_int_equal(db_int(&f->db, "SELECT alerted FROM dispute"), 1);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(balance(f, &scene), 1000);
	tell_dispute(f, "warning_closed", begin + 40);
	assert_int_equal(inquiries(f), 1);
}

/* Told before anything else, and one that became a dispute before anybody knew whose it was. */
static void an_inquiry_waits_for_its_subscription(void **state)
{
	static const struct { const char *status; int64_t told; } rows[] = { { "warning_under_review", 1 }, { "needs_response", 0 } };
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	struct invoice_fact first = an_invoice("in_1", MONTH, 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		tell_dispute(f, "warning_needs_response", begin + 20);
		tell_dispute(f, rows[i].status, begin + 30);
		tell_invoice(f, first);
		link_order(f, &scene);
		tell(f, "active", MONTH, begin);
		assert_int_equal(inquiries(f), rows[i].told);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void a_wrong_amount_is_held(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	struct invoice_fact first = an_invoice("in_1", MONTH, 100, begin, month_end(1));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), "amount_mismatch");
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "pending");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 0);
	assert_int_equal(balance(f, &scene), 0);
}

/* The first invoice against what was ordered: its currency and its net. Held once, whatever is told again. */
static void the_first_invoice_is_what_was_ordered(void **state)
{
	static const struct { const char *name, *order, *currency; int64_t paid, tax; const char *state, *review; int64_t discount; }
	rows[] = {
		{ "as ordered", "", "usd", 900, 0, "paid", "", 0 },
		{ "with tax on top", "", "usd", 1080, 180, "paid", "", 0 },
		{ "with tax within", "tax_behavior = 'inclusive'", "usd", 900, 150, "paid", "", 0 },
		{ "with tax within, less by a code", "tax_behavior = 'inclusive', promotions = TRUE", "usd", 800, 133, "paid", "", 100 },
		{ "tax on top of what holds it", "tax_behavior = 'inclusive'", "usd", 1050, 150, "pending", "amount_mismatch", 0 },
		{ "in capitals", "", "USD", 900, 0, "paid", "", 0 },
		{ "another currency", "", "eur", 900, 0, "pending", "currency_mismatch", 0 },
		{ "too little", "", "usd", 800, 0, "pending", "amount_mismatch", 0 },
		{ "tax in place of the price", "", "usd", 900, 180, "pending", "amount_mismatch", 0 },
		{ "too much", "", "usd", 901, 0, "pending", "amount_mismatch", 0 },
		{ "less by a code", "promotions = TRUE", "usd", 800, 0, "paid", "", 100 },
		{ "more in spite of a code", "promotions = TRUE", "usd", 901, 0, "pending", "amount_mismatch", 0 },
		{ "held for its money", "review = 'livemode_mismatch'", "usd", 900, 0, "pending", "livemode_mismatch", 0 },
		{ "held for something else", "review = 'refund_failed'", "usd", 900, 0, "paid", "refund_failed", 0 },
	};
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		if (*rows[i].order)
			db_script(&f->db, mem_format(f->mem, "UPDATE orders SET %s", rows[i].order));
		struct invoice_fact first = an_invoice("in_1", MONTH, rows[i].paid, begin, month_end(1));
		first.billing_reason = "subscription_create";
		first.currency = rows[i].currency;
		first.tax = rows[i].tax;
		tell_invoice(f, first);
		int64_t audit = db_int(&f->db, "SELECT COUNT(*) FROM audit");
		tell_invoice(f, first);
		const char *says = db_text(&f->db, "SELECT CONCAT(state, ' ', review, ' ', discount) FROM orders");
		const char *wanted = mem_format(f->mem, "%s %s %lld", rows[i].state, rows[i].review, (long long)rows[i].discount);
		if (strcmp(says, wanted))
			fail_msg("%s: %s", rows[i].name, says);
		bool paid = !strcmp(rows[i].state, "paid");
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), paid ? 3 : 0);
		assert_int_equal(balance(f, &scene), paid ? 1000 : 0);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit"), audit);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* Monthly, then annual at half of the month, then the month's payment goes back: the upgrade's share is left, and the scheduler
 * does not grant the month again; the next one is whole. */
static void a_month_given_back_is_not_granted_again(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	int64_t half = (begin + month_end(1)) / 2;
	moment_clock_set(moment_from_unix(half + 5));
	tell(f, "active", YEAR, half);
	struct invoice_fact change = an_invoice("in_2", YEAR, 9450, half, moment_unix(moment_add_months(moment_from_unix(half), 12)));
	change.billing_reason = "subscription_update";
	change.from_price = MONTH;
	change.change_at = moment_from_unix(half);
	tell_invoice(f, change);
	assert_int_equal(balance(f, &scene), 2000);
	tell_refund(f, "pi_1", "in_1", 900);
	assert_int_equal(balance(f, &scene), 1000);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	assert_int_equal(balance(f, &scene), 1000);
	moment_clock_set(moment_from_unix(month_end(1) + 5));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 3000);
}

/* Two invoices of one month: its quota comes once; when the first is given back, the second brings it; and never both. */
static void a_month_billed_twice_has_its_quota_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	for (int times = 0; times < 2; times++)
		tell_invoice(f, an_invoice("in_1b", MONTH, 900, begin, month_end(1)));
	assert_int_equal(balance(f, &scene), 1000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 2);
	invariants_prove(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invariant WHERE name LIKE 'periods%' AND broken > 0"), 0);
	tell_refund(f, "pi_1", "in_1", 900);
	assert_int_equal(balance(f, &scene), 1000);
	db_begin(&f->db);
	db_run(&f->db, "UPDATE payment SET refunded = 0"); /* as a failed refund leaves it */
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	assert_int_equal(balance(f, &scene), 1000);
	tell_refund(f, "pi_1b", "in_1b", 900);
	assert_int_equal(balance(f, &scene), 1000);
	tell_refund(f, "pi_1", "in_1", 900);
	assert_int_equal(balance(f, &scene), 0);
	assert_string_equal(license_state(f), "revoked");
	assert_int_equal(token_check(&f->db), 0);
}

/* The invoice names a price of Stripe's that we do not know: it is that of the plan that was ordered. */
static void an_unknown_price_is_the_one_ordered(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	link_order(f, &scene);
	tell(f, "active", "price_of_another_shop", begin);
	struct invoice_fact first = an_invoice("in_1", "price_of_another_shop", 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	tell_invoice(f, first);
	assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), scene.month);
	assert_int_equal(balance(f, &scene), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(refund_takes_the_period_and_its_tokens),
		CASE(the_only_period_refunded_ends_all),
		CASE(what_staff_gave_back_goes_with_the_next_months_refund),
		CASE(kept_tokens_of_a_failed_refund_go_with_the_next),
		CASE(paid_and_refunded_before_we_heard),
		CASE(of_two_payments_both_are_given_back),
		CASE(beside_credit_the_money_given_back_is_all),
		CASE(credit_is_documented_as_money_is),
		CASE(dispute_suspends_until_it_is_won),
		CASE(an_inquiry_is_told_once), CASE(an_inquiry_waits_for_its_subscription),
		CASE(a_first_payment_that_never_came_fails_the_order), CASE(another_try_is_not_failed_by_the_first),
		CASE(dispute_lost_revokes),
		CASE(a_wrong_amount_is_held),
		CASE(the_first_invoice_is_what_was_ordered),
		CASE(a_month_given_back_is_not_granted_again),
		CASE(a_month_billed_twice_has_its_quota_once),
		CASE(an_unknown_price_is_the_one_ordered),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
