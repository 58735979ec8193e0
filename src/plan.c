/* plan.c: plans read, compared, made known to Stripe. */
#include "plan.h"

#include <string.h>

#include "json.h"
#include "stripe_manage.h"

#define PLAN_COLUMNS                                                                                                 \
	"p.id, p.product_id, p.public_id, COALESCE(dt.title, d.slug) AS title, COALESCE(pt.title, p.name) AS price_title," \
	" p.recurring, p.amount, p.currency, p.stripe_price, p.trial_days, p.trial_card,"                                 \
	" p.active AND d.status = 'published' AS active"
#define PLAN_WORDS                                                                                                   \
	" JOIN product d ON d.id = p.product_id"                                                                          \
	" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = ?"                                          \
	" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = ?"

const struct plan *plan_by_id(struct db *db, int64_t price_id, const char *language)
{
	return db_one(db, plan,
		"SELECT " PLAN_COLUMNS " FROM price p" PLAN_WORDS " WHERE p.id = ? AND p.recurring <> 'once'", language, language,
		price_id);
}

const struct plan *plan_of_order(struct db *db, int64_t order_id, const char *language)
{
	return db_one(db, plan,
		"SELECT " PLAN_COLUMNS " FROM order_line l JOIN price p ON p.id = l.price_id" PLAN_WORDS
		" WHERE l.order_id = ? AND p.recurring <> 'once' ORDER BY l.position LIMIT 1",
		language, language, order_id);
}

struct list plans_beside(struct db *db, const struct plan *plan, const char *language)
{
	return db_all(db, plan,
		"SELECT " PLAN_COLUMNS " FROM price p" PLAN_WORDS
		" WHERE p.product_id = ? AND p.id <> ? AND p.currency = ? AND p.recurring <> 'once' AND p.active"
		" AND d.status = 'published' ORDER BY p.recurring, p.amount, p.id",
		language, language, plan->product_id, plan->id, (const char *)plan->amount.currency);
}

bool plan_is_upgrade(const struct plan *from, const struct plan *to)
{
	if (strcmp(from->recurring, to->recurring))
		return !strcmp(to->recurring, "year");
	return to->amount.minor > from->amount.minor;
}

const char *plan_at_stripe(struct db *db, const struct plan *plan)
{
	if (plan->stripe_price)
		return plan->stripe_price;
	struct stripe_answer answer = stripe_price_create(db->mem, plan);
	const char *id = json_text(answer.value, "id");
	if (answer.end != STRIPE_GOOD || !*id)
		return NULL;
	db_run(db, "UPDATE price SET stripe_price = ? WHERE id = ? AND stripe_price IS NULL", id, plan->id);
	return db_text(db, "SELECT stripe_price FROM price WHERE id = ?", plan->id);
}
