/* mails_test.c: what buyers are written when money came, did not come, went back, or is disputed: once, in their language, with
 * a way to where it shows. */
#include "src/club.h"

#include "job.h"
#include "payment.h"
#include "settle.h"

static void run(struct fixture *f, const char *reaction, int64_t subject_id, int64_t event_id)
{
	struct job job = { .mem = f->request, .db = &f->db, .unique_key = "test", .subject_id = subject_id, .event_id = event_id };
	assert_non_null(job_kind_named(reaction));
	job_kind_named(reaction)->run(&job);
}

static int64_t mails(struct fixture *f)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM mail");
}

/* The newest one says all of these: lines, a NULL at the end. */
static void says(struct fixture *f, const char *const *words)
{
	const char *text = db_text(&f->db, "SELECT CONCAT(subject, '\n', body) FROM mail ORDER BY id DESC LIMIT 1");
	assert_non_null(text);
	assert_null(strstr(text, "{{"));
	for (; *words; words++)
		if (!strstr(text, *words))
			fail_msg("no \"%s\" in:\n%s", *words, text);
}

static void in_french(struct fixture *f)
{
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	db_run(&f->db, "UPDATE orders SET language = 'fr'");
	db_run(&f->db, "DELETE FROM mail");
}

/* An order of 19.00 eur, paid; its buyer is Jenny Example. */
static int64_t a_paid_order(struct fixture *f)
{
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	db_run(&f->db, "UPDATE orders SET number = 'AAAA-BBBB-CCCC', stripe_payment = 'pi_1' WHERE id = ?", order);
	return order;
}

static const char *const link_of_order = "/account/orders/AAAA-BBBB-CCCC";

static void a_receipt_says_what_was_paid(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f);
	db_run(&f->db, "UPDATE orders SET discount = 300, tax = 266, total = 1866");
	for (int times = 0; times < 2; times++)
		run(f, "mail_receipt", order, 1);
	assert_int_equal(mails(f), 1);
	says(f, (const char *const[]){ "AAAA-BBBB-CCCC", "€19.00", "−€3.00", "€2.66", "€18.66", link_of_order, NULL });
	db_run(&f->db, "UPDATE orders SET discount = 0, tax = 317, total = 1900, tax_behavior = 'inclusive'");
	db_run(&f->db, "DELETE FROM mail");
	run(f, "mail_receipt", order, 1);
	says(f, (const char *const[]){ "Total: €19.00", "Of which tax: €3.17", NULL });
	in_french(f);
	db_run(&f->db, "UPDATE orders SET discount = 0, tax = 0, total = 0");
	run(f, "mail_receipt", order, 1);
	says(f, (const char *const[]){ "AAAA-BBBB-CCCC", "Bonjour", "ratuit", link_of_order, NULL });
	run(f, "mail_receipt", 999999999, 1);
	assert_int_equal(mails(f), 1);
}

/* Told for each failure; not when it was paid meanwhile. */
static void a_payment_that_failed_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f);
	run(f, "mail_order_failed", order, 1);
	assert_int_equal(mails(f), 0);
	db_run(&f->db, "UPDATE orders SET state = 'failed', paid_at = NULL");
	for (int64_t event = 1; event < 3; event++)
		for (int times = 0; times < 2; times++)
			run(f, "mail_order_failed", order, event);
	assert_int_equal(mails(f), 2);
	says(f, (const char *const[]){ "AAAA-BBBB-CCCC", link_of_order, NULL });
}

static void a_dispute_is_told_while_it_is_open(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f);
	run(f, "mail_disputed", order, 1);
	assert_int_equal(mails(f), 0);
	db_run(&f->db, "UPDATE orders SET state = 'disputed'");
	in_french(f);
	for (int times = 0; times < 2; times++)
		run(f, "mail_disputed", order, 1);
	assert_int_equal(mails(f), 1);
	says(f, (const char *const[]){ "AAAA-BBBB-CCCC", "banque", link_of_order, NULL });
}

static int64_t a_refund(struct fixture *f, int64_t order, const char *intent, int64_t amount, const char *currency)
{
	return db_insert(&f->db,
		"INSERT INTO refund (public_id, order_id, payment_intent, amount, currency, status, reason, created_at, updated_at)"
		" VALUES (?, ?, ?, ?, ?, 'succeeded', '', ?, ?)",
		random_id(f->mem), order, intent, amount, currency, moment_now(), moment_now());
}

static void a_refund_is_told_once(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f), first = a_refund(f, order, "pi_1", 500, "eur"), second = a_refund(f, order, "pi_1", 700, "eur");
	for (int times = 0; times < 2; times++)
		run(f, "mail_refunded", first, 1);
	assert_int_equal(mails(f), 1);
	says(f, (const char *const[]){ "order AAAA-BBBB-CCCC", "€5.00", link_of_order, NULL });
	run(f, "mail_refunded", second, 2);
	assert_int_equal(mails(f), 2);
	says(f, (const char *const[]){ "€7.00", NULL });
	run(f, "mail_refunded", 999999999, 3);
	assert_int_equal(mails(f), 2);
}

/* Of a subscription's second month: that month, and the subscription. */
static void a_month_given_back_is_named(void **state)
{
	struct fixture *f = *state;
	struct scene scene = a_member_of_the_club(f);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_2", .charge = "ch_2", .stripe_invoice = "in_2", .amount = 900 });
	db_commit(&f->db);
	moment_clock_set(moment_from_unix(month_end(1) + 10));
	tell_invoice(f, an_invoice("in_2", MONTH, 900, month_end(1), month_end(2)));
	const char *link = mem_format(f->mem, "/account/subscriptions/%s", db_text(&f->db, "SELECT public_id FROM subscription"));
	int64_t refund = a_refund(f, scene.order, "pi_2", 900, "usd");
	run(f, "mail_refunded", refund, 1);
	says(f, (const char *const[]){ "Refund for", "monthly", "from 15 February 2027 to 15 March 2027", "$9.00", link, NULL });
	in_french(f);
	run(f, "mail_refunded", refund, 1);
	says(f, (const char *const[]){ "Remboursement", "du 15 février 2027 au 15 mars 2027", link, NULL });
	assert_int_equal(mails(f), 1);
}

static void a_disputed_month_is_named(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	int64_t subscription = db_int(&f->db, "SELECT id FROM subscription");
	run(f, "mail_month_disputed", subscription, 1);
	assert_int_equal(mails(f), 0);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "in_1", .amount = 900 });
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
		.status = "needs_response", .reason = "fraudulent", .currency = "usd", .amount = 900, .opened_at = moment_now(),
		.told_at = moment_now() });
	payment_settle(&f->db, "pi_1");
	db_commit(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'mail_month_disputed' AND subject_id = ?", subscription), 1);
	for (int times = 0; times < 2; times++)
		run(f, "mail_month_disputed", subscription, 1);
	assert_int_equal(mails(f), 1);
	says(f, (const char *const[]){ "Your bank", "monthly", "from 15 January 2027 to 15 February 2027",
		db_text(&f->db, "SELECT public_id FROM subscription"), NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(a_receipt_says_what_was_paid), CASE(a_payment_that_failed_is_told),
		CASE(a_dispute_is_told_while_it_is_open), CASE(a_refund_is_told_once), CASE(a_month_given_back_is_named),
		CASE(a_disputed_month_is_named) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
