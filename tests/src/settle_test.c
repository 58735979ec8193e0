/* settle_test.c: what takes rights away and gives them back (domain.md §6): each cell of the one-off columns, told in every
 * order, some of it twice. */
#include "buyer.h"

#include <stdio.h>

#include "conf.h"
#include "entitlement.h"
#include "event.h"
#include "payment.h"
#include "refund.h"
#include "settle.h"
#include "staff.h"

enum { TOTAL = 3000, FACTS_MAX = 4 };
static const char intent[] = "pi_1";

/* One thing Stripe tells, as its event handler would. */
enum telling { CHARGE, REFUND, DISPUTE };
struct fact {
	enum telling telling;
	const char *id, *status; /* of a refund or dispute */
	int64_t amount;          /* CHARGE: refunded in all; REFUND: of it */
	int64_t at;              /* DISPUTE: when Stripe said so */
};

static void tell(struct fixture *f, const struct fact *fact)
{
	struct moment at = moment_from_unix(1800000000 + fact->at);
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = intent, .charge = "ch_1", .stripe_invoice = "",
		.amount = fact->telling == CHARGE ? TOTAL : 0, .refunded = fact->telling == CHARGE ? fact->amount : 0 });
	if (fact->telling == REFUND)
		refund_told(&f->db, (struct refund_fact){ .stripe_refund = fact->id, .payment_intent = intent, .currency = "eur",
			.status = fact->status, .public_id = "", .amount = fact->amount });
	if (fact->telling == DISPUTE)
		dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = fact->id, .payment_intent = intent, .charge = "ch_1",
			.status = fact->status, .reason = "fraudulent", .currency = "eur", .amount = TOTAL, .opened_at = at,
			.told_at = at });
	payment_settle(&f->db, intent);
	db_commit(&f->db);
}

/* A paid order of two products, a line each: a download and a licence with each. */
static int64_t an_order_of_two(struct fixture *f)
{
	int64_t buyer = a_member(f, "a@example.com"), id = an_order(f, buyer, a_price(f, "walk", TOTAL / 2));
	const char *other = a_price(f, "other", TOTAL / 2);
	db_run(&f->db,
		"INSERT INTO order_line (order_id, position, product_id, price_id, seller_id, title, price_title, quantity,"
		" unit_amount, amount, currency) SELECT ?, 2, product_id, id, 0, 'Other', 'Basic', 1, amount, amount, currency"
		" FROM price WHERE public_id = ?", id, other);
	db_run(&f->db, "UPDATE orders SET subtotal = ?, total = ?, stripe_payment = ? WHERE id = ?", (int)TOTAL, (int)TOTAL,
		intent, id);
	db_begin(&f->db);
	const struct order *paid = order_move(&f->db, order_locked(&f->db, id), "paid", "test");
	assert_non_null(paid);
	assert_int_equal(order_fulfil(&f->db, paid).created, 4);
	db_commit(&f->db);
	return id;
}

struct cell {
	const char *name;
	struct fact facts[FACTS_MAX];
	size_t count;
	const char *state, *right; /* of the order; of every right and every licence */
	int64_t refunded;
	const char *review;
};

static const struct cell cells[] = {
	{ "nothing", { { CHARGE, "", "", 0, 0 } }, 1, "paid", "active", 0, "" },
	{ "full refund", { { CHARGE, "", "", TOTAL, 0 }, { REFUND, "re_1", "succeeded", TOTAL, 0 } }, 2, "refunded", "revoked",
		TOTAL, "" },
	{ "full refund, the charge not told", { { REFUND, "re_1", "succeeded", TOTAL, 0 } }, 1, "refunded", "revoked", TOTAL, "" },
	{ "full refund in two", { { CHARGE, "", "", 1000, 0 }, { CHARGE, "", "", TOTAL, 0 }, { REFUND, "re_1", "succeeded", 1000, 0 },
		{ REFUND, "re_2", "succeeded", 2000, 0 } }, 4, "refunded", "revoked", TOTAL, "" },
	{ "partial refund without lines", { { CHARGE, "", "", 1000, 0 }, { REFUND, "re_1", "succeeded", 1000, 0 } }, 2,
		"partially_refunded", "active", 1000, "" },
	{ "refund that waits at the bank", { { CHARGE, "", "", TOTAL, 0 }, { REFUND, "re_1", "pending", TOTAL, 0 } }, 2, "refunded",
		"revoked", TOTAL, "" },
	{ "refund failed later", { { CHARGE, "", "", TOTAL, 0 }, { REFUND, "re_1", "succeeded", TOTAL, 0 },
		{ REFUND, "re_1", "failed", TOTAL, 0 } }, 3, "paid", "active", 0, "refund_failed" },
	{ "one of two refunds failed", { { CHARGE, "", "", TOTAL, 0 }, { REFUND, "re_1", "succeeded", 1000, 0 },
		{ REFUND, "re_2", "failed", 2000, 0 } }, 3, "partially_refunded", "active", 1000, "refund_failed" },
	{ "refund failed, another went well", { { CHARGE, "", "", TOTAL, 0 }, { REFUND, "re_1", "failed", TOTAL, 0 },
		{ REFUND, "re_2", "succeeded", TOTAL, 0 } }, 3, "refunded", "revoked", TOTAL, "refund_failed" },
	{ "inquiry", { { DISPUTE, "du_1", "warning_needs_response", 0, 1 } }, 1, "paid", "active", 0, "" },
	{ "inquiry closed", { { DISPUTE, "du_1", "warning_needs_response", 0, 1 }, { DISPUTE, "du_1", "warning_closed", 0, 2 } }, 2,
		"paid", "active", 0, "" },
	{ "inquiry becomes a dispute", { { DISPUTE, "du_1", "warning_needs_response", 0, 1 },
		{ DISPUTE, "du_1", "needs_response", 0, 2 } }, 2, "disputed", "suspended", 0, "" },
	{ "dispute opened", { { DISPUTE, "du_1", "needs_response", 0, 1 } }, 1, "disputed", "suspended", 0, "" },
	{ "dispute answered", { { DISPUTE, "du_1", "needs_response", 0, 1 }, { DISPUTE, "du_1", "under_review", 0, 2 } }, 2,
		"disputed", "suspended", 0, "" },
	{ "dispute won", { { DISPUTE, "du_1", "needs_response", 0, 1 }, { DISPUTE, "du_1", "under_review", 0, 2 },
		{ DISPUTE, "du_1", "won", 0, 3 } }, 3, "paid", "active", 0, "" },
	{ "dispute prevented", { { DISPUTE, "du_1", "needs_response", 0, 1 }, { DISPUTE, "du_1", "prevented", 0, 2 } }, 2, "paid",
		"active", 0, "" },
	{ "dispute lost", { { DISPUTE, "du_1", "needs_response", 0, 1 }, { DISPUTE, "du_1", "under_review", 0, 2 },
		{ DISPUTE, "du_1", "lost", 0, 3 } }, 3, "disputed", "revoked", 0, "" },
	{ "dispute after a part went back", { { CHARGE, "", "", 1000, 0 }, { REFUND, "re_1", "succeeded", 1000, 0 },
		{ DISPUTE, "du_1", "needs_response", 0, 1 } }, 3, "disputed", "suspended", 1000, "" },
	{ "won after a part went back", { { CHARGE, "", "", 1000, 0 }, { REFUND, "re_1", "succeeded", 1000, 0 },
		{ DISPUTE, "du_1", "needs_response", 0, 1 }, { DISPUTE, "du_1", "won", 0, 2 } }, 4, "partially_refunded", "active",
		1000, "" },
	{ "one of two disputes lost", { { DISPUTE, "du_1", "needs_response", 0, 1 }, { DISPUTE, "du_1", "won", 0, 3 },
		{ DISPUTE, "du_2", "needs_response", 0, 2 }, { DISPUTE, "du_2", "lost", 0, 4 } }, 4, "disputed", "revoked", 0, "" },
};

static int64_t told(struct fixture *f, const char *topic)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = ?", topic);
}

static void end_is_right(struct fixture *f, const struct cell *cell)
{
	const char *state = db_text(&f->db, "SELECT state FROM orders"), *right = db_text(&f->db, "SELECT MAX(state) FROM entitlement");
	if (strcmp(state, cell->state) || strcmp(right, cell->right))
		print_error("%s: order %s, rights %s\n", cell->name, state, right);
	assert_string_equal(state, cell->state);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = ?", cell->right), 4);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license WHERE state = ?", cell->right), 2);
	assert_int_equal(db_int(&f->db, "SELECT refunded FROM orders"), cell->refunded);
	assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), cell->review);
	assert_int_equal(told(f, "order.paid"), 1);
	assert_int_equal(told(f, "refund.succeeded"), db_int(&f->db, "SELECT COUNT(*) FROM refund WHERE settled_at IS NOT NULL"));
	assert_int_equal(told(f, "refund.failed"), db_int(&f->db, "SELECT COUNT(*) FROM refund WHERE status = 'failed'"));
	if (!strcmp(cell->right, "revoked"))
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license WHERE seats_used > 0"), 0);
}

static void run_order(struct fixture *f, const struct cell *cell, const size_t *order)
{
	db_script(&f->db, "SAVEPOINT before_cell");
	for (size_t i = 0; i < cell->count; i++)
		tell(f, &cell->facts[order[i]]);
	end_is_right(f, cell);
	int64_t audit = db_int(&f->db, "SELECT COUNT(*) FROM audit"), events = db_int(&f->db, "SELECT COUNT(*) FROM event");
	for (size_t i = 0; i < cell->count; i++) /* told again, once all is said: nothing happens */
		tell(f, &cell->facts[i]);
	end_is_right(f, cell);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit"), audit);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event"), events);
	db_script(&f->db, "ROLLBACK TO SAVEPOINT before_cell");
}

/* Every permutation, by Heap's algorithm. */
static void every_order(struct fixture *f, const struct cell *cell, size_t *order, size_t k)
{
	if (k <= 1) {
		run_order(f, cell, order);
		return;
	}
	for (size_t i = 0; i < k; i++) {
		every_order(f, cell, order, k - 1);
		size_t with_last = k % 2 ? 0 : i, kept = order[with_last];
		order[with_last] = order[k - 1];
		order[k - 1] = kept;
	}
}

static void every_cell_in_every_order(void **state)
{
	struct fixture *f = *state;
	an_order_of_two(f);
	db_run(&f->db, "UPDATE license SET seats_used = 2");
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		size_t order[FACTS_MAX] = { 0, 1, 2, 3 };
		every_order(f, &cells[i], order, cells[i].count);
	}
}

/* What staff ask for, by line; sent and answered as Stripe would. */
static const char *asked_line(struct fixture *f, int64_t order_id, int64_t position)
{
	int64_t line = db_int(&f->db, "SELECT id FROM order_line WHERE order_id = ? AND position = ?", order_id, position);
	const char *key = random_id(f->mem);
	struct refund_wish wish = { .key = key, .order_id = order_id, .actor_id = 1, .lines = &line, .line_count = 1,
		.reason = "by mail" };
	assert_int_equal(refund_ask(&f->db, &wish), REFUND_ASKED);
	assert_int_equal(refund_ask(&f->db, &wish), REFUND_ASKED);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund WHERE public_id = ?", key), 1);
	return key;
}

static void answered(struct fixture *f, const char *key, const char *stripe_refund, const char *status)
{
	db_begin(&f->db);
	payment_told(&f->db, (struct payment_fact){ .payment_intent = intent, .charge = "ch_1", .stripe_invoice = "" });
	refund_told(&f->db, (struct refund_fact){ .stripe_refund = stripe_refund, .payment_intent = intent, .currency = "eur",
		.status = status, .public_id = key, .amount = TOTAL / 2 });
	payment_settle(&f->db, intent);
	db_commit(&f->db);
}

static const char *line_rights(struct fixture *f, int64_t position)
{
	return db_text(&f->db,
		"SELECT GROUP_CONCAT(DISTINCT e.state) FROM entitlement e JOIN order_line l ON l.id = e.source_id WHERE l.position = ?",
		position);
}

static void a_refund_with_lines_takes_those_lines(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order_of_two(f);
	const char *key = asked_line(f, id, 2);
	assert_string_equal(line_rights(f, 2), "active"); /* asked is not done */
	answered(f, key, "re_1", "succeeded");
	assert_string_equal(line_rights(f, 1), "active");
	assert_string_equal(line_rights(f, 2), "revoked");
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "partially_refunded");
	answered(f, key, "re_1", "failed");
	assert_string_equal(line_rights(f, 2), "active");
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "paid");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund"), 1);
}

static enum refund_asked ask_amount(struct fixture *f, int64_t order_id, int64_t amount)
{
	struct refund_wish wish = { .key = random_id(f->mem), .order_id = order_id, .actor_id = 1, .amount = amount,
		.reason = "by mail" };
	return refund_ask(&f->db, &wish);
}

static void what_cannot_be_refunded_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order_of_two(f), line = db_int(&f->db, "SELECT MIN(id) FROM order_line");
	assert_int_equal(ask_amount(f, id, TOTAL + 1), REFUND_TOO_MUCH);
	asked_line(f, id, 1);
	struct refund_wish again = { .key = random_id(f->mem), .order_id = id, .lines = &line, .line_count = 1, .reason = "x" };
	assert_int_equal(refund_ask(&f->db, &again), REFUND_LINE_BACK);
	assert_int_equal(ask_amount(f, id, TOTAL / 2 + 1), REFUND_TOO_MUCH);
	assert_int_equal(ask_amount(f, id, 0), REFUND_ASKED); /* what is left */
	assert_int_equal(db_int(&f->db, "SELECT CAST(SUM(amount) AS SIGNED) FROM refund"), (int)TOTAL);
	assert_int_equal(ask_amount(f, id, 1), REFUND_NOTHING_LEFT);
	assert_int_equal(ask_amount(f, id, 0), REFUND_NOTHING_LEFT);
	db_run(&f->db, "UPDATE refund SET status = 'refused'");
	struct fact opened = { DISPUTE, "du_1", "needs_response", 0, 1 };
	tell(f, &opened);
	assert_int_equal(ask_amount(f, id, 1), REFUND_DISPUTED);
	int64_t open_order = an_order(f, a_member(f, "b@example.com"), a_price(f, "third", 900));
	assert_int_equal(ask_amount(f, open_order, 1), REFUND_UNPAID);
}

static void an_inquiry_is_told_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order_of_two(f);
	struct fact asks = { DISPUTE, "du_1", "warning_needs_response", 0, 1 };
	for (int i = 0; i < 3; i++)
		tell(f, &asks);
	assert_int_equal(told(f, "order.inquiry"), 1);
	assert_int_equal(told(f, "order.disputed"), 0);
	assert_int_equal(ask_amount(f, id, 1), REFUND_ASKED); /* a refund now avoids the dispute */
}

/* Told before the payment itself: nothing happens, and everything does once the payment is known. */
static void facts_before_the_payment_wait_for_it(void **state)
{
	struct fixture *f = *state;
	struct fact refunded = { REFUND, "re_1", "succeeded", TOTAL, 0 }, opened = { DISPUTE, "du_1", "lost", 0, 1 };
	tell(f, &refunded);
	tell(f, &opened);
	assert_int_equal(told(f, "refund.succeeded"), 0);
	an_order_of_two(f);
	db_begin(&f->db);
	assert_true(payment_settle(&f->db, intent));
	db_commit(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'revoked'"), 4);
	assert_int_equal(told(f, "refund.succeeded"), 1);
}

static void what_staff_give_back_stays(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order_of_two(f);
	struct fact refunded = { REFUND, "re_1", "succeeded", TOTAL, 0 }, lost = { DISPUTE, "du_1", "lost", 0, 1 };
	tell(f, &refunded);
	const char *right = right_of_order(f, id);
	struct decision decision = { 1, "a gift" };
	assert_true(right_reinstate(&f->db, id, right, decision));
	assert_false(right_reinstate(&f->db, id, right, decision));
	tell(f, &refunded);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.restored' AND actor_id = 1"), 1);
	tell(f, &lost); /* another reason is another decision */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 0);
}

static void a_failed_refund_holds_its_order_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order_of_two(f);
	struct fact failed = { REFUND, "re_1", "failed", TOTAL, 0 };
	tell(f, &failed);
	assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), "refund_failed");
	assert_true(order_release(&f->db, id, (struct decision){ 1, "paid by transfer" }));
	tell(f, &failed);
	assert_string_equal(db_text(&f->db, "SELECT review FROM orders"), "");
}

/* That refund failed, or that dispute was won after all: the next one is another, and takes the right. */
static void what_staff_gave_back_goes_with_the_next_refund(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order_of_two(f);
	const char *right = right_of_order(f, id);
	struct fact whole = { REFUND, "re_1", "succeeded", TOTAL, 0 }, failed = { REFUND, "re_1", "failed", TOTAL, 1 },
		next = { REFUND, "re_2", "succeeded", TOTAL, 2 };
	tell(f, &whole);
	assert_true(right_reinstate(&f->db, id, right, (struct decision){ 1, "a gift" }));
	tell(f, &whole);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 1);
	tell(f, &failed);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state <> 'active' OR kept_for <> ''"), 0);
	tell(f, &next);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state <> 'revoked' OR kept_for <> ''"), 0);
}

/* A payment of nobody's, of an order that is not paid, of a right that is not there: nothing follows. */
static void what_is_not_ours_is_left_alone(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", TOTAL));
	struct fact refunded = { REFUND, "re_1", "succeeded", TOTAL, 0 };
	db_begin(&f->db);
	assert_false(payment_settle(&f->db, "pi_unknown"));
	db_commit(&f->db);
	db_run(&f->db, "UPDATE orders SET stripe_payment = ? WHERE id = ?", intent, id);
	tell(f, &refunded);
	assert_string_equal(db_text(&f->db, "SELECT state FROM orders"), "pending");
	assert_int_equal(told(f, "refund.succeeded"), 0);
	db_begin(&f->db);
	assert_false(entitlement_revoke(&f->db, 999999999, "test"));
	assert_false(entitlement_reinstate(&f->db, 999999999, 1, "test"));
	assert_false(entitlement_settle(&f->db, 999999999, "revoked", "test"));
	db_commit(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action LIKE 'entitlement%'"), 0);
}

/* What a person gave back in spite of a reason stays against that reason, not against another. */
static void a_right_kept_by_hand_is_kept(void **state)
{
	static const struct { const char *state, *reason, *kept, *to, *why; bool moves; } rows[] = {
		{ "active", "", "refunded", "revoked", "refunded", false }, { "active", "", "refunded", "revoked", "dispute_lost", true },
		{ "active", "", "", "revoked", "refunded", true }, { "active", "", "refunded", "expired", "ended", true },
		{ "revoked", "by hand", "", "active", "settled", false }, { "suspended", "by hand", "", "active", "settled", false },
		{ "revoked", "refunded", "", "active", "settled", true }, { "suspended", "dispute_opened", "", "active", "won", true },
		{ "revoked", "refunded", "", "revoked", "dispute_lost", false }, { "active", "", "", "active", "settled", false },
	};
	struct fixture *f = *state;
	a_purchase(f, a_member(f, "a@example.com"), a_price(f, "walk", TOTAL));
	int64_t right = db_int(&f->db, "SELECT MIN(id) FROM entitlement");
	assert_false(entitlement_reinstate(&f->db, right, 1, "nothing was taken"));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_run(&f->db, "UPDATE entitlement SET state = ?, reason = ?, kept_for = ? WHERE id = ?", rows[i].state, rows[i].reason,
			rows[i].kept, right);
		bool moved = entitlement_settle(&f->db, right, rows[i].to, rows[i].why);
		if (moved != rows[i].moves)
			fail_msg("%s %s to %s %s", rows[i].state, rows[i].reason, rows[i].to, rows[i].why);
		assert_string_equal(db_text(&f->db, "SELECT state FROM entitlement WHERE id = ?", right), moved ? rows[i].to : rows[i].state);
		bool kept = *rows[i].kept && !strcmp(rows[i].kept, rows[i].why);
		assert_string_equal(db_text(&f->db, "SELECT kept_for FROM entitlement WHERE id = ?", right), kept ? rows[i].kept : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_cell_in_every_order),
		TEST(a_refund_with_lines_takes_those_lines),
		TEST(what_cannot_be_refunded_is_refused),
		TEST(an_inquiry_is_told_once),
		TEST(facts_before_the_payment_wait_for_it),
		TEST(what_staff_give_back_stays),
		TEST(what_staff_gave_back_goes_with_the_next_refund),
		TEST(a_failed_refund_holds_its_order_once),
		TEST(what_is_not_ours_is_left_alone),
		TEST(a_right_kept_by_hand_is_kept),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
