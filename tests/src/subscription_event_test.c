/* subscription_event_test.c: single events about subscriptions, each with one thing bent; and Stripe asked how one stands. */
#include "plans.h"

#include "buyer.h"
#include "checkout.h"
#include "fake_stripe.h"
#include "stripe_event.h"
#include "subscription_ask.h"
#include "subscription_settle.h"

enum { BEGIN = 1800000000, MONTH = 31 * 86400 };

static const char *an_event(struct fixture *f, const char *id, const char *type, const char *object)
{
	return json_of(f, mem_format(f->mem, "{'id':'%s','object':'event','type':'%s','created':%d,'livemode':false,"
		"'data':{'object':{%s}}}", id, type, (int)BEGIN, object));
}

static enum stripe_taken taken(struct fixture *f, const char *id, const char *type, const char *object)
{
	const char *body = an_event(f, id, type, object);
	return stripe_event_take(&f->db, (struct bytes){ (const unsigned char *)body, strlen(body) });
}

/* A pending order of a monthly plan, 9.00 usd, whose payment page is cs_1; and one of a thing that does not recur. */
static int64_t an_order_of_a_plan(struct fixture *f)
{
	moment_clock_set(moment_from_unix(BEGIN + 10));
	int64_t buyer = a_member(f, "jenny@example.com");
	int64_t plan = a_plan(f, a_club(f), "Monthly", "price_month", 900, "month", 1000);
	int64_t once = an_order(f, buyer, a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET number = 'ONCE-ONCE-ONCE' WHERE id = ?", once);
	int64_t id = an_order(f, buyer, db_text(&f->db, "SELECT public_id FROM price WHERE id = ?", plan));
	db_run(&f->db, "UPDATE orders SET number = 'AAAA-BBBB-CCCC', stripe_session = 'cs_1' WHERE id = ?", id);
	return id;
}

static const char *order_says(struct fixture *f, int64_t order)
{
	return db_text(&f->db, "SELECT CONCAT(state, ' ', review, IF(settles_later, ' later', '')) FROM orders WHERE id = ?", order);
}

#define PAGE                                                                                                         \
	"'id':'cs_1','object':'checkout.session','mode':'subscription','client_reference_id':'AAAA-BBBB-CCCC',"             \
	"'currency':'usd','livemode':false,'amount_total':900,'payment_status':'paid','status':'complete'"
#define SUB ",'subscription':'sub_1','customer':'cus_1'"
#define FREE SUB ",'amount_total':0,'payment_status':'no_payment_required'"

static const struct {
	const char *name, *set, *trial, *bent;
	enum stripe_taken taken;
	const char *says;
	int64_t linked;
} pages[] = {
	{ "as it should be", "", "", SUB, TAKEN_APPLIED, "pending ", 1 },
	{ "expanded", "", "", ",'subscription':{'id':'sub_1'},'customer':{'id':'cus_1'}", TAKEN_APPLIED, "pending ", 1 },
	{ "no subscription yet", "", "", ",'subscription':null", TAKEN_APPLIED, "pending ", 0 },
	{ "expired", "", "", ",'status':'expired','payment_status':'unpaid'", TAKEN_APPLIED, "expired ", 0 },
	{ "an older one expired", "", "", ",'status':'expired','id':'cs_0'", TAKEN_IGNORED, "pending ", 0 },
	{ "another's number", "", "", SUB ",'client_reference_id':'ZZZZ-ZZZZ-ZZZZ'", TAKEN_IGNORED, "pending ", 0 },
	{ "of what does not recur", "", "", SUB ",'client_reference_id':'ONCE-ONCE-ONCE'", TAKEN_IGNORED, "pending ", 0 },
	{ "paid at once", "", "", SUB ",'mode':'payment'", TAKEN_APPLIED, "paid ", 0 },
	{ "another session", "", "", SUB ",'id':'cs_2'", TAKEN_REVIEW, "pending session_mismatch", 0 },
	{ "too little", "", "", SUB ",'amount_total':100", TAKEN_REVIEW, "pending amount_mismatch", 0 },
	{ "too little, told again", "review = 'amount_mismatch'", "", SUB ",'amount_total':100", TAKEN_REVIEW,
		"pending amount_mismatch", 0 },
	{ "too little, but staff let it go", "decision = 'release', decided = 'amount_mismatch'", "", SUB ",'amount_total':100",
		TAKEN_APPLIED, "pending ", 1 },
	{ "another doubt than staff let go", "decision = 'release', decided = 'amount_mismatch'", "", SUB ",'id':'cs_2'",
		TAKEN_REVIEW, "pending session_mismatch", 0 },
	{ "a trial", "", "trial_days = 14", FREE, TAKEN_APPLIED, "pending ", 1 },
	{ "a trial there is not", "", "", FREE, TAKEN_REVIEW, "pending amount_mismatch", 0 },
	{ "free by a code", "promotions = TRUE", "", FREE, TAKEN_APPLIED, "pending ", 1 },
	{ "a trial of another's session", "", "trial_days = 14", FREE ",'id':'cs_2'", TAKEN_REVIEW, "pending session_mismatch", 0 },
	{ "a trial that was paid", "", "trial_days = 14", FREE ",'payment_status':'paid'", TAKEN_REVIEW, "pending amount_mismatch", 0 },
	{ "a trial for something", "", "trial_days = 14", FREE ",'amount_total':5", TAKEN_REVIEW, "pending amount_mismatch", 0 },
	{ "settles later", "", "", SUB ",'payment_status':'unpaid'", TAKEN_APPLIED, "pending  later", 1 },
	{ "held for something else", "review = 'refund_failed'", "", SUB, TAKEN_REVIEW, "pending refund_failed", 1 },
};

static void each_page_of_a_plan_has_its_end(void **state)
{
	struct fixture *f = *state;
	int64_t order = an_order_of_a_plan(f);
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		if (*pages[i].set)
			db_script(&f->db, mem_format(f->mem, "UPDATE orders SET %s", pages[i].set));
		if (*pages[i].trial)
			db_script(&f->db, mem_format(f->mem, "UPDATE price SET %s WHERE recurring <> 'once'", pages[i].trial));
		enum stripe_taken end = taken(f, "evt_1", "checkout.session.completed", mem_format(f->mem, PAGE "%s", pages[i].bent));
		if (end != pages[i].taken || strcmp(order_says(f, order), pages[i].says))
			fail_msg("%s: taken as %d, order %s", pages[i].name, (int)end, order_says(f, order));
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription WHERE order_id = ? AND stripe_customer = 'cus_1'",
			order), pages[i].linked);
		int64_t audit = db_int(&f->db, "SELECT COUNT(*) FROM audit");
		taken(f, "evt_again", "checkout.session.completed", mem_format(f->mem, PAGE "%s", pages[i].bent));
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit"), audit);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

#define OBJECT(status)                                                                                               \
	"'id':'sub_1','object':'subscription','customer':'cus_1','status':'" status "','items':{'data':[{'id':'si_1',"      \
	"'price':{'id':'price_month'},'current_period_start':1800000000,'current_period_end':1802678400}]}"

static void our_number_in_the_metadata_ties_them(void **state)
{
	static const struct { const char *more; int64_t linked; } rows[] = {
		{ "", 0 }, { ",'metadata':{'order_id':'AAAA-BBBB-CCCC'}", 1 }, { ",'metadata':{'order_id':'ZZZZ-ZZZZ-ZZZZ'}", 0 },
		{ ",'metadata':{'order_id':'ONCE-ONCE-ONCE'}", 0 }, { ",'metadata':{'order_id':'AAAA-BBBB-CCCC'},'customer':null", 1 },
	};
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		assert_int_equal(taken(f, "evt_1", "customer.subscription.created",
			mem_format(f->mem, OBJECT("active") "%s", rows[i].more)), TAKEN_APPLIED);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription WHERE account_id > 0 AND order_id > 0"), rows[i].linked);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription"), 1);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

#define FIRST_INVOICE                                                                                                \
	"'id':'in_1','object':'invoice','subscription':'sub_1','customer':'cus_1','status':'paid','amount_paid':900,"         \
	"'currency':'usd','billing_reason':'subscription_create','created':1800000000,'lines':{'data':[{'type':'subscription',"  \
	"'price':'price_month','amount':900,'period':{'start':1800000000,'end':1802678400}}]}"

/* Made elsewhere, at Stripe's dashboard: its customer is known, its price is ours. */
static void a_customer_that_is_known_is_their_account(void **state)
{
	static const struct { const char *customer, *more; int64_t linked; } rows[] = {
		{ "cus_1", "", 1 }, { "cus_1", ",'customer':{'id':'cus_1'}", 1 }, { "cus_2", "", 0 }, { "cus_1", ",'customer':null", 0 },
		{ "cus_1", ",'metadata':{'order_id':'ZZZZ-ZZZZ-ZZZZ'}", 0 },
		{ "cus_1", ",'items':{'data':[{'id':'si_1','price':{'id':'price_of_another_shop'}}]}", 0 },
	};
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_run(&f->db, "UPDATE account SET stripe_customer = ?", rows[i / 2].customer);
		if (i % 2)
			taken(f, "evt_2", "invoice.paid", FIRST_INVOICE);
		assert_int_equal(taken(f, "evt_1", "customer.subscription.created",
			mem_format(f->mem, OBJECT("active") "%s", rows[i / 2].more)), TAKEN_APPLIED);
		if (!(i % 2))
			taken(f, "evt_2", "invoice.paid", FIRST_INVOICE);
		int64_t linked = rows[i / 2].linked;
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription WHERE account_id > 0 AND order_id = 0"), linked);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license WHERE state = 'active'"), linked);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE granted = 1000"), linked);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM invoice WHERE total = 900"), linked);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* A customer of one account is never tied to another; an account keeps the first it had. */
static void a_customer_belongs_to_one_account(void **state)
{
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	int64_t other = a_member(f, "other@example.com");
	db_run(&f->db, "UPDATE account SET stripe_customer = 'cus_1' WHERE id = ?", other);
	taken(f, "evt_1", "checkout.session.completed", PAGE SUB);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE stripe_customer = 'cus_1'"), 1);
	assert_string_equal(db_text(&f->db, "SELECT stripe_customer FROM account WHERE id = ?", other), "cus_1");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription WHERE account_id = ?", other), 0);
}

/* Two events of one second that differ in what counts: only Stripe knows which was the later. */
static void two_of_one_second_are_asked_about(void **state)
{
	static const struct { const char *first, *second, *more; int64_t asked; } rows[] = {
		{ "customer.subscription.updated", "customer.subscription.updated", "", 0 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'status':'past_due'", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'items':{'data':[{'price':'price_year',"
			"'current_period_start':1800000000,'current_period_end':1802678400}]}", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'pause_collection':{'behavior':'void'}", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'pause_collection':{'resumes_at':1800000500}", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'cancel_at':1800000500", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'trial_end':1800000500", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'items':null,'current_period_end':1802678401", 1 },
		{ "customer.subscription.updated", "customer.subscription.updated", ",'items':{'data':[{'price':'price_month',"
			"'current_period_end':1802678401}]}", 1 },
		{ "customer.subscription.updated", "customer.subscription.deleted", ",'status':'canceled'", 0 },
	};
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		taken(f, "evt_1", rows[i].first, OBJECT("active"));
		taken(f, "evt_2", rows[i].second, mem_format(f->mem, OBJECT("active") "%s", rows[i].more));
		int64_t asked = db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'subscription_check'");
		if (asked != rows[i].asked)
			fail_msg("%s: %lld", rows[i].more, (long long)asked);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* Checkout makes a subscription incomplete and activates it within a second: whatever comes first, it is active. */
static void a_beginning_is_never_the_later(void **state)
{
	static const struct { const char *type, *object; } told[] = {
		{ "customer.subscription.created", OBJECT("incomplete") }, { "customer.subscription.updated", OBJECT("incomplete") },
		{ "customer.subscription.updated", OBJECT("active") },
	};
	static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 }, { 0, 2, 1 }, { 1, 0, 2 } };
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		for (size_t k = 0; k < 3; k++)
			taken(f, mem_format(f->mem, "evt_%zu", orders[i][k]), told[orders[i][k]].type, told[orders[i][k]].object);
		assert_string_equal(db_text(&f->db, "SELECT status FROM subscription"), "active");
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void an_object_without_a_name_or_status_is_ignored(void **state)
{
	static const char *const objects[] = { "", "'id':'sub_1'", "'status':'active'", "'id':'sub_1','status':7" };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
		assert_int_equal(taken(f, mem_format(f->mem, "evt_%zu", i), "customer.subscription.updated", objects[i]), TAKEN_IGNORED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription"), 0);
}

/* An unknown status gives no access, however long its word is. */
static void a_word_longer_than_its_column_is_no_access(void **state)
{
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	taken(f, "evt_1", "customer.subscription.created", OBJECT("active") ",'metadata':{'order_id':'AAAA-BBBB-CCCC'}");
	assert_int_equal(taken(f, "evt_2", "customer.subscription.updated", OBJECT("suspended_for_compliance_review")
		",'pause_collection':{'behavior':'keep_as_draft_until_somebody_looked'}"), TAKEN_APPLIED);
	assert_string_equal(db_text(&f->db, "SELECT CONCAT(status, ' ', pause_behavior) FROM subscription"),
		"suspended_for_compliance keep_as_draft_until_some");
}

static int64_t told(struct fixture *f, const char *topic)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = ?", topic);
}

static void the_end_of_a_trial_is_told_to_who_has_one(void **state)
{
	static const struct { bool linked; const char *object; int64_t told; } rows[] = {
		{ true, OBJECT("trialing"), 1 }, { false, OBJECT("trialing"), 0 }, { true, OBJECT("active"), 0 },
	};
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		if (rows[i].linked)
			taken(f, "evt_0", "checkout.session.completed", PAGE SUB);
		assert_int_equal(taken(f, "evt_1", "customer.subscription.trial_will_end", rows[i].object), TAKEN_APPLIED);
		assert_int_equal(told(f, "subscription.trial_will_end"), rows[i].told);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

#define INVOICE(status, attempt)                                                                                     \
	"'id':'in_1','subscription':'sub_1','customer':'cus_1','status':'" status "','currency':'usd','amount_due':900,"    \
	"'attempt_count':" attempt ",'billing_reason':'subscription_cycle'"

/* Once per attempt; not who is unknown, not of what was paid meanwhile, not of an attempt that another followed. */
static void a_payment_that_failed_is_told(void **state)
{
	static const struct { bool linked; const char *before, *failed; int64_t told; } rows[] = {
		{ true, "", INVOICE("open", "1"), 1 },
		{ false, "", INVOICE("open", "1"), 0 },
		{ true, INVOICE("paid", "1"), INVOICE("open", "1"), 0 },
		{ true, INVOICE("open", "2"), INVOICE("open", "1"), 0 },
		{ true, INVOICE("open", "1"), INVOICE("open", "2"), 1 },
	};
	static const struct { const char *type, *topic; } kinds[] = {
		{ "invoice.payment_failed", "subscription.payment_failed" },
		{ "invoice.payment_action_required", "subscription.action_required" },
	};
	struct fixture *f = *state;
	an_order_of_a_plan(f);
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		size_t row = i / 2, kind = i % 2;
		db_script(&f->db, "SAVEPOINT row");
		if (rows[row].linked)
			taken(f, "evt_0", "checkout.session.completed", PAGE SUB);
		if (*rows[row].before)
			taken(f, "evt_1", "invoice.paid", rows[row].before);
		assert_int_equal(taken(f, "evt_2", kinds[kind].type, rows[row].failed), TAKEN_APPLIED);
		assert_int_equal(told(f, kinds[kind].topic), rows[row].told);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* What Stripe says when it is asked: the object, with its latest invoice as an id or whole. */
#define LATEST                                                                                                       \
	",'metadata':{'order_id':'AAAA-BBBB-CCCC'},'latest_invoice':{'id':'in_1','subscription':'sub_1','status':'paid',"    \
	"'amount_paid':900,'currency':'usd','billing_reason':'subscription_create','created':1800000000,'payment_intent':"  \
	"{'id':'pi_1'},'charge':'ch_1','lines':{'data':[{'type':'subscription','price':'price_month','amount':900,"         \
	"'period':{'start':1800000000,'end':1802678400}}]}}"

static void stripe_is_asked_how_it_stands(void **state)
{
	static const struct { const char *name, *known; int status; const char *answer; enum asked asked; const char *says; } rows[] = {
		{ "all of it", "active", 200, "{" OBJECT("active") LATEST "}", ASKED_APPLIED, "active 1 paid" },
		{ "the invoice by its name", "past_due", 200, "{" OBJECT("active") ",'latest_invoice':'in_1'}", ASKED_APPLIED,
			"active 0 pending" },
		{ "ended", "active", 200, "{" OBJECT("canceled") "}", ASKED_APPLIED, "canceled 0 pending" },
		{ "what ended stays so", "canceled", 200, "{" OBJECT("active") "}", ASKED_APPLIED, "canceled 0 pending" },
		{ "ended twice", "canceled", 200, "{" OBJECT("incomplete_expired") "}", ASKED_APPLIED, "incomplete_expired 0 pending" },
		{ "nothing in it", "active", 200, "{}", ASKED_APPLIED, "active 0 pending" },
		{ "a name alone", "active", 200, "{'id':'sub_1'}", ASKED_APPLIED, "active 0 pending" },
		{ "refused", "active", 404, "{}", ASKED_NONE, "active 0 pending" },
		{ "silent", "active", 503, "", ASKED_NONE, "active 0 pending" },
	};
	struct fixture *f = *state;
	int64_t order = an_order_of_a_plan(f);
	struct fake_stripe *stripe = fake_stripe_new(f);
	subscription_placed(&f->db, "sub_1");
	int64_t id = db_int(&f->db, "SELECT id FROM subscription");
	assert_int_equal(subscription_ask(&f->db, id + 1), ASKED_NONE);
	assert_int_equal(stripe->count, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_run(&f->db, "UPDATE subscription SET status = ?", rows[i].known);
		fake_says(stripe, rows[i].status, "");
		fake_then(stripe, rows[i].status, "Stripe-Should-Retry: false\r\n", json_of(f, rows[i].answer));
		assert_int_equal(subscription_ask(&f->db, id), rows[i].asked);
		const char *says = db_text(&f->db, "SELECT CONCAT(status, ' ', (SELECT COUNT(*) FROM subscription_period), ' ',"
			" (SELECT state FROM orders WHERE id = ?)) FROM subscription", order);
		if (strcmp(says, rows[i].says))
			fail_msg("%s: %s", rows[i].name, says);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	fake_stripe_end(stripe);
}

/* The webhooks were lost: the payment page alone, with all that came of it, is enough. */
static void a_payment_page_tells_all_when_it_is_asked(void **state)
{
	struct fixture *f = *state;
	int64_t order = an_order_of_a_plan(f);
	struct fake_stripe *stripe = fake_stripe_new(f);
	fake_says(stripe, 404, "{}");
	assert_false(checkout_ask(&f->db, order));
	fake_says(stripe, 200, json_of(f, "{" PAGE ",'payment_status':'unpaid','status':'open'}"));
	assert_false(checkout_ask(&f->db, order));
	fake_says(stripe, 200, json_of(f, "{" PAGE ",'customer':'cus_1','subscription':{" OBJECT("active") "},'invoice':{'id':'in_1',"
		"'subscription':'sub_1','status':'paid','amount_paid':900,'currency':'usd','billing_reason':'subscription_create',"
		"'lines':{'data':[{'type':'subscription','price':'price_month','amount':900,'period':{'start':1800000000,"
		"'end':1802678400}}]}}}"));
	assert_true(checkout_ask(&f->db, order));
	assert_string_equal(stripe->paths, "GET /v1/checkout/sessions/cs_1?expand%5B%5D=subscription&expand%5B%5D=invoice\n");
	assert_string_equal(order_says(f, order), "paid ");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 3);
	assert_true(checkout_ask(&f->db, order));
	assert_true(checkout_ask(&f->db, order + 1000));
	assert_int_equal(stripe->count, 1); /* what is paid is not asked about */
	fake_stripe_end(stripe);
}

/* With a connection of its own: an event is told while Stripe is still being asked. */
static void told_meanwhile(void)
{
	struct db db = { .mem = mem_new((size_t)16 << 20) };
	db_begin(&db);
	subscription_told(&db, (struct subscription_fact){ .stripe_subscription = "sub_meanwhile", .stripe_customer = "", .stripe_item = "",
		.stripe_price = "", .status = "past_due", .pause_behavior = "", .told_at = moment_from_unix(BEGIN), .rank = "2evt" });
	db_commit(&db);
	db_close(&db);
}

/* The answer may be older than what was told meanwhile: it is not taken, and asked for again. */
static void an_answer_overtaken_by_an_event_is_not_taken(void **state)
{
	struct fixture *f = *state;
	db_script(&f->db, "COMMIT");
	db_close(&f->db); /* its statements must not be in two processes */
	struct fake_stripe *stripe = fake_stripe_new(f);
	f->db.held = false;
	db_script(&f->db, "START TRANSACTION");
	f->db.held = true;
	subscription_placed(&f->db, "sub_meanwhile");
	int64_t id = db_int(&f->db, "SELECT id FROM subscription WHERE stripe_subscription = 'sub_meanwhile'");
	db_script(&f->db, "COMMIT; START TRANSACTION");
	stripe->meanwhile = told_meanwhile;
	fake_says(stripe, 200, json_of(f, "{'id':'sub_meanwhile','status':'active'}"));
	enum asked overtaken = subscription_ask(&f->db, id);
	const char *status = db_text(&f->db, "SELECT status FROM subscription WHERE id = ?", id);
	stripe->meanwhile = NULL;
	enum asked again = subscription_ask(&f->db, id);
	const char *then = db_text(&f->db, "SELECT status FROM subscription WHERE id = ?", id);
	db_run(&f->db, "DELETE FROM subscription WHERE id = ?", id);
	db_script(&f->db, "COMMIT; START TRANSACTION");
	fake_stripe_end(stripe);
	assert_int_equal(overtaken, ASKED_LATER);
	assert_string_equal(status, "past_due");
	assert_int_equal(again, ASKED_APPLIED);
	assert_string_equal(then, "active");
}

/* The same of a payment page that is asked about; its order is paid by it all the same. */
static void a_payment_page_overtaken_by_an_event_is_not_taken(void **state)
{
	struct fixture *f = *state;
	db_script(&f->db, "COMMIT");
	db_close(&f->db);
	struct fake_stripe *stripe = fake_stripe_new(f);
	f->db.held = false;
	db_script(&f->db, "START TRANSACTION");
	f->db.held = true;
	int64_t order = an_order_of_a_plan(f);
	stripe->meanwhile = told_meanwhile;
	fake_says(stripe, 200, json_of(f, "{" PAGE ",'customer':'cus_1','subscription':{'id':'sub_meanwhile','status':'incomplete'},"
		"'invoice':{'id':'in_1','subscription':'sub_meanwhile','status':'paid','amount_paid':900,'currency':'usd',"
		"'billing_reason':'subscription_create','lines':{'data':[{'type':'subscription','price':'price_month','amount':900,"
		"'period':{'start':1800000000,'end':1802678400}}]}}}"));
	bool closed = checkout_ask(&f->db, order);
	const char *says = mem_format(f->mem, "%s%s %lld", order_says(f, order), db_text(&f->db, "SELECT status FROM subscription"),
		(long long)db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'subscription_check'"));
	fake_stripe_end(stripe);
	db_script(&f->db, "ROLLBACK; START TRANSACTION; DELETE FROM subscription WHERE stripe_subscription = 'sub_meanwhile';"
		" COMMIT; START TRANSACTION");
	assert_true(closed);
	assert_string_equal(says, "paid past_due 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_page_of_a_plan_has_its_end),
		TEST(our_number_in_the_metadata_ties_them),
		TEST(a_customer_that_is_known_is_their_account),
		TEST(a_customer_belongs_to_one_account),
		TEST(two_of_one_second_are_asked_about),
		TEST(a_beginning_is_never_the_later),
		TEST(an_object_without_a_name_or_status_is_ignored),
		TEST(a_word_longer_than_its_column_is_no_access),
		TEST(the_end_of_a_trial_is_told_to_who_has_one),
		TEST(a_payment_that_failed_is_told),
		TEST(stripe_is_asked_how_it_stands),
		TEST(a_payment_page_tells_all_when_it_is_asked),
		TEST(an_answer_overtaken_by_an_event_is_not_taken),
		TEST(a_payment_page_overtaken_by_an_event_is_not_taken),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
