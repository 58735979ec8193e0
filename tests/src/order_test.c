/* order_test.c: orders made once, moved legally, fulfilled exactly once, repaired, their rights suspended and revoked. */
#include "crowd.h"

#include "conf.h"
#include "entitlement.h"
#include "fail.h"
#include "moment.h"
#include "order.h"
#include "sign.h"

static int64_t an_order(struct fixture *f, int64_t buyer, const char *price, int64_t quantity)
{
	int64_t id = 0;
	assert_int_equal(order_make(&f->db, buyer, price, quantity, random_id(f->mem), "en", &id), ORDER_MADE);
	return id;
}

static struct fulfilment pay(struct fixture *f, int64_t order_id)
{
	db_begin(&f->db);
	assert_true(order_move(&f->db, order_locked(&f->db, order_id), "paid", "test"));
	struct fulfilment done = order_fulfil(&f->db, order_locked(&f->db, order_id));
	db_commit(&f->db);
	return done;
}

static void the_same_form_is_one_order(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), first, second, other;
	const char *price = a_price(f, "walk", 1900), *key = random_id(f->mem);
	assert_int_equal(order_make(&f->db, buyer, price, 1, key, "en", &first), ORDER_MADE);
	assert_int_equal(order_make(&f->db, buyer, price, 1, key, "en", &second), ORDER_MADE);
	assert_int_equal(first, second);
	int64_t stranger = a_member(f, "b@example.com");
	assert_int_equal(order_make(&f->db, stranger, price, 1, key, "en", &other), ORDER_MADE);
	assert_int_not_equal(first, other);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM order_line"), 2);
}

/* A form may come back with other wishes under the key of an order made: by Back, by another tab. */
static void a_form_of_other_wishes_is_not_that_order(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), first, id;
	const char *price = a_price(f, "walk", 1900), *dearer = a_price(f, "run", 2900), *key = random_id(f->mem);
	db_run(&f->db, "UPDATE price SET quantity_max = 5");
	assert_int_equal(order_make(&f->db, buyer, price, 2, key, "en", &first), ORDER_MADE);
	const struct { const char *price; int64_t quantity; enum order_made made; } rows[] = { { price, 2, ORDER_MADE },
		{ price, 3, ORDER_OTHER }, { price, 1, ORDER_OTHER }, { dearer, 2, ORDER_OTHER }, { dearer, 1, ORDER_OTHER },
		{ "0000000000000000000000", 2, ORDER_OTHER }, { price, 0, ORDER_OTHER }, { price, 2, ORDER_MADE } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(order_make(&f->db, buyer, rows[i].price, rows[i].quantity, key, "fr", &id), rows[i].made);
		assert_int_equal(id, rows[i].made == ORDER_MADE ? first : 0);
	}
	db_run(&f->db, "UPDATE price SET active = FALSE"); /* retired since: the order made stays what it is */
	assert_int_equal(order_make(&f->db, buyer, price, 2, key, "en", &id), ORDER_MADE);
	db_run(&f->db, "UPDATE price SET amount = 2000");
	assert_int_equal(order_make(&f->db, buyer, price, 2, key, "en", &id), ORDER_OTHER);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 1);
}

static void what_is_not_sold_is_not_ordered(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), id;
	const char *price = a_price(f, "walk", 1900);
	assert_int_equal(order_make(&f->db, buyer, "0000000000000000000000", 1, random_id(f->mem), "en", &id), ORDER_NO_PRICE);
	assert_int_equal(order_make(&f->db, buyer, price, 0, random_id(f->mem), "en", &id), ORDER_BAD_QUANTITY);
	assert_int_equal(order_make(&f->db, buyer, price, 1000, random_id(f->mem), "en", &id), ORDER_BAD_QUANTITY);
	db_run(&f->db, "UPDATE product SET status = 'withdrawn'");
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_NO_PRICE);
	db_run(&f->db, "UPDATE product SET status = 'published'");
	db_run(&f->db, "UPDATE price SET active = FALSE");
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_NO_PRICE);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 0);
}

static void a_free_product_goes_to_an_account_once(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), id;
	const char *price = a_price(f, "gift", 0);
	id = an_order(f, buyer, price, 1);
	order_pay_free(&f->db, id);
	order_pay_free(&f->db, id); /* pressing twice */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 2);
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_OWNED_FREE);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM orders"), 1);
}

static void later_changes_do_not_touch_the_snapshot(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	db_run(&f->db, "UPDATE product_text SET title = 'Renamed'");
	db_run(&f->db, "UPDATE price SET amount = 99900");
	const struct order *order = order_locked(&f->db, id);
	assert_int_equal(order->total.minor, 1900);
	assert_string_equal(order->total.currency, "eur");
	struct list lines = order_lines(&f->db, id);
	assert_int_equal(lines.count, 1);
	LIST_EACH(order_line, line, lines)
		assert_string_not_equal(line->title, "Renamed");
}

/* The whole table: what is not named here must be refused. */
static void only_legal_moves(void **state)
{
	struct fixture *f = *state;
	static const char *const states[] = { "draft", "pending", "paid", "partially_refunded", "refunded", "disputed",
		"failed", "expired" };
	static const char *const legal[] = { "draft pending", "pending paid", "pending failed", "pending expired",
		"failed pending", "failed paid", "expired pending", "expired paid", "paid partially_refunded",
		"paid refunded", "paid disputed", "partially_refunded paid", "partially_refunded refunded",
		"partially_refunded disputed", "refunded disputed", "refunded paid", "refunded partially_refunded", "disputed paid",
		"disputed partially_refunded", "disputed refunded" };
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	for (size_t from = 0; from < 8; from++)
		for (size_t to = 0; to < 8; to++) {
			bool expected = false;
			for (size_t i = 0; i < sizeof legal / sizeof legal[0]; i++)
				expected |= !strcmp(legal[i], mem_format(f->mem, "%s %s", states[from], states[to]));
			db_run(&f->db, "UPDATE orders SET state = ? WHERE id = ?", states[from], id);
			bool moved = order_move(&f->db, order_locked(&f->db, id), states[to], "test");
			assert_int_equal(moved, expected);
			assert_string_equal(order_locked(&f->db, id)->state, moved ? states[to] : states[from]);
		}
}

/* Nothing would ever be invoiced of it. */
static void a_plan_that_costs_nothing_is_not_ordered(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0, buyer = a_member(f, "a@example.com");
	const char *price = a_price(f, "walk", 0);
	db_run(&f->db, "UPDATE price SET recurring = 'month'");
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_NO_PRICE);
	db_run(&f->db, "UPDATE price SET amount = 900, quantity_max = 5");
	assert_int_equal(order_make(&f->db, buyer, price, 2, random_id(f->mem), "en", &id), ORDER_BAD_QUANTITY);
	assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
}

static void a_seller_s_sale_has_its_fee(void **state)
{
	static const struct { int64_t seller, amount, fee; } rows[] = { { 0, 1900, 0 }, { 7, 1900, 285 }, { 7, 33, 5 }, { 7, 3, 0 } };
	struct fixture *f = *state;
	const char *price = a_price(f, "walk", 1900);
	int64_t buyer = a_member(f, "a@example.com");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_run(&f->db, "UPDATE product SET seller_id = ?", rows[i].seller);
		db_run(&f->db, "UPDATE price SET amount = ?", rows[i].amount);
		int64_t id = an_order(f, buyer, price, 1);
		assert_int_equal(db_int(&f->db, "SELECT fee FROM order_line WHERE order_id = ?", id), rows[i].fee);
	}
}

/* Codes are Stripe's: what is free needs none. */
static void an_order_takes_codes_where_the_shop_does(void **state)
{
	static const struct { const char *shop; int64_t amount; bool takes; } rows[] = {
		{ "no", 1900, false }, { "yes", 1900, true }, { "yes", 0, false },
	};
	struct fixture *f = *state;
	const char *price = a_price(f, "walk", 1900), *why;
	int64_t buyer = a_member(f, "a@example.com");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(conf_set("stripe_promotions", rows[i].shop, &why));
		db_run(&f->db, "UPDATE price SET amount = ?", rows[i].amount);
		assert_int_equal(order_locked(&f->db, an_order(f, buyer, price, 1))->promotions, rows[i].takes);
	}
	assert_true(conf_set("stripe_promotions", "no", &why));
}

static void free_of_a_priced_order(void *arg)
{
	struct fixture *f = arg;
	order_pay_free(&f->db, db_int(&f->db, "SELECT MAX(id) FROM orders"));
}

static void free_of_no_order(void *arg)
{
	order_pay_free(&((struct fixture *)arg)->db, 999999999);
}

static void fulfil_no_order(void *arg)
{
	order_fulfil(&((struct fixture *)arg)->db, NULL);
}

static void only_what_costs_nothing_is_free(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), gift = an_order(f, buyer, a_price(f, "gift", 0), 1);
	order_pay_free(&f->db, gift);
	order_pay_free(&f->db, gift); /* pressed twice */
	assert_string_equal(order_locked(&f->db, gift)->state, "paid");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 2);
	an_order(f, buyer, a_price(f, "walk", 1900), 1);
	assert_string_equal(failing(free_of_a_priced_order, f).event, "order.free");
	db_leave(&f->db);
	assert_string_equal(failing(free_of_no_order, f).event, "order.free");
	db_leave(&f->db);
	assert_string_equal(failing(fulfil_no_order, f).event, "order.unpaid");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 2);
}

static void what_is_paid_is_not_paid_again(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	struct order_payment payment = { .id = "pi_1", .total = 1900 }, second = { .id = "pi_2", .total = 1900 };
	const struct order *order = order_pay(&f->db, order_locked(&f->db, id), payment, "test");
	assert_non_null(order);
	assert_null(order_pay(&f->db, order, second, "test"));
	assert_string_equal(order_locked(&f->db, id)->stripe_payment, "pi_1");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'order.paid'"), 1);
	order_delay(&f->db, order_locked(&f->db, id)); /* late word that it settles later */
	assert_false(order_locked(&f->db, id)->settles_later);
}

static void a_delay_is_noted_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	order_delay(&f->db, order_locked(&f->db, id));
	order_delay(&f->db, order_locked(&f->db, id));
	assert_true(order_locked(&f->db, id)->settles_later);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'order.delayed'"), 1);
}

static void fulfilment_creates_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	struct fulfilment done = pay(f, id);
	assert_int_equal(done.created, 2);
	assert_int_equal(done.skipped, 0);
	done = order_fulfil(&f->db, order_locked(&f->db, id));
	assert_int_equal(done.created, 0);
	assert_int_equal(done.skipped, 2);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license WHERE state = 'active'"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.granted'"), 2);
}

static void a_quantity_is_that_many_keys(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, "walk", 1900);
	db_run(&f->db, "UPDATE price SET quantity_max = 5");
	int64_t id = an_order(f, a_member(f, "a@example.com"), price, 3);
	assert_int_equal(order_locked(&f->db, id)->total.minor, 5700);
	assert_int_equal(pay(f, id).created, 4);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT license_key) FROM license"), 3);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE kind = 'download'"), 1);
}

static void unpaid_is_never_fulfilled_run(void *arg)
{
	struct fixture *f = arg;
	order_fulfil(&f->db, order_locked(&f->db, db_int(&f->db, "SELECT id FROM orders")));
}

static void unpaid_is_never_fulfilled(void **state)
{
	struct fixture *f = *state;
	an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	assert_int_equal(failing(unpaid_is_never_fulfilled_run, f).kind, FAILURE_FAULT);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement"), 0);
}

/* Rights lost by accident come back; a revoked one does not. */
static void missing_rights_are_repaired(void **state)
{
	struct fixture *f = *state;
	int64_t buyer = a_member(f, "a@example.com"), id = an_order(f, buyer, a_price(f, "walk", 1900), 1);
	pay(f, id);
	db_run(&f->db, "DELETE FROM license");
	db_run(&f->db, "DELETE FROM entitlement WHERE kind = 'license'");
	assert_int_equal(orders_lacking_rights(&f->db), 1);
	struct fulfilment done = orders_fulfil_missing(&f->db, (struct moment){ 1 }, 10);
	assert_int_equal(done.orders, 1);
	assert_int_equal(done.created, 1);
	assert_int_equal(done.skipped, 1);
	assert_int_equal(orders_lacking_rights(&f->db), 0);
	assert_int_equal(orders_fulfil_missing(&f->db, (struct moment){ 1 }, 10).orders, 0);
	entitlements_revoke(&f->db, id, "refund");
	done = orders_fulfil_account(&f->db, buyer);
	assert_int_equal(done.orders, 1);
	assert_int_equal(done.created, 0);
	assert_int_equal(done.skipped, 2);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'revoked'"), 2);
}

static void rights_are_suspended_restored_revoked(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	pay(f, id);
	assert_int_equal(entitlements_suspend(&f->db, id, "dispute"), 2);
	assert_int_equal(entitlements_suspend(&f->db, id, "dispute"), 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM license"), "suspended");
	assert_int_equal(entitlements_restore(&f->db, id, "won"), 2);
	assert_string_equal(db_text(&f->db, "SELECT state FROM license"), "active");
	db_run(&f->db, "UPDATE license SET seats_used = 2");
	assert_int_equal(entitlements_revoke(&f->db, id, "refund"), 2);
	assert_int_equal(db_int(&f->db, "SELECT seats_used FROM license"), 0);
	assert_int_equal(entitlements_restore(&f->db, id, "won"), 0);
	int64_t right = db_int(&f->db, "SELECT id FROM entitlement WHERE kind = 'license'");
	assert_true(entitlement_reinstate(&f->db, right, 0, "refund failed"));
	assert_false(entitlement_reinstate(&f->db, right, 0, "again"));
	assert_string_equal(db_text(&f->db, "SELECT state FROM license"), "active");
}

static void rights_without_source_are_cleaned(void **state)
{
	struct fixture *f = *state;
	int64_t id = an_order(f, a_member(f, "a@example.com"), a_price(f, "walk", 1900), 1);
	pay(f, id);
	assert_int_equal(rights_lacking_source(&f->db), 0);
	db_run(&f->db, "UPDATE orders SET paid_at = NULL, state = 'pending'");
	assert_int_equal(rights_lacking_source(&f->db), 2);
	assert_int_equal(entitlements_clean(&f->db, true), 2);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE state = 'active'"), 2);
	assert_int_equal(entitlements_clean(&f->db, false), 2);
	assert_int_equal(rights_lacking_source(&f->db), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE deleted_at IS NOT NULL"), 2);
	assert_string_equal(db_text(&f->db, "SELECT state FROM license"), "revoked");
}

static bool fulfil(struct db *db, void *arg)
{
	db_begin(db);
	order_fulfil(db, order_locked(db, *(const int64_t *)arg));
	db_commit(db);
	return true;
}

/* Sixteen processes fulfil one order: exactly its rights come out. */
static void parallel_fulfilments_grant_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0;
	int64_t buyer = a_member(f, "parallel@example.com");
	const char *price = a_price(f, "parallel", 1900);
	order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id);
	order_move(&f->db, order_locked(&f->db, id), "paid", "test");
	assert_int_equal(at_once(f, 16, fulfil, &id), 16);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM entitlement WHERE order_id = ?", id), 2);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license l JOIN entitlement e ON e.id = l.entitlement_id"
		" WHERE e.order_id = ?", id), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'entitlement.granted' AND subject_id = ?", id), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_form_is_one_order), TEST(a_form_of_other_wishes_is_not_that_order),
		TEST(what_is_not_sold_is_not_ordered),
		TEST(a_free_product_goes_to_an_account_once),
		TEST(later_changes_do_not_touch_the_snapshot),
		TEST(only_legal_moves),
		TEST(a_plan_that_costs_nothing_is_not_ordered),
		TEST(a_seller_s_sale_has_its_fee),
		TEST(an_order_takes_codes_where_the_shop_does),
		TEST(only_what_costs_nothing_is_free),
		TEST(what_is_paid_is_not_paid_again),
		TEST(a_delay_is_noted_once),
		TEST(fulfilment_creates_once),
		TEST(a_quantity_is_that_many_keys),
		TEST(unpaid_is_never_fulfilled),
		TEST(missing_rights_are_repaired),
		TEST(rights_are_suspended_restored_revoked),
		TEST(rights_without_source_are_cleaned),
		CROWDED(parallel_fulfilments_grant_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
