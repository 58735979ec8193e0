/* subscription_fact.c: the facts of subscriptions and their invoices, each kept so that the order of telling does not matter. */
#include <string.h>

#include "audit.h"
#include "event.h"
#include "moment.h"
#include "sign.h"
#include "subscription.h"

const struct subscription *subscription_locked(struct db *db, const char *stripe_subscription)
{
	return db_one(db, subscription,
		"SELECT " SUBSCRIPTION_COLUMNS " FROM subscription WHERE stripe_subscription = ? FOR UPDATE",
		stripe_subscription);
}

const struct subscription *subscription_placed(struct db *db, const char *stripe_subscription)
{
	struct moment now = moment_now();
	const struct subscription *found = subscription_locked(db, stripe_subscription);
	if (found)
		return found;
	db_run(db,
		"INSERT INTO subscription (public_id, stripe_subscription, status, told_at, created_at, updated_at)"
		" VALUES (?, ?, '', ?, ?, ?) ON DUPLICATE KEY UPDATE id = id",
		random_id(db->mem), stripe_subscription, moment_from_unix(1), now, now);
	return subscription_locked(db, stripe_subscription);
}

/* What a new status is told as; statuses without a line are not told. */
static const struct {
	const char *status;
	const char *topic;
} topics[] = {
	{ "past_due", "subscription.past_due" },
	{ "unpaid", "subscription.unpaid" },
	{ "paused", "subscription.paused" },
	{ "canceled", "subscription.canceled" },
};

static void status_tell(struct db *db, const struct subscription *old, const char *status)
{
	if (!old->account_id || !strcmp(old->status, status))
		return;
	audit_put(db, old->account_id, 0, "subscription.status", old->id, status);
	for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
		if (!strcmp(topics[i].status, status))
			event_put(db, topics[i].topic, old->account_id, old->id, "{}");
	if (!strcmp(old->status, "paused") && !strcmp(status, "active"))
		event_put(db, "subscription.resumed", old->account_id, old->id, "{}");
}

static void mirror(struct db *db, const struct subscription *old, const struct subscription_fact *fact)
{
	bool overdue = !strcmp(fact->status, "past_due");
	db_run(db,
		"UPDATE subscription SET stripe_customer = IF(? = '', stripe_customer, ?), stripe_item = ?, stripe_price = ?,"
		" stripe_schedule = ?, scheduled_price_id = IF(? = '', 0, scheduled_price_id),"
		" status = ?, started_at = ?, anchor_at = ?, period_start = ?, period_end = ?, trial_start = ?, trial_end = ?,"
		" cancel_at = ?, canceled_at = ?, ended_at = ?, past_due_at = ?, pause_behavior = ?, pause_resumes_at = ?,"
		" changing_at = NULL, told_at = ?, told_rank = ?, updated_at = ? WHERE id = ?",
		fact->stripe_customer, fact->stripe_customer, fact->stripe_item, fact->stripe_price,
		fact->stripe_schedule, fact->stripe_schedule, fact->status,
		fact->started_at, fact->anchor_at, fact->period_start, fact->period_end, fact->trial_start, fact->trial_end,
		fact->cancel_at, fact->canceled_at, fact->ended_at, overdue ? fact->period_start : (struct moment){ 0 },
		fact->pause_behavior, fact->pause_resumes_at, fact->told_at, fact->rank, moment_now(), old->id);
	status_tell(db, old, fact->status);
}

/* Whether rights, or what the member reads, would not be the same. */
static bool differs(const struct subscription *old, const struct subscription_fact *fact)
{
	return strcmp(old->status, fact->status) || strcmp(old->stripe_price, fact->stripe_price) ||
		strcmp(old->pause_behavior, fact->pause_behavior) ||
		strcmp(old->stripe_schedule, fact->stripe_schedule) || old->cancel_at.us != fact->cancel_at.us ||
		old->period_end.us != fact->period_end.us || old->trial_end.us != fact->trial_end.us ||
		old->pause_resumes_at.us != fact->pause_resumes_at.us;
}

enum subscription_news subscription_told(struct db *db, struct subscription_fact fact)
{
	const struct subscription *old = subscription_placed(db, fact.stripe_subscription);
	fact.stripe_schedule = fact.stripe_schedule ? fact.stripe_schedule : "";
	bool over = subscription_is_over(fact.status), was_over = subscription_is_over(old->status);
	if (!fact.told_at.us) { /* read just now: later than what is here, earlier than what will be told */
		fact.told_at = old->told_at;
		fact.rank = old->told_rank;
		if (was_over && !over)
			return NEWS_NONE;
		mirror(db, old, &fact);
		return NEWS_NEWER;
	}
	bool same = fact.told_at.us == old->told_at.us && over == was_over, newer = over;
	if (over == was_over)
		newer = same ? strcmp(fact.rank, old->told_rank) > 0 : fact.told_at.us > old->told_at.us;
	if (newer)
		mirror(db, old, &fact);
	if (same && strcmp(fact.rank, old->told_rank) && differs(old, &fact))
		return NEWS_SAME_SECOND;
	return newer ? NEWS_NEWER : NEWS_NONE;
}

/* A customer is tied to one account for ever; an account keeps the first. */
static void customer_link(struct db *db, const char *stripe_customer, int64_t account_id)
{
	if (*stripe_customer &&
		!db_int(db, "SELECT COUNT(*) FROM account WHERE stripe_customer = ?", stripe_customer))
		db_run(db, "UPDATE account SET stripe_customer = ? WHERE id = ? AND stripe_customer IS NULL", stripe_customer,
			account_id);
}

void subscription_link(struct db *db, const char *stripe_subscription, const char *stripe_customer,
	const struct order *order)
{
	const struct subscription *subscription = subscription_placed(db, stripe_subscription);
	if (subscription->order_id)
		return;
	db_run(db,
		"UPDATE subscription SET account_id = ?, order_id = ?,"
		" stripe_customer = IF(stripe_customer = '', ?, stripe_customer), updated_at = ? WHERE id = ?",
		order->account_id, order->id, stripe_customer, moment_now(), subscription->id);
	customer_link(db, stripe_customer, order->account_id);
	audit_put(db, order->account_id, 0, "subscription.linked", subscription->id, order->number);
}

void subscription_link_number(struct db *db, const char *stripe_subscription, const char *stripe_customer,
	const char *number)
{
	const struct order *order = *number ? order_locked_by_number(db, number) : NULL;
	bool ours = order && db_int(db,
		"SELECT COUNT(*) FROM order_line l JOIN price p ON p.id = l.price_id WHERE l.order_id = ? AND p.recurring <> 'once'",
		order->id);
	if (ours)
		subscription_link(db, stripe_subscription, stripe_customer, order);
}

void subscription_link_told(struct db *db, const struct subscription_fact *fact, const char *number)
{
	if (*number) {
		subscription_link_number(db, fact->stripe_subscription, fact->stripe_customer, number);
		return;
	}
	int64_t account_id = *fact->stripe_customer && *fact->stripe_price ? db_int(db,
		"SELECT a.id FROM account a JOIN price p ON p.stripe_price = ? WHERE a.stripe_customer = ? LIMIT 1",
		fact->stripe_price, fact->stripe_customer) : 0;
	const struct subscription *subscription = account_id ? subscription_locked(db, fact->stripe_subscription) : NULL;
	if (!subscription || subscription->account_id)
		return;
	db_run(db, "UPDATE subscription SET account_id = ?, updated_at = ? WHERE id = ?", account_id, moment_now(),
		subscription->id);
	audit_put(db, account_id, 0, "subscription.linked", subscription->id, fact->stripe_customer);
}

/* How far an invoice has come; an uncollectible one may still be paid. */
#define INVOICE_RANK(status) "FIELD(" status ", 'draft', 'open', 'uncollectible', 'void', 'paid')"
#define FIRST_KNOWN(column) column " = IF(" column " = '', VALUES(" column "), " column ")"
#define KNOWN_MOMENT(column) column " = COALESCE(VALUES(" column "), " column ")"

/* status and attempts are set after what hangs on them: what stands before still sees the old ones. */
#define INVOICE_COLUMNS                                                                                              \
	"INSERT INTO stripe_invoice (id, stripe_subscription, stripe_price, from_price, status, billing_reason, amount_due,"  \
	" amount_paid, tax, currency, period_start, period_end, change_at, change_end, attempts, next_attempt_at, hosted_url,"  \
	" created_at, lines_told, total)"
#define INVOICE_KNOWN                                                                                                \
	" ON DUPLICATE KEY UPDATE" \
	" " FIRST_KNOWN("stripe_subscription") ", " FIRST_KNOWN("stripe_price") ", " FIRST_KNOWN("from_price") \
	", " FIRST_KNOWN("billing_reason") ", " FIRST_KNOWN("currency") ", " FIRST_KNOWN("hosted_url") \
	", " KNOWN_MOMENT("period_start") ", " KNOWN_MOMENT("period_end") ", " KNOWN_MOMENT("change_at") \
	", " KNOWN_MOMENT("change_end") "," \
	" created_at = IF(status = '', VALUES(created_at), created_at), amount_due = GREATEST(amount_due, VALUES(amount_due))," \
	" amount_paid = GREATEST(amount_paid, VALUES(amount_paid)), tax = GREATEST(tax, VALUES(tax))," \
	" total = IF(" INVOICE_RANK("VALUES(status)") " >= " INVOICE_RANK("status") ", VALUES(total), total)," \
	" status = IF(" INVOICE_RANK("VALUES(status)") " > " INVOICE_RANK("status") ", VALUES(status), status)," \
	" next_attempt_at = CASE WHEN VALUES(attempts) > attempts THEN VALUES(next_attempt_at)" \
	"  WHEN VALUES(attempts) = attempts THEN LEAST(next_attempt_at, VALUES(next_attempt_at)) ELSE next_attempt_at END," \
	" attempts = GREATEST(attempts, VALUES(attempts)), lines_told = GREATEST(lines_told, VALUES(lines_told))"

void invoice_told(struct db *db, struct invoice_fact fact)
{
	db_run(db, INVOICE_COLUMNS " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" INVOICE_KNOWN,
		fact.id, fact.stripe_subscription, fact.stripe_price, fact.from_price, fact.status, fact.billing_reason,
		fact.amount_due, fact.amount_paid, fact.tax, fact.currency, fact.period_start, fact.period_end, fact.change_at,
		fact.change_end, fact.attempts, fact.next_attempt_at, fact.hosted_url, fact.created_at,
		(int64_t)fact.lines_told, fact.total);
}

void invoice_lines_told(struct db *db, struct invoice_fact fact)
{
	db_run(db,
		"UPDATE stripe_invoice SET stripe_price = ?, from_price = ?, period_start = ?, period_end = ?, change_at = ?,"
		" change_end = ?, lines_told = ? WHERE id = ?",
		fact.stripe_price, fact.from_price, fact.period_start, fact.period_end, fact.change_at, fact.change_end,
		(int64_t)LINES_READ, fact.id);
}

#define MOMENT_OF(column) "TIMESTAMP'1970-01-01 00:00:00' + INTERVAL " column " SECOND"

/* The names of the list's columns are not those of the table: both stand in the second half. */
void invoices_told(struct db *db, const char *facts)
{
	db_run(db, INVOICE_COLUMNS " SELECT t_id, t_sub, t_price, t_from, t_status, t_reason, t_due, t_paid, t_tax, t_currency, "
		MOMENT_OF("t_starts") ", " MOMENT_OF("t_ends") ", " MOMENT_OF("t_change") ", " MOMENT_OF("t_until") ", t_tries, "
		MOMENT_OF("t_next") ", t_url, " MOMENT_OF("t_created") ", t_lines, t_total FROM JSON_TABLE(?, '$[*]' COLUMNS ("
		" t_id VARCHAR(255) PATH '$.id', t_sub VARCHAR(255) PATH '$.sub', t_price VARCHAR(255) PATH '$.price',"
		" t_from VARCHAR(255) PATH '$.from', t_status VARCHAR(24) PATH '$.status', t_reason VARCHAR(48) PATH '$.reason',"
		" t_due BIGINT PATH '$.due', t_paid BIGINT PATH '$.paid', t_tax BIGINT PATH '$.tax',"
		" t_currency CHAR(3) PATH '$.currency', t_starts BIGINT PATH '$.starts', t_ends BIGINT PATH '$.ends',"
		" t_change BIGINT PATH '$.change', t_until BIGINT PATH '$.until', t_tries BIGINT PATH '$.tries',"
		" t_next BIGINT PATH '$.next', t_url VARCHAR(2000) PATH '$.url', t_created BIGINT PATH '$.created',"
		" t_lines BIGINT PATH '$.lines', t_total BIGINT PATH '$.total')) told" INVOICE_KNOWN,
		facts);
}

void invoice_touch(struct db *db, const char *stripe_invoice)
{
	db_run(db,
		"INSERT INTO stripe_invoice (id, stripe_subscription, status, billing_reason, currency, created_at)"
		" VALUES (?, '', '', '', '', ?) ON DUPLICATE KEY UPDATE id = id",
		stripe_invoice, moment_now());
}

const char *invoice_subscription(struct db *db, const char *stripe_invoice)
{
	const char *id = db_text(db, "SELECT stripe_subscription FROM stripe_invoice WHERE id = ?", stripe_invoice);
	return id ? id : "";
}
