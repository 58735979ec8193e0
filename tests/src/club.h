/* club.h: a club with two plans, one who subscribes to it, and what Stripe tells of that, for tests. */
#ifndef CLUB_H
#define CLUB_H

#include "plans.h"

#include "buyer.h"
#include "subscription_settle.h"
#include "token.h"

#define MONTH "price_month"
#define YEAR "price_year"

static const int64_t begin = 1800000000; /* 15 January 2027 */

/* A club with a monthly (1,000 tokens) and an annual plan (3,000), a buyer, and the order of one of them. */
struct scene {
	int64_t buyer, month, year, order;
};

static inline struct scene scene_of(struct fixture *f, bool annual)
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

static inline int gone_back(void **state)
{
	moment_clock_set((struct moment){ 0 });
	return gone(state);
}

static inline void tell(struct fixture *f, const char *status, const char *price, int64_t at)
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

static inline struct invoice_fact an_invoice(const char *id, const char *price, int64_t amount, int64_t from, int64_t to)
{
	return (struct invoice_fact){ .id = id, .stripe_subscription = "sub_1", .stripe_price = price, .from_price = "",
		.status = "paid", .billing_reason = "subscription_cycle", .currency = "usd", .hosted_url = "",
		.amount_paid = amount, .total = amount, .period_start = moment_from_unix(from), .period_end = moment_from_unix(to),
		.created_at = moment_from_unix(from) };
}

/* The one that the subscription began with. */
static inline struct invoice_fact the_first_invoice(int64_t amount, int64_t to)
{
	struct invoice_fact first = an_invoice("in_1", MONTH, amount, begin, to);
	first.billing_reason = "subscription_create";
	return first;
}

static inline void tell_invoice(struct fixture *f, struct invoice_fact fact)
{
	db_begin(&f->db);
	invoice_told(&f->db, fact);
	subscription_placed(&f->db, "sub_1");
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

static inline void link_order(struct fixture *f, const struct scene *scene)
{
	db_begin(&f->db);
	subscription_placed(&f->db, "sub_1");
	subscription_link(&f->db, "sub_1", "cus_1", order_locked(&f->db, scene->order));
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
}

static inline int64_t month_end(int64_t k)
{
	return moment_unix(moment_add_months(moment_from_unix(begin), k));
}

/* The first month, paid and told whole. */
static inline struct scene a_member_of_the_club(struct fixture *f)
{
	struct scene scene = scene_of(f, false);
	link_order(f, &scene);
	tell(f, "active", MONTH, begin);
	tell_invoice(f, the_first_invoice(900, month_end(1)));
	return scene;
}

static inline int64_t balance(struct fixture *f, const struct scene *scene)
{
	return token_balance(&f->db, scene->buyer);
}

static inline const char *license_state(struct fixture *f)
{
	return db_text(&f->db, "SELECT state FROM license");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, fresh, gone_back)

#endif
