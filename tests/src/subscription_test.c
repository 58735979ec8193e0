/* subscription_test.c: facts of subscriptions in any shape and order, and what follows: access, grace, quotas, changes of plan,
 * refunds and disputes. The stories of Stripe are in tests/cgi-bin/hook/subscription_test.c. */
#include "plans.h"

#include "access.h"
#include "buyer.h"
#include "json.h"
#include "payment.h"
#include "settle.h"
#include "stripe_event.h"
#include "stripe_read.h"
#include "subscription_settle.h"
#include "token.h"

#define MONTH "price_month"
#define YEAR "price_year"

static const int64_t begin = 1800000000; /* 15 January 2027 */

/* A club with a monthly (1,000 tokens) and an annual plan (3,000), a buyer, and the order of one of them. */
struct scene {
	int64_t buyer, month, year, order;
};

static struct scene scene_of(struct fixture *f, bool annual)
{
	struct scene scene = { .buyer = a_member(f, "jenny@example.com") };
	int64_t product = a_club(f);
	scene.month = a_plan(f, product, "monthly", MONTH, 900, "month", 1000);
	scene.year = a_plan(f, product, "annual", YEAR, 9900, "year", 3000);
	moment_clock_set(moment_from_unix(begin + 10));
	scene.order = an_order(f, scene.buyer,
		db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", annual ? scene.year : scene.month));
	return scene;
}

static int gone_back(void **state)
{
	moment_clock_set((struct moment){ 0 });
	return gone(state);
}

static void tell(struct fixture *f, const char *status, const char *price, int64_t at)
{
	struct subscription_fact fact = { .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = price, .status = status, .pause_behavior = "", .started_at = moment_from_unix(begin),
		.anchor_at = moment_from_unix(begin), .period_start = moment_from_unix(begin),
		.period_end = moment_add_months(moment_from_unix(begin), 1), .told_at = moment_from_unix(at), .rank = "2evt" };
	db_begin(&f->db);
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

static struct invoice_fact an_invoice(const char *id, const char *price, int64_t amount, int64_t from, int64_t to)
{
	return (struct invoice_fact){ .id = id, .stripe_subscription = "sub_1", .stripe_price = price, .from_price = "",
		.status = "paid", .billing_reason = "subscription_cycle", .currency = "usd", .hosted_url = "",
		.amount_paid = amount, .period_start = moment_from_unix(from), .period_end = moment_from_unix(to),
		.created_at = moment_from_unix(from) };
}

static void tell_invoice(struct fixture *f, struct invoice_fact fact)
{
	db_begin(&f->db);
	invoice_told(&f->db, fact);
	subscription_placed(&f->db, "sub_1");
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

static void link_order(struct fixture *f, const struct scene *scene)
{
	db_begin(&f->db);
	subscription_placed(&f->db, "sub_1");
	subscription_link(&f->db, "sub_1", "cus_1", order_locked(&f->db, scene->order));
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

static int64_t month_end(int64_t k)
{
	return moment_unix(moment_add_months(moment_from_unix(begin), k));
}

/* The first month, paid and told whole. */
static struct scene a_member_of_the_club(struct fixture *f)
{
	struct scene scene = scene_of(f, false);
	struct invoice_fact first = an_invoice("in_1", MONTH, 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	return scene;
}

static int64_t balance(struct fixture *f, const struct scene *scene)
{
	return token_balance(&f->db, scene->buyer);
}

static const char *license_state(struct fixture *f)
{
	return db_text(&f->db, "SELECT state FROM license");
}

static int64_t download_until(struct fixture *f)
{
	return db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(ends_at) AS SIGNED) FROM entitlement WHERE kind = 'download'");
}

static void facts_wait_for_their_account(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, an_invoice("in_1", MONTH, 900, begin, month_end(1)));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 0);
	link_order(f, &scene);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 1);
	assert_int_equal(balance(f, &scene), 1000);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "paid");
	assert_string_equal(db_text(&f->db, "SELECT stripe_customer FROM account WHERE id = ?", scene.buyer), "cus_1");
	link_order(f, &scene);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 3);
}

static void a_final_status_stays(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	tell(f, "canceled", MONTH, begin + 50);
	assert_string_equal(license_state(f), "expired");
	tell(f, "active", MONTH, begin + 100);
	assert_string_equal(db_text(&f->db, "SELECT status FROM subscription"), "canceled");
	assert_string_equal(license_state(f), "expired");
	assert_int_equal(download_until(f), month_end(1)); /* what is paid stays until its end */
}

static void unknown_statuses_give_no_access(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	static const char *const none[] = { "unpaid", "paused", "incomplete", "new_in_2031" };
	for (size_t i = 0; i < 4; i++) {
		tell(f, none[i], MONTH, begin + 100 * (int64_t)(i + 1));
		assert_string_equal(license_state(f), "expired");
	}
	tell(f, "active", MONTH, begin + 1000);
	assert_string_equal(license_state(f), "active");
}

static void overdue_gives_days_of_grace(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	assert_int_equal(download_until(f), month_end(1) + 3 * 3600);
	tell(f, "past_due", MONTH, month_end(1));
	assert_int_equal(download_until(f), month_end(1) + 7 * 86400);
	assert_string_equal(license_state(f), "active");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'subscription.past_due'"), 1);
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	tell(f, "active", MONTH, month_end(1) + 100);
	assert_int_equal(download_until(f), month_end(2) + 3 * 3600);
}

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

static void staffs_word_stays(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	db_run(&f->db, "UPDATE entitlement SET state = 'suspended', reason = 'staff' WHERE kind = 'license'");
	tell(f, "active", MONTH, begin + 100);
	assert_string_equal(db_text(&f->db, "SELECT state FROM entitlement WHERE kind = 'license'"), "suspended");
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

/* An annual plan gets its quota every month; after months of silence only that of now. */
static void annual_quota_comes_monthly(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, true);
	struct invoice_fact first = an_invoice("in_1", YEAR, 9900, begin, month_end(12));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", YEAR, begin);
	tell_invoice(f, first);
	assert_int_equal(balance(f, &scene), 3000);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	moment_clock_set(moment_from_unix(month_end(1)));
	assert_int_equal(balance(f, &scene), 0);
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	assert_int_equal(balance(f, &scene), 3000);
	moment_clock_set(moment_from_unix(month_end(4) + 40));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 3000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot"), 3);
	tell(f, "past_due", YEAR, month_end(5));
	moment_clock_set(moment_from_unix(month_end(5) + 40));
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	tell(f, "active", YEAR, month_end(5) + 50);
	moment_clock_set(moment_from_unix(month_end(12)));
	assert_int_equal(quotas_renew(&f->db, 10), 0); /* the next year is not paid */
	assert_int_equal(token_check(&f->db), 0);
}

/* A renewal as Stripe's list names it, in the older shape: month k from its start. */
static const char *a_renewal(struct fixture *f, int64_t k)
{
	return mem_format(f->db.mem,
		"{\"id\":\"in_%lld\",\"subscription\":\"sub_1\",\"status\":\"paid\",\"billing_reason\":\"subscription_cycle\","
		"\"currency\":\"usd\",\"amount_paid\":900,\"created\":%lld,\"payment_intent\":\"pi_%lld\",\"charge\":\"ch_%lld\","
		"\"lines\":{\"data\":[{\"type\":\"subscription\",\"amount\":900,\"price\":\"" MONTH "\","
		"\"period\":{\"start\":%lld,\"end\":%lld}}]}}",
		(long long)k + 1, (long long)month_end(k), (long long)k, (long long)k, (long long)month_end(k),
		(long long)month_end(k + 1));
}

static void months_told_at_once(struct fixture *f)
{
	const char *text = mem_format(f->db.mem, "[%s,%s,%s,%s]", a_renewal(f, 3), a_renewal(f, 2), a_renewal(f, 4),
		a_renewal(f, 1));
	struct json_object *invoices = json_read(f->db.mem, (struct bytes){ (const unsigned char *)text, strlen(text) }, 32);
	db_begin(&f->db);
	invoices_note(&f->db, invoices);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

/* Months that are over when they are told have their lot, document and period; what can be spent is the last one's alone. */
static void an_outage_of_months_is_made_up(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	moment_clock_set(moment_from_unix(month_end(4) + 10));
	for (int times = 0; times < 2; times++) {
		months_told_at_once(f);
		assert_int_equal(balance(f, &scene), 1000);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE kind = 'quota' AND granted = 1000"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE source = 'period'"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'subscription.renewed'"), 4);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'subscription.paid'"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id"), 5);
		assert_int_equal(db_int(&f->db, "SELECT last FROM invoice_counter"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT subject_id) FROM job WHERE reaction = 'invoice_print'"), 5);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM payment WHERE stripe_invoice LIKE 'in\\_%' AND charge <> ''"), 4);
		assert_int_equal(token_check(&f->db), 0);
	}
	assert_int_equal(db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(paid_until) AS SIGNED) FROM subscription"), month_end(5));
}

static void upgrade_brings_its_share(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	int64_t half = (begin + month_end(1)) / 2;
	const char *key = db_text(&f->db, "SELECT license_key FROM license");
	moment_clock_set(moment_from_unix(half + 5));
	struct invoice_fact change = an_invoice("in_2", YEAR, 9000, half, moment_unix(moment_add_months(moment_from_unix(half), 12)));
	change.billing_reason = "subscription_update";
	change.from_price = MONTH;
	change.change_at = moment_from_unix(half);
	tell_invoice(f, change);
	tell(f, "active", YEAR, half);
	assert_int_equal(balance(f, &scene), 2000); /* (3000 - 1000) / 2 more */
	assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), scene.year);
	assert_string_equal(db_text(&f->db, "SELECT license_key FROM license"), key); /* the same key goes on */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license"), 1);
	assert_int_equal(quotas_renew(&f->db, 10), 0);
	moment_clock_set(moment_from_unix(month_end(1) + 5));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 3000);
}

/* The scheduler was down when the month began, and the plan was changed since: its quota is that of the plan it began with. */
static void a_late_month_has_the_quota_it_began_with(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, true);
	struct invoice_fact first = an_invoice("in_1", YEAR, 9900, begin, month_end(12));
	a_plan(f, product_id_of(f, "club"), "more", "price_more", 19900, "year", 8000);
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", YEAR, begin);
	tell_invoice(f, first);
	int64_t half = (month_end(1) + month_end(2)) / 2;
	moment_clock_set(moment_from_unix(half + 5));
	struct invoice_fact change = an_invoice("in_2", "price_more", 9000, half, month_end(12));
	change.billing_reason = "subscription_update";
	change.from_price = YEAR;
	change.change_at = moment_from_unix(half);
	tell_invoice(f, change);
	assert_int_equal(balance(f, &scene), 2500); /* half of the 5,000 more */
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 5500);
	moment_clock_set(moment_from_unix(month_end(2)));
	assert_int_equal(quotas_renew(&f->db, 10), 1);
	assert_int_equal(balance(f, &scene), 8000);
}

/* Cancelled and kept again within a second: which was the later, only Stripe knows. */
static void two_changes_of_one_second_are_asked_about(void **state)
{
	struct fixture *f = *state;
	struct subscription_fact fact = { .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = MONTH, .status = "active", .pause_behavior = "", .told_at = moment_from_unix(begin), .rank = "2b" };
	db_begin(&f->db);
	assert_int_equal(subscription_told(&f->db, fact), NEWS_NEWER);
	fact.rank = "2a";
	assert_int_equal(subscription_told(&f->db, fact), NEWS_NONE); /* nothing differs */
	fact.cancel_at = moment_from_unix(month_end(1));
	assert_int_equal(subscription_told(&f->db, fact), NEWS_SAME_SECOND);
	db_commit(&f->db);
}

static void proration_alone_extends_nothing(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	int64_t half = (begin + month_end(1)) / 2, more = a_plan(f, product_id_of(f, "club"), "more", "price_more", 1900, "month", 5000);
	moment_clock_set(moment_from_unix(half + 5));
	struct invoice_fact change = an_invoice("in_2", "price_more", 500, half, half);
	change.billing_reason = "subscription_update";
	change.from_price = MONTH;
	change.period_start = change.period_end = (struct moment){ 0 };
	change.change_at = moment_from_unix(half);
	change.change_end = moment_from_unix(month_end(1));
	tell_invoice(f, change);
	assert_int_equal(balance(f, &scene), 3000); /* 1000 + (5000 - 1000) / 2 */
	assert_int_equal(db_int(&f->db, "SELECT price_id FROM subscription"), more);
	assert_int_equal(db_int(&f->db, "SELECT CAST(UNIX_TIMESTAMP(paid_until) AS SIGNED) FROM subscription"), month_end(1));
}

static void a_trial_is_once(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db, "UPDATE price SET trial_days = 14");
	struct subscription_fact fact = { .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = MONTH, .status = "trialing", .pause_behavior = "", .started_at = moment_from_unix(begin),
		.trial_start = moment_from_unix(begin), .trial_end = moment_from_unix(begin + 14 * 86400),
		.told_at = moment_from_unix(begin), .rank = "" };
	link_order(f, &scene);
	tell_invoice(f, an_invoice("in_1", MONTH, 0, begin, begin + 14 * 86400));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period"), 0); /* a trial, or not: not told yet */
	db_begin(&f->db);
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period WHERE trial"), 1);
	assert_int_equal(balance(f, &scene), 100);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "paid");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM trial_claim"), 1);
	db_run(&f->db, "UPDATE trial_claim SET subscription_id = 999");
	tell_invoice(f, an_invoice("in_1", MONTH, 0, begin, begin + 14 * 86400));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'trial_again'"), 1);
}

static void both_shapes_read_alike(void **state)
{
	struct fixture *f = *state;
	const char *texts[] = {
		"{\"id\":\"in_1\",\"subscription\":{\"id\":\"sub_1\"},\"status\":\"paid\",\"lines\":{\"data\":[{\"type\":\"subscription\","
		"\"amount\":900,\"price\":{\"id\":\"p\"},\"period\":{\"start\":10,\"end\":20}}]}}",
		"{\"id\":\"in_1\",\"parent\":{\"subscription_details\":{\"subscription\":\"sub_1\"}},\"status\":\"paid\",\"lines\":{\"data\":["
		"{\"parent\":{\"subscription_item_details\":{\"proration\":false}},\"amount\":900,\"pricing\":{\"price_details\":"
		"{\"price\":\"p\"}},\"period\":{\"start\":10,\"end\":20}}]}}" };
	for (size_t i = 0; i < 2; i++) {
		struct invoice_fact fact = invoice_read(json_read(f->mem,
			(struct bytes){ (const unsigned char *)texts[i], strlen(texts[i]) }, 32));
		assert_string_equal(fact.stripe_subscription, "sub_1");
		assert_string_equal(fact.stripe_price, "p");
		assert_int_equal(moment_unix(fact.period_end), 20);
	}
	const char *odd[] = { "{}", "[]", "null", "{\"items\":7,\"status\":3,\"id\":[]}", "{\"lines\":{\"data\":[null,7,{}]}}" };
	for (size_t i = 0; i < 5; i++) {
		struct json_object *value = json_read(f->mem, (struct bytes){ (const unsigned char *)odd[i], strlen(odd[i]) }, 32);
		assert_string_equal(subscription_read(value).stripe_subscription, "");
		assert_string_equal(invoice_read(value).stripe_subscription, "");
	}
}

static struct subscription_fact a_trial(const char *status, int64_t at)
{
	return (struct subscription_fact){ .stripe_subscription = "sub_1", .stripe_customer = "cus_1", .stripe_item = "si_1",
		.stripe_price = MONTH, .status = status, .pause_behavior = "", .started_at = moment_from_unix(begin),
		.trial_start = moment_from_unix(begin), .trial_end = moment_from_unix(begin + 14 * 86400),
		.told_at = moment_from_unix(at), .rank = "" };
}

static void told_and_settled(struct fixture *f, struct subscription_fact fact)
{
	db_begin(&f->db);
	subscription_told(&f->db, fact);
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

/* Ended on its third day: what it gave ends then, not after two weeks. */
static void a_trial_that_is_ended_early_ends_then(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db, "UPDATE price SET trial_days = 14");
	link_order(f, &scene);
	tell_invoice(f, an_invoice("in_1", MONTH, 0, begin, begin + 14 * 86400));
	told_and_settled(f, a_trial("trialing", begin));
	assert_true(download_until(f) >= begin + 14 * 86400);
	struct subscription_fact ended = a_trial("canceled", begin + 3 * 86400);
	ended.ended_at = moment_from_unix(begin + 3 * 86400);
	told_and_settled(f, ended);
	assert_int_equal(download_until(f), begin + 3 * 86400);
	assert_string_equal(license_state(f), "expired");
}

/* The first invoice against what was ordered: its currency and its net. Held once, whatever is told again. */
static void the_first_invoice_is_what_was_ordered(void **state)
{
	static const struct { const char *name, *order, *currency; int64_t paid, tax; const char *state, *review; int64_t discount; }
	rows[] = {
		{ "as ordered", "", "usd", 900, 0, "paid", "", 0 },
		{ "with tax on top", "", "usd", 1080, 180, "paid", "", 0 },
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

/* A plan with a module, left for one without: the module closes, the licence keeps its key. */
static void what_the_new_plan_does_not_give_ends(void **state)
{
	struct fixture *f = *state;
	struct scene scene = scene_of(f, false);
	db_run(&f->db,
		"INSERT INTO benefit (price_id, product_id, kind, position, module, level) SELECT id, product_id, 'module', 3, 'studio',"
		" 'pro' FROM price WHERE id = ?",
		scene.month);
	struct invoice_fact first = an_invoice("in_1", MONTH, 900, begin, month_end(1));
	first.billing_reason = "subscription_create";
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, first);
	struct access_ask ask = { .account_id = scene.buyer, .module = "studio", .level = "" };
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_OPEN);
	assert_true(moment_unix(access_check(&f->db, ask).access->ends_at) >= month_end(1));
	const char *key = db_text(&f->db, "SELECT license_key FROM license");
	moment_clock_set(moment_from_unix(month_end(1) + 5));
	tell_invoice(f, an_invoice("in_2", YEAR, 9900, month_end(1), month_end(13)));
	tell(f, "active", YEAR, month_end(1));
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_ENDED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE kind = 'module' AND state = 'expired'"
		" AND reason = 'plan_changed'"), 1);
	assert_string_equal(db_text(&f->db, "SELECT license_key FROM license WHERE state = 'active'"), key);
	tell_invoice(f, an_invoice("in_2", YEAR, 9900, month_end(1), month_end(13)));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.expired'"), 1);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, fresh, gone_back)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(facts_wait_for_their_account), CASE(a_final_status_stays),
		CASE(unknown_statuses_give_no_access), CASE(overdue_gives_days_of_grace),
		CASE(refund_takes_the_period_and_its_tokens), CASE(the_only_period_refunded_ends_all),
		CASE(dispute_suspends_until_it_is_won), CASE(dispute_lost_revokes), CASE(staffs_word_stays),
		CASE(a_wrong_amount_is_held), CASE(annual_quota_comes_monthly),
		CASE(an_outage_of_months_is_made_up), CASE(upgrade_brings_its_share),
		CASE(proration_alone_extends_nothing), CASE(a_trial_is_once), CASE(paid_and_refunded_before_we_heard),
		CASE(a_late_month_has_the_quota_it_began_with), CASE(two_changes_of_one_second_are_asked_about),
		CASE(both_shapes_read_alike), CASE(a_trial_that_is_ended_early_ends_then),
		CASE(the_first_invoice_is_what_was_ordered), CASE(an_unknown_price_is_the_one_ordered),
		CASE(what_the_new_plan_does_not_give_ends) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
