/* stripe_schedule.h: subscription schedules: a plan that begins when the period that is paid ends, by Stripe's own clock.
 * As in stripe_api.h: never inside a database transaction, each POST under an idempotency key.
 *
 * A schedule is attached to its subscription, one at most, until it is released or its last phase is over. While it is, Stripe
 * refuses other changes of the subscription: stripe_manage.c releases it first. */
#ifndef STRIPE_SCHEDULE_H
#define STRIPE_SCHEDULE_H

#include "plan.h"
#include "stripe_api.h"
#include "subscription.h"

/* One that goes on as the subscription does. Refused when it has one. */
struct stripe_answer stripe_schedule_create(struct mem *mem, const struct subscription *subscription, const char *key);
struct stripe_answer stripe_schedule_get(struct mem *mem, const char *stripe_schedule);

/* Whether it is one that stripe_schedule_plan() made, or an empty one: others, of the dashboard, are left alone. */
bool stripe_schedule_is_ours(struct json_object *schedule);

/* schedule: as Stripe answered it. The present plan until the period's end, then `to`, which is stripe_price; discounts stay.
 * Done twice it is the same. */
struct stripe_answer stripe_schedule_plan(struct mem *mem, struct json_object *schedule,
	const struct subscription *subscription, const struct plan *to, const char *stripe_price, const char *key);

/* The subscription goes on as it is. */
struct stripe_answer stripe_schedule_release(struct mem *mem, const char *stripe_schedule, const char *key);

#endif
