/* checkout.c: Checkout Sessions of orders: made, reused, asked about. */
#include "checkout.h"

#include <string.h>

#include "account.h"
#include "event.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "order.h"
#include "plan.h"
#include "stripe_event.h"
#include "stripe_manage.h"
#include "subscription_ask.h"

enum { ASK_LATER_SECONDS = 1800, MARGIN_SECONDS = 60 };

struct payer {
	const char *email;
	const char *stripe_customer;
};
ROW(payer, email, OPT(stripe_customer));

static const struct order *order_read(struct db *db, int64_t order_id)
{
	db_begin(db);
	const struct order *order = order_locked(db, order_id);
	db_commit(db);
	return order;
}

static bool is_open(const struct order *order)
{
	return !strcmp(order->state, "pending") || !strcmp(order->state, "failed") || !strcmp(order->state, "expired");
}

static bool session_usable(const struct order *order)
{
	return !strcmp(order->state, "pending") && order->stripe_session && *order->stripe_url &&
		moment_unix(order->expires_at) - MARGIN_SECONDS > moment_unix(moment_now());
}

/* Whether the account may still have the trial of this plan. */
static bool trial_left(struct db *db, int64_t account_id, const struct plan *plan)
{
	return plan->trial_days && !db_int(db, "SELECT COUNT(*) FROM trial_claim WHERE account_id = ? AND product_id = ?",
		account_id, plan->product_id);
}

static struct stripe_answer session_ask(struct request *req, const struct order *order, const struct payer *payer)
{
	const struct plan *plan = plan_of_order(req->db, order->id, order->language);
	int64_t try = order->checkout_tries + 1;
	if (!plan)
		return stripe_session_create(req->mem, order, order_lines(req->db, order->id), payer->email,
			payer->stripe_customer, try);
	const char *price = plan_at_stripe(req->db, plan);
	if (!price)
		return (struct stripe_answer){ .end = STRIPE_UNSURE };
	return stripe_subscription_session(req->mem, order, plan, price, trial_left(req->db, order->account_id, plan),
		payer->email, payer->stripe_customer, try);
}

/* Nothing came under the order's key, and nothing will for a day: the next try has another. A session that was made under it
 * harms nobody: its address never left Stripe. False when a press beside this one counted before us: then one may have. */
static bool try_over(struct db *db, const struct order *order)
{
	db_begin(db);
	const struct order *now = order_locked(db, order->id);
	bool ours = is_open(now) && now->checkout_tries == order->checkout_tries;
	if (ours)
		order_try(db, order->id);
	db_commit(db);
	return ours;
}

/* Once more, under the next key. */
static struct stripe_answer session_again(struct request *req, const struct order **order, const struct payer *payer,
	struct stripe_answer answer)
{
	if (!try_over(req->db, *order))
		return answer;
	*order = order_read(req->db, (*order)->id);
	return session_ask(req, *order, payer);
}

/* A key of its own for each session asked for: the first try until it is answered, then the next. */
static struct stripe_answer session_asked(struct request *req, const struct order **order)
{
	const struct payer *payer = db_one(req->db, payer, "SELECT email, stripe_customer FROM account WHERE id = ?",
		(*order)->account_id);
	struct stripe_answer answer = session_ask(req, *order, payer);
	if (answer.spent) {
		log_line("checkout.key_spent", "order=%s status=%d", (*order)->number, answer.status);
		answer = session_again(req, order, payer, answer);
	}
	if (payer->stripe_customer && stripe_customer_gone(&answer)) { /* deleted at Stripe: somebody new for it */
		log_line("checkout.customer_gone", "order=%s", (*order)->number);
		db_begin(req->db);
		account_customer_forget(req->db, payer->stripe_customer);
		db_commit(req->db);
		answer = session_again(req, order, &(struct payer){ .email = payer->email }, answer);
	}
	return answer;
}

static void session_new(struct request *req, const struct order *order)
{
	struct stripe_answer answer = session_asked(req, &order);
	const char *session = json_text(answer.value, "id"), *url = json_text(answer.value, "url");
	if (answer.end != STRIPE_GOOD || !*session || !*url) {
		log_line("checkout.no_session", "order=%s status=%d", order->number, answer.status);
		return;
	}
	db_begin(req->db);
	const struct order *now = order_locked(req->db, order->id);
	bool noted = now->stripe_session && !strcmp(now->stripe_session, session); /* by a press beside this one */
	bool current = now->checkout_tries == order->checkout_tries; /* else that press gave our key up: two could be paid */
	if (is_open(now) && !noted && current) {
		order_try(req->db, order->id);
		order_session_set(req->db, order->id, session, url, moment_from_unix(json_int(answer.value, "expires_at", 0)));
		if (strcmp(now->state, "pending"))
			order_move(req->db, now, "pending", "another try");
		job_put(req->db, "order_check", now->number, order->id, ASK_LATER_SECONDS);
	}
	db_commit(req->db);
}

void checkout_go(struct request *req, int64_t order_id)
{
	const struct order *order = order_read(req->db, order_id);
	if (is_open(order) && !order->total.minor)
		order_pay_free(req->db, order_id);
	else if (is_open(order) && session_usable(order))
		see_elsewhere(req, order->stripe_url);
	else if (is_open(order) && !*order->review) {
		/* Before a second session, what became of the first: money that came must not be asked for again. */
		if (order->stripe_session && !checkout_ask(req->db, order_id) &&
			!strcmp(order_read(req->db, order_id)->state, "pending"))
			return;
		order = order_read(req->db, order_id);
		/* A press beside this one may have made it meanwhile: two payment pages could both be paid. */
		if (is_open(order) && !session_usable(order))
			session_new(req, order);
		order = order_read(req->db, order_id);
		if (session_usable(order))
			see_elsewhere(req, order->stripe_url);
		if (is_open(order))
			return;
	}
	see_other(req, "/checkout/return/%s", order->number);
}

bool checkout_ask(struct db *db, int64_t order_id)
{
	const struct order *order = order_read(db, order_id);
	if (!order || !order->stripe_session || strcmp(order->state, "pending"))
		return true;
	bool recurs = plan_of_order(db, order->id, order->language) != NULL;
	struct mirrored before = recurs ? subscription_mirrored(db, order_id) : (struct mirrored){ 0 };
	struct stripe_answer answer = stripe_get(db->mem, mem_format(db->mem, "/v1/checkout/sessions/%s%s",
		order->stripe_session, recurs ? "?expand%5B%5D=subscription&expand%5B%5D=invoice" : ""));
	if (answer.end != STRIPE_GOOD)
		return false;
	struct json_object *subscription = json_at(answer.value, "subscription"), *invoice = json_at(answer.value, "invoice");
	db_begin(db);
	if (json_object_is_type(invoice, json_type_object))
		invoice_apply(db, invoice);
	session_apply(db, answer.value);
	if (json_object_is_type(subscription, json_type_object))
		subscription_apply_since(db, subscription, before);
	db_commit(db);
	return strcmp(order_read(db, order_id)->state, "pending") != 0;
}
