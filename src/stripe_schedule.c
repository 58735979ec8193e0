/* stripe_schedule.c: forms for Stripe about subscription schedules. */
#include "stripe_schedule.h"

#include <string.h>

#include "json.h"
#include "moment.h"

static size_t length_at(struct json_object *value, const char *path)
{
	struct json_object *list = json_at(value, path);
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

struct stripe_answer stripe_schedule_create(struct mem *mem, const struct subscription *subscription, const char *key)
{
	struct buffer form = stripe_form(mem);
	stripe_field(&form, "from_subscription", subscription->stripe_subscription);
	return stripe_post(mem, "/v1/subscription_schedules", form,
		mem_format(mem, "sub-%s-schedule-%s", subscription->public_id, key));
}

static const char *path_of(struct mem *mem, const char *stripe_schedule, const char *more)
{
	return mem_format(mem, "/v1/subscription_schedules/%s%s", stripe_schedule, more);
}

struct stripe_answer stripe_schedule_get(struct mem *mem, const char *stripe_schedule)
{
	return stripe_get(mem, path_of(mem, stripe_schedule, ""));
}

bool stripe_schedule_is_ours(struct json_object *schedule)
{
	bool empty = length_at(schedule, "phases") <= 1 && !strcmp(json_text(schedule, "end_behavior"), "release");
	return empty || *json_text(schedule, "metadata.price_id");
}

/* The phase that runs now; NULL when Stripe names none. */
static struct json_object *phase_now(struct json_object *schedule)
{
	struct json_object *phases = json_at(schedule, "phases");
	int64_t start = json_int(schedule, "current_phase.start_date", 0);
	for (size_t i = 0; i < length_at(schedule, "phases"); i++) {
		struct json_object *phase = json_object_array_get_idx(phases, i);
		if (json_int(phase, "start_date", 0) == start)
			return phase;
	}
	return NULL;
}

/* A phase says all that holds in it: a discount that is not said would end. */
static void phase_add(struct buffer *form, int i, const char *stripe_price, struct json_object *having)
{
	static const char *const names[] = { "discount", "promotion_code", "coupon" };
	stripe_field(form, mem_format(form->mem, "phases[%d][items][0][price]", i), stripe_price);
	stripe_number(form, mem_format(form->mem, "phases[%d][items][0][quantity]", i), 1);
	stripe_field(form, mem_format(form->mem, "phases[%d][proration_behavior]", i), "none");
	struct json_object *discounts = json_at(having, "discounts");
	for (size_t j = 0; j < length_at(having, "discounts"); j++) {
		struct json_object *discount = json_object_array_get_idx(discounts, j);
		size_t k = 0;
		while (k + 1 < sizeof names / sizeof names[0] && !*json_id(discount, names[k]))
			k++;
		stripe_field(form, mem_format(form->mem, "phases[%d][discounts][%zu][%s]", i, j, names[k]),
			json_id(discount, names[k]));
	}
}

struct stripe_answer stripe_schedule_plan(struct mem *mem, struct json_object *schedule,
	const struct subscription *subscription, const struct plan *to, const char *stripe_price, const char *key)
{
	struct buffer form = stripe_form(mem);
	struct json_object *having = phase_now(schedule);
	phase_add(&form, 0, subscription->stripe_price, having);
	stripe_number(&form, "phases[0][start_date]", json_int(schedule, "current_phase.start_date", 0));
	stripe_number(&form, "phases[0][end_date]", moment_unix(subscription->period_end));
	phase_add(&form, 1, stripe_price, having);
	stripe_field(&form, "phases[1][duration][interval]", to->recurring);
	stripe_number(&form, "phases[1][duration][interval_count]", 1);
	stripe_field(&form, "end_behavior", "release");
	stripe_field(&form, "proration_behavior", "none");
	stripe_field(&form, "metadata[price_id]", to->public_id);
	return stripe_post(mem, path_of(mem, json_text(schedule, "id"), ""), form,
		mem_format(mem, "sub-%s-schedule-%s-%s", subscription->public_id, to->public_id, key));
}

struct stripe_answer stripe_schedule_release(struct mem *mem, const char *stripe_schedule, const char *key)
{
	return stripe_post(mem, path_of(mem, stripe_schedule, "/release"), stripe_form(mem),
		mem_format(mem, "release-%s-%s", stripe_schedule, key));
}
