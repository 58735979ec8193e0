/* stripe_event_test.c: single events, each with one thing bent: what they are taken for, and what becomes of the order. The
 * stories of Stripe are in tests/cgi-bin/hook/stripe_test.c. */
#include "plans.h"

#include "buyer.h"
#include "fake_stripe.h"
#include "payment.h"
#include "stripe_event.h"

static const char *an_event(struct fixture *f, const char *id, const char *type, const char *object)
{
	return json_of(f, mem_format(f->mem, "{'id':'%s','object':'event','type':'%s','created':1800000000,'livemode':false,"
		"'api_version':'2026-04-22.dahlia','data':{'object':{%s}}}", id, type, object));
}

static enum stripe_taken taken(struct fixture *f, const char *body)
{
	return stripe_event_take(&f->db, (struct bytes){ (const unsigned char *)body, strlen(body) });
}

/* A pending order of 19.00 eur whose payment page is cs_1. */
static int64_t an_order_at_the_cashier(struct fixture *f)
{
	int64_t id = an_order(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET number = 'AAAA-BBBB-CCCC', stripe_session = 'cs_1' WHERE id = ?", id);
	return id;
}

#define PAID                                                                                                         \
	"'id':'cs_1','object':'checkout.session','mode':'payment','client_reference_id':'AAAA-BBBB-CCCC','currency':'eur'," \
	"'livemode':false,'amount_total':1900,'payment_status':'paid','status':'complete','payment_intent':'pi_1'"

#define DISCOUNT(total, discount) "'amount_total':" total ",'total_details':{'amount_discount':" discount "}"
#define TAX(total, tax) "'amount_total':" total ",'total_details':{'amount_tax':" tax "}"

#define ON_TOP "tax_behavior = 'exclusive'"
#define WITHIN "tax_behavior = 'inclusive'"

struct row {
	const char *name, *set;  /* of the order, before */
	const char *bent;        /* fields after those of PAID: the last of a name counts */
	enum stripe_taken taken;
	const char *state, *review;
	int64_t total, rights;
};

static const struct row sessions[] = {
	{ "as it should be", "", "", TAKEN_APPLIED, "paid", "", 1900, 2 },
	{ "a payment intent expanded", "", "'payment_intent':{'id':'pi_1'}", TAKEN_APPLIED, "paid", "", 1900, 2 },
	{ "the number in the metadata alone", "", "'client_reference_id':null,'metadata':{'order_id':'AAAA-BBBB-CCCC'}", TAKEN_APPLIED,
		"paid", "", 1900, 2 },
	{ "in capitals", "", "'currency':'EUR'", TAKEN_APPLIED, "paid", "", 1900, 2 },
	{ "another's number", "", "'client_reference_id':'ZZZZ-ZZZZ-ZZZZ'", TAKEN_IGNORED, "pending", "", 1900, 0 },
	{ "no number", "", "'client_reference_id':null", TAKEN_IGNORED, "pending", "", 1900, 0 },
	{ "another mode", "", "'mode':'setup'", TAKEN_IGNORED, "pending", "", 1900, 0 },
	{ "a subscription to what does not recur", "", "'mode':'subscription'", TAKEN_IGNORED, "pending", "", 1900, 0 },
	{ "another session", "", "'id':'cs_2'", TAKEN_REVIEW, "pending", "session_mismatch", 1900, 0 },
	{ "a session we never made", "stripe_session = NULL", "", TAKEN_REVIEW, "pending", "session_mismatch", 1900, 0 },
	{ "another currency", "", "'currency':'usd'", TAKEN_REVIEW, "pending", "currency_mismatch", 1900, 0 },
	{ "real money in a shop of play money", "", "'livemode':true", TAKEN_REVIEW, "pending", "livemode_mismatch", 1900, 0 },
	{ "too little", "", "'amount_total':1899", TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "too much", "", "'amount_total':1901", TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "no amount", "", "'amount_total':null", TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "a discount nobody allowed", "", DISCOUNT("1800", "100"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "a discount by a code", "promotions = TRUE", DISCOUNT("1800", "100"), TAKEN_APPLIED, "paid", "", 1800, 2 },
	{ "a discount below nothing", "promotions = TRUE", DISCOUNT("2000", "-100"), TAKEN_REVIEW, "pending", "amount_mismatch",
		1900, 0 },
	{ "a discount of more than all", "promotions = TRUE", DISCOUNT("-100", "2000"), TAKEN_REVIEW, "pending", "amount_mismatch",
		1900, 0 },
	{ "a discount beyond numbers", "promotions = TRUE", DISCOUNT("1900", "-9223372036854775808"), TAKEN_REVIEW, "pending",
		"amount_mismatch", 1900, 0 },
	{ "a tax nobody asked for", "", TAX("2000", "100"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "a tax beyond numbers", "", TAX("2000", "9223372036854775807"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "the tax of the order", "tax = 100, total = 2000", TAX("2000", "100"), TAKEN_APPLIED, "paid", "", 2000, 2 },
	{ "tax on top of the price", ON_TOP, TAX("2280", "380"), TAKEN_APPLIED, "paid", "", 2280, 2 },
	{ "tax within the price", WITHIN, TAX("1900", "317"), TAKEN_APPLIED, "paid", "", 1900, 2 },
	{ "a buyer who owes no tax", ON_TOP, TAX("1900", "0"), TAKEN_APPLIED, "paid", "", 1900, 2 },
	{ "tax after a code", ON_TOP ", promotions = TRUE", "'amount_total':2160,'total_details':{'amount_discount':100,'amount_tax':360}",
		TAKEN_APPLIED, "paid", "", 2160, 2 },
	{ "tax within after a code", WITHIN ", promotions = TRUE", "'amount_total':1800,'total_details':{'amount_discount':100,"
		"'amount_tax':300}", TAKEN_APPLIED, "paid", "", 1800, 2 },
	{ "tax within the price, and on top", WITHIN, TAX("2217", "317"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "tax on top, not paid", ON_TOP, TAX("1900", "380"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "a cent too much", ON_TOP, TAX("2281", "380"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "tax below nothing", ON_TOP, TAX("1800", "-100"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "more tax than price", ON_TOP, TAX("3801", "1901"), TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "tax on top beyond numbers", ON_TOP, TAX("2000", "9223372036854775807"), TAKEN_REVIEW, "pending", "amount_mismatch",
		1900, 0 },
	{ "nothing to pay, but something due", "", "'payment_status':'no_payment_required'", TAKEN_REVIEW, "pending",
		"unpaid_mismatch", 1900, 0 },
	{ "nothing to pay by a code", "promotions = TRUE", "'payment_status':'no_payment_required','payment_intent':null,"
		DISCOUNT("0", "1900"), TAKEN_APPLIED, "paid", "", 0, 2 },
	{ "held for something else", "review = 'refund_failed'", "", TAKEN_REVIEW, "pending", "refund_failed", 1900, 0 },
	{ "held for the same", "review = 'amount_mismatch'", "'amount_total':1", TAKEN_REVIEW, "pending", "amount_mismatch", 1900, 0 },
	{ "settles later", "", "'payment_status':'unpaid'", TAKEN_APPLIED, "pending", "", 1900, 0 },
	{ "settles later, by another session", "", "'payment_status':'unpaid','id':'cs_2'", TAKEN_APPLIED, "pending", "", 1900, 0 },
	{ "settles later, by no session of ours", "stripe_session = NULL", "'payment_status':'unpaid'", TAKEN_APPLIED, "pending", "",
		1900, 0 },
	{ "still open", "", "'payment_status':'unpaid','status':'open'", TAKEN_APPLIED, "pending", "", 1900, 0 },
	{ "expired", "", "'payment_status':'unpaid','status':'expired'", TAKEN_APPLIED, "expired", "", 1900, 0 },
	{ "an older one expired", "", "'payment_status':'unpaid','status':'expired','id':'cs_0'", TAKEN_IGNORED, "pending", "", 1900, 0 },
	{ "expired, but never ours", "stripe_session = NULL", "'payment_status':'unpaid','status':'expired'", TAKEN_IGNORED, "pending",
		"", 1900, 0 },
	{ "expired after it failed", "state = 'failed'", "'payment_status':'unpaid','status':'expired'", TAKEN_IGNORED, "failed", "",
		1900, 0 },
	{ "paid after it failed", "state = 'failed'", "", TAKEN_APPLIED, "paid", "", 1900, 2 },
	{ "paid a second time", "state = 'paid', paid_at = NOW()", "'id':'cs_2'", TAKEN_REVIEW, "paid", "session_mismatch", 1900, 0 },
	{ "paid a second time, told again", "state = 'paid', paid_at = NOW(), review = 'session_mismatch'", "'id':'cs_2'",
		TAKEN_APPLIED, "paid", "session_mismatch", 1900, 0 },
	{ "told again after a refund", "state = 'refunded', paid_at = NOW()", "", TAKEN_APPLIED, "refunded", "", 1900, 0 },
	{ "told again in a dispute", "state = 'disputed', paid_at = NOW()", "", TAKEN_APPLIED, "disputed", "", 1900, 0 },
};

static void row_is_right(struct fixture *f, const struct row *row, enum stripe_taken end)
{
	const char *state = db_text(&f->db, "SELECT state FROM orders"), *review = db_text(&f->db, "SELECT review FROM orders");
	if (end != row->taken || strcmp(state, row->state) || strcmp(review, row->review))
		fail_msg("%s: taken as %d, order %s %s", row->name, (int)end, state, review);
	assert_int_equal(db_int(&f->db, "SELECT total FROM orders"), row->total);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), row->rights);
	/* Told again under another name it changes nothing. */
	int64_t audit = db_int(&f->db, "SELECT COUNT(*) FROM audit");
	taken(f, an_event(f, "evt_again", "checkout.session.completed", mem_format(f->mem, PAID "%s%s", *row->bent ? "," : "",
		row->bent)));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit"), audit);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), row->state);
}

static void each_session_has_its_end(void **state)
{
	struct fixture *f = *state;
	an_order_at_the_cashier(f);
	for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
		const struct row *row = &sessions[i];
		db_script(&f->db, "SAVEPOINT row");
		if (*row->set)
			db_script(&f->db, mem_format(f->mem, "UPDATE orders SET %s", row->set));
		enum stripe_taken end = taken(f, an_event(f, "evt_1", "checkout.session.completed",
			mem_format(f->mem, PAID "%s%s", *row->bent ? "," : "", row->bent)));
		row_is_right(f, row, end);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void only_its_own_session_fails_an_order(void **state)
{
	static const struct { const char *set, *bent; enum stripe_taken taken; const char *state; } rows[] = {
		{ "", "", TAKEN_APPLIED, "failed" },
		{ "", "'client_reference_id':null,'metadata':{'order_id':'AAAA-BBBB-CCCC'}", TAKEN_APPLIED, "failed" },
		{ "", "'id':'cs_2'", TAKEN_IGNORED, "pending" },
		{ "", "'client_reference_id':'ZZZZ-ZZZZ-ZZZZ'", TAKEN_IGNORED, "pending" },
		{ "stripe_session = NULL", "", TAKEN_IGNORED, "pending" },
		{ "state = 'paid', paid_at = NOW()", "", TAKEN_IGNORED, "paid" },
	};
	struct fixture *f = *state;
	an_order_at_the_cashier(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		if (*rows[i].set)
			db_script(&f->db, mem_format(f->mem, "UPDATE orders SET %s", rows[i].set));
		assert_int_equal(taken(f, an_event(f, "evt_1", "checkout.session.async_payment_failed",
			mem_format(f->mem, PAID ",'payment_status':'unpaid'%s%s", *rows[i].bent ? "," : "", rows[i].bent))), rows[i].taken);
		assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), rows[i].state);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* A charge of an old integration has no payment intent: it is none of ours. */
static void what_is_about_no_payment_intent_is_ignored(void **state)
{
	static const char *const types[] = { "charge.succeeded", "charge.refunded", "refund.created", "charge.refund.updated",
		"charge.dispute.created", "charge.dispute.closed", "radar.early_fraud_warning.created", "invoice_payment.paid",
		"customer.subscription.updated", "customer.subscription.trial_will_end", "invoice.paid", "invoice.payment_failed",
		"invoice.payment_action_required", "new.in.2031" };
	static const char *const objects[] = { "'id':'x_1','payment_intent':null,'charge':'ch_1','amount':1900,'status':'succeeded'",
		"'id':'x_1','payment_intent':7", "" };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		for (size_t o = 1; o < sizeof objects / sizeof objects[0]; o++) {
			const char *id = mem_format(f->mem, "evt_%zu_%zu", i, o);
			if (taken(f, an_event(f, id, types[i], objects[o])) != TAKEN_IGNORED)
				fail_msg("%s with %s is taken", types[i], objects[o]);
		}
	assert_int_equal(taken(f, an_event(f, "evt_1", "charge.refunded", objects[0])), TAKEN_IGNORED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM payment"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription"), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_invoice"), 0);
}

/* Whose a charge is, its own event tells: until then what names the charge alone is tried again. */
static void what_names_its_charge_alone_finds_its_payment(void **state)
{
	static const struct { const char *type, *object, *sql; } rows[] = {
		{ "charge.dispute.created", "'id':'du_1','payment_intent':null,'charge':'ch_1','status':'needs_response',"
			"'reason':'general','currency':'eur','amount':1900", "SELECT payment_intent FROM dispute" },
		{ "refund.created", "'id':'re_1','charge':'ch_1','currency':'eur','amount':500,'status':'succeeded'",
			"SELECT payment_intent FROM refund" },
		{ "radar.early_fraud_warning.created", "'id':'issfr_1','charge':'ch_1'",
			"SELECT payment_intent FROM payment WHERE fraud_warning" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		const char *about = an_event(f, "evt_1", rows[i / 2].type, rows[i / 2].object);
		const char *charge = an_event(f, "evt_2", "charge.succeeded", "'id':'ch_1','payment_intent':'pi_1','amount':1900");
		if (i % 2) {
			assert_int_equal(taken(f, about), TAKEN_FAILED);
			assert_non_null(db_text(&f->db, "SELECT retry_at FROM stripe_event WHERE id = 'evt_1'"));
		}
		assert_int_equal(taken(f, charge), TAKEN_APPLIED);
		assert_int_equal(i % 2 ? stripe_event_apply(&f->db, "evt_1") : taken(f, about), TAKEN_APPLIED);
		db_script(&f->db, mem_format(f->mem, "SET @intent = (%s)", rows[i / 2].sql));
		assert_string_equal(db_text(&f->db, "SELECT CAST(@intent AS CHAR)"), "pi_1");
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	/* The charge itself says that it is of none. */
	assert_int_equal(taken(f, an_event(f, "evt_1", "charge.dispute.created", "'id':'du_1','charge':{'id':'ch_9',"
		"'payment_intent':null}")), TAKEN_IGNORED);
}

/* Whose it was buys as somebody new; others keep theirs. */
static void a_deleted_customer_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	db_run(&f->db, "UPDATE account SET stripe_customer = CONCAT('cus_', id) WHERE id IN (?, ?)", jenny, omar);
	const char *object = mem_format(f->mem, "'id':'cus_%lld','object':'customer','deleted':true", (long long)jenny);
	assert_int_equal(taken(f, an_event(f, "evt_1", "customer.deleted", object)), TAKEN_APPLIED);
	assert_int_equal(taken(f, an_event(f, "evt_2", "customer.deleted", object)), TAKEN_IGNORED);
	assert_int_equal(taken(f, an_event(f, "evt_3", "customer.deleted", "'id':'cus_x','object':'customer'")), TAKEN_IGNORED);
	assert_int_equal(taken(f, an_event(f, "evt_4", "customer.deleted", "'object':'customer'")), TAKEN_IGNORED);
	assert_int_equal(db_int(&f->db, "SELECT id FROM account WHERE stripe_customer IS NOT NULL"), omar);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'account.customer_gone' AND account_id = ?", jenny), 1);
}

/* The same objects, plain and expanded. */
static void facts_of_payments_are_kept(void **state)
{
	static const struct { const char *type, *object, *sql; } rows[] = {
		{ "radar.early_fraud_warning.created", "'id':'issfr_1','charge':'ch_1','payment_intent':'pi_1'",
			"SELECT CONCAT(payment_intent, charge, fraud_warning) = 'pi_1ch_11' FROM payment" },
		{ "radar.early_fraud_warning.created", "'id':'issfr_1','charge':{'id':'ch_1'},'payment_intent':{'id':'pi_1'}",
			"SELECT CONCAT(payment_intent, charge, fraud_warning) = 'pi_1ch_11' FROM payment" },
		{ "charge.succeeded", "'id':'ch_1','payment_intent':'pi_1','amount':1900,'amount_refunded':0",
			"SELECT CONCAT(payment_intent, charge, amount, transferred) = 'pi_1ch_119000' FROM payment" },
		{ "charge.updated", "'id':'ch_1','payment_intent':{'id':'pi_1'},'invoice':{'id':'in_1'},'amount':1900,"
			"'transfer_data':{'destination':'acct_1'}",
			"SELECT CONCAT(payment_intent, stripe_invoice, amount, transferred) = 'pi_1in_119001' FROM payment" },
		{ "charge.updated", "'id':'ch_1','payment_intent':'pi_1','invoice':null,'transfer_data':{'destination':{'id':'acct_1'}}",
			"SELECT CONCAT(payment_intent, stripe_invoice, amount, transferred) = 'pi_101' FROM payment" },
		{ "refund.updated", "'id':'re_1','payment_intent':{'id':'pi_1'},'charge':{'id':'ch_1'},'currency':'eur','amount':500,"
			"'status':'new_in_2031'", "SELECT CONCAT(stripe_refund, payment_intent, amount, status) = 're_1pi_1500new_in_2031'"
			" FROM refund" },
		{ "charge.dispute.created", "'id':'du_1','payment_intent':'pi_1','charge':'ch_1','status':'needs_response',"
			"'reason':'general','currency':'eur','amount':1900,'created':1800000000,'evidence_details':{'due_by':1800086400}",
			"SELECT due_by = opened_at + INTERVAL 1 DAY FROM dispute" },
		{ "charge.dispute.created", "'id':'du_1','payment_intent':{'id':'pi_1'},'charge':{'id':'ch_1'},'status':'needs_response',"
			"'reason':'general','currency':'eur','amount':1900", "SELECT due_by IS NULL AND charge = 'ch_1' FROM dispute" },
		{ "charge.dispute.created", "'id':'du_1','payment_intent':'pi_1','charge':'ch_1','status':"
			"'warning_appealed_to_the_highest_court','reason':'general','currency':'eur','amount':1900",
			"SELECT status = 'warning_appealed_to_the_highest_' FROM dispute" },
		{ "refund.updated", "'id':'re_1','payment_intent':'pi_1','currency':'eur','amount':5,"
			"'status':'waits_for_the_tax_authority'", "SELECT status = 'waits_for_the_tax_author' FROM refund" },
		{ "invoice_payment.paid", "'id':'inpay_1','invoice':'in_1','payment':{'type':'payment_intent','payment_intent':'pi_1'}",
			"SELECT CONCAT(payment_intent, stripe_invoice) = 'pi_1in_1' FROM payment" },
		{ "invoice_payment.paid", "'id':'inpay_1','invoice':{'id':'in_1'},'payment':{'payment_intent':{'id':'pi_1'}}",
			"SELECT CONCAT(payment_intent, stripe_invoice) = 'pi_1in_1' FROM payment" },
		{ "payment_intent.succeeded", "'id':'pi_1'", "SELECT COUNT(*) = 0 FROM payment" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		assert_int_equal(taken(f, an_event(f, "evt_1", rows[i].type, rows[i].object)), TAKEN_APPLIED);
		db_script(&f->db, mem_format(f->mem, "SET @kept = (%s)", rows[i].sql));
		if (!db_int(&f->db, "SELECT CAST(COALESCE(@kept, 0) AS SIGNED)"))
			fail_msg("%s: %s", rows[i].type, rows[i].object);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static const char *many(struct fixture *f, size_t count)
{
	char *text = mem_get(f->mem, count + 1);
	memset(text, 'x', count);
	return text;
}

/* Printable ids and types of Stripe's own making, a time that can be: anything else is no event, and not stored. */
static void what_is_no_event_is_not_stored(void **state)
{
	struct fixture *f = *state;
	const struct { const char *fields; enum stripe_taken taken; } rows[] = {
		{ "'id':'evt_1','type':'x'", TAKEN_IGNORED },
		{ "'id':'','type':'x'", TAKEN_UNREADABLE },
		{ "'type':'x'", TAKEN_UNREADABLE },
		{ "'id':'evt_1'", TAKEN_UNREADABLE },
		{ "'id':'evt_1','type':''", TAKEN_UNREADABLE },
		{ "'id':'evt 1','type':'x'", TAKEN_UNREADABLE },
		{ "'id':'evt_1\\u007f','type':'x'", TAKEN_UNREADABLE },
		{ "'id':'evt_1','type':'x\\n'", TAKEN_UNREADABLE },
		{ mem_format(f->mem, "'id':'%s','type':'x'", many(f, 255)), TAKEN_IGNORED },
		{ mem_format(f->mem, "'id':'%s','type':'x'", many(f, 256)), TAKEN_UNREADABLE },
		{ mem_format(f->mem, "'id':'evt_1','type':'%s'", many(f, 101)), TAKEN_UNREADABLE },
		{ mem_format(f->mem, "'id':'evt_1','type':'x','account':'%s'", many(f, 256)), TAKEN_UNREADABLE },
		{ mem_format(f->mem, "'id':'evt_1','type':'x','api_version':'%s'", many(f, 41)), TAKEN_UNREADABLE },
		{ mem_format(f->mem, "'id':'evt_1','type':'x','data':{'object':{'id':'%s'}}", many(f, 256)), TAKEN_UNREADABLE },
		{ "'id':'evt_1','type':'x','created':-1", TAKEN_UNREADABLE },
		{ "'id':'evt_1','type':'x','created':68719476736", TAKEN_UNREADABLE },
		{ "'id':'evt_1','type':'x','account':'acct_1'", TAKEN_IGNORED },
		{ "'id':'evt_1','type':'payment_intent.succeeded','livemode':true", TAKEN_IGNORED },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		if (taken(f, json_of(f, mem_format(f->mem, "{'object':'event',%s}", rows[i].fields))) != rows[i].taken)
			fail_msg("%s", rows[i].fields);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event"), rows[i].taken == TAKEN_IGNORED);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	assert_int_equal(taken(f, "{}"), TAKEN_UNREADABLE);
	assert_int_equal(taken(f, "{\"object\":\"v2.core.event\",\"id\":\"evt_1\"}"), TAKEN_IGNORED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event"), 0);
}

/* Waits longer each time, an hour at most, and after twenty tries for a person; who may still have it applied. */
static void what_fails_again_and_again_is_given_up(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_from_unix(1800000000));
	an_order_at_the_cashier(f);
	db_run(&f->db, "UPDATE benefit SET updates_days = 99999999999");
	assert_int_equal(taken(f, an_event(f, "evt_1", "checkout.session.completed", PAID)), TAKEN_FAILED);
	for (int64_t try = 1, wait; try < 20; try++) {
		wait = db_int(&f->db, "SELECT TIMESTAMPDIFF(SECOND, ?, retry_at) FROM stripe_event", moment_now());
		assert_int_equal(wait, try <= 11 ? 1 << (try - 1) : 3600);
		assert_int_equal(stripe_events_retry(&f->db, 10), 0); /* not yet */
		assert_int_equal(db_int(&f->db, "SELECT tries FROM stripe_event"), try);
		moment_clock_set(moment_add_seconds(moment_now(), wait));
		assert_int_equal(stripe_events_retry(&f->db, 10), 0);
	}
	assert_string_equal(db_text(&f->db, "SELECT state FROM stripe_event"), "failed");
	moment_clock_set(moment_add_seconds(moment_now(), 3600));
	stripe_events_retry(&f->db, 10);
	assert_string_equal(db_text(&f->db, "SELECT state FROM stripe_event"), "dead");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM stripe_event WHERE retry_at IS NOT NULL"), 0);
	assert_int_equal(taken(f, an_event(f, "evt_1", "checkout.session.completed", PAID)), TAKEN_BEFORE);
	db_run(&f->db, "UPDATE benefit SET updates_days = NULL");
	assert_int_equal(stripe_event_apply(&f->db, "evt_1"), TAKEN_APPLIED);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "paid");
	assert_int_equal(stripe_event_apply(&f->db, "evt_unknown"), TAKEN_IGNORED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_session_has_its_end),
		TEST(only_its_own_session_fails_an_order),
		TEST(what_is_about_no_payment_intent_is_ignored),
		TEST(what_names_its_charge_alone_finds_its_payment),
		TEST(a_deleted_customer_is_forgotten),
		TEST(facts_of_payments_are_kept),
		TEST(what_is_no_event_is_not_stored),
		TEST(what_fails_again_and_again_is_given_up),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
