/* stripe_manage.c: forms for Stripe about subscriptions. */
#include "stripe_manage.h"

#include <string.h>

#include "conf.h"
#include "moment.h"
#include "stripe_schedule.h"

/* What each wish is at Stripe. path "": a change of the subscription itself; held: our note at Stripe, NULL: left alone. */
static const struct {
	const char *name, *path, *field, *value, *held;
} manages[] = {
	[MANAGE_CANCEL] = { "cancel", "", "cancel_at_period_end", "true", NULL },
	[MANAGE_KEEP] = { "keep", "", "cancel_at_period_end", "false", NULL },
	[MANAGE_PAUSE] = { "pause", "", "pause_collection[behavior]", "void", NULL },
	[MANAGE_COLLECT] = { "collect", "", "pause_collection", "", NULL },
	[MANAGE_RESUME] = { "resume", "/resume", "billing_cycle_anchor", "now", NULL },
	[MANAGE_END_TRIAL] = { "end-trial", "", "trial_end", "now", NULL },
	[MANAGE_HOLD] = { "hold", "", "pause_collection[behavior]", "void", "dispute" },
	[MANAGE_RELEASE] = { "release", "", "pause_collection", "", "" },
};

static const char *path_of(struct mem *mem, const struct subscription *subscription, const char *more)
{
	return mem_format(mem, "/v1/subscriptions/%s%s", subscription->stripe_subscription, more);
}

/* Stripe refuses to touch an end, a pause, an item that a schedule has in hand. Whether it let go, the change itself tells. */
static void schedule_let_go(struct mem *mem, const struct subscription *subscription, const char *key)
{
	if (*subscription->stripe_schedule)
		stripe_schedule_release(mem, subscription->stripe_schedule, key);
}

struct stripe_answer stripe_subscription_manage(struct mem *mem, const struct subscription *subscription,
	enum manage manage, const char *key)
{
	schedule_let_go(mem, subscription, key);
	struct buffer form = stripe_form(mem);
	stripe_field(&form, manages[manage].field, manages[manage].value);
	if (manages[manage].held)
		stripe_field(&form, "metadata[held]", manages[manage].held);
	return stripe_post(mem, path_of(mem, subscription, manages[manage].path), form,
		mem_format(mem, "sub-%s-%s-%s", subscription->public_id, manages[manage].name, key));
}

struct stripe_answer stripe_subscription_end(struct mem *mem, const struct subscription *subscription)
{
	return stripe_delete(mem, path_of(mem, subscription, ""));
}

struct stripe_answer stripe_subscription_get(struct mem *mem, const char *stripe_subscription)
{
	return stripe_get(mem,
		mem_format(mem, "/v1/subscriptions/%s?expand%%5B%%5D=latest_invoice", stripe_subscription));
}

struct stripe_answer stripe_plan_change(struct mem *mem, const struct subscription *subscription, const char *stripe_price,
	struct moment prorate_at, const char *key)
{
	schedule_let_go(mem, subscription, key);
	struct buffer form = stripe_form(mem);
	stripe_field(&form, "items[0][id]", subscription->stripe_item);
	stripe_field(&form, "items[0][price]", stripe_price);
	stripe_field(&form, "proration_behavior", prorate_at.us ? "always_invoice" : "none");
	if (prorate_at.us)
		stripe_number(&form, "proration_date", moment_unix(prorate_at));
	stripe_field(&form, "payment_behavior", "error_if_incomplete");
	return stripe_post(mem, path_of(mem, subscription, ""), form,
		mem_format(mem, "sub-%s-plan-%s", subscription->public_id, key));
}

struct stripe_answer stripe_plan_preview(struct mem *mem, const struct subscription *subscription,
	const char *stripe_price, struct moment prorate_at)
{
	struct buffer form = stripe_form(mem);
	stripe_field(&form, "subscription", subscription->stripe_subscription);
	stripe_field(&form, "subscription_details[items][0][id]", subscription->stripe_item);
	stripe_field(&form, "subscription_details[items][0][price]", stripe_price);
	stripe_field(&form, "subscription_details[proration_behavior]", "always_invoice");
	stripe_number(&form, "subscription_details[proration_date]", moment_unix(prorate_at));
	return stripe_post_harmless(mem, "/v1/invoices/create_preview", form,
		mem_format(mem, "sub-%s-preview-%s-%lld", subscription->public_id, stripe_price,
			(long long)moment_unix(prorate_at)));
}

struct stripe_answer stripe_price_create(struct mem *mem, const struct plan *plan)
{
	struct buffer form = stripe_form(mem);
	stripe_field(&form, "currency", plan->amount.currency);
	stripe_number(&form, "unit_amount", plan->amount.minor);
	stripe_field(&form, "recurring[interval]", plan->recurring);
	stripe_field(&form, "product_data[name]", mem_format(mem, "%s — %s", plan->title, plan->price_title));
	stripe_field(&form, "metadata[price_id]", plan->public_id);
	const char *tax = conf_tax_behavior();
	if (*tax)
		stripe_field(&form, "tax_behavior", tax);
	return stripe_post_harmless(mem, "/v1/prices", form, mem_format(mem, "price-%s%s%s", plan->public_id, *tax ? "-" : "", tax));
}

struct stripe_answer stripe_portal_open(struct mem *mem, const char *stripe_customer, const char *return_url,
	const char *language, const char *key)
{
	struct buffer form = stripe_form(mem);
	stripe_field(&form, "customer", stripe_customer);
	stripe_field(&form, "return_url", return_url);
	stripe_field(&form, "locale", language);
	return stripe_post_harmless(mem, "/v1/billing_portal/sessions", form, mem_format(mem, "portal-%s", key));
}

static void trial_add(struct buffer *form, const struct plan *plan)
{
	stripe_number(form, "subscription_data[trial_period_days]", plan->trial_days);
	if (plan->trial_card)
		return;
	/* Without a card the trial ends in a pause: nothing is lost, a card resumes it. */
	stripe_field(form, "payment_method_collection", "if_required");
	stripe_field(form, "subscription_data[trial_settings][end_behavior][missing_payment_method]", "pause");
}

struct stripe_answer stripe_subscription_session(struct mem *mem, const struct order *order, const struct plan *plan,
	const char *stripe_price, bool trial, const char *email, const char *customer, int64_t try)
{
	struct buffer form = stripe_session_form(mem, order, "subscription", email, customer);
	stripe_field(&form, "subscription_data[metadata][order_id]", order->number);
	stripe_field(&form, "line_items[0][price]", stripe_price);
	stripe_number(&form, "line_items[0][quantity]", 1);
	if (trial)
		trial_add(&form, plan);
	return stripe_session_post(mem, order, form, try);
}
