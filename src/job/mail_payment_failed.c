/* mail_payment_failed: a payment of a subscription did not go through, or needs the buyer: told once per attempt, with the page
 * where it can be paid, unless it was paid meanwhile. */
#include <string.h>

#include "conf.h"
#include "job.h"
#include "json.h"
#include "mail.h"

struct failed_payment {
	int64_t account_id;
	const char *email, *name, *language, *subscription, *title, *price_title, *hosted_url;
	struct money amount;
	struct moment next_attempt_at;
};
ROW(failed_payment, account_id, email, name, language, subscription, title, price_title, hosted_url, amount,
	OPT(next_attempt_at));

struct payment_mail {
	const char *name, *title, *price_title, *pay_link, *link;
	struct money amount;
	struct moment next_attempt_at;
	bool needs_action;
};
VIEW(payment_mail, name, title, price_title, pay_link, link, amount, OPT(next_attempt_at), needs_action);

struct told {
	const char *topic, *payload;
};
ROW(told, topic, payload);

static const struct failed_payment *payment_read(struct job *job, const char *invoice)
{
	return db_one(job->db, failed_payment,
		"SELECT s.account_id, a.email, a.name, a.language, s.public_id AS subscription, COALESCE(dt.title, '') AS title,"
		" COALESCE(pt.title, '') AS price_title, i.hosted_url, i.amount_due AS amount, i.currency, i.next_attempt_at"
		" FROM stripe_invoice i JOIN subscription s ON s.stripe_subscription = i.stripe_subscription"
		" JOIN account a ON a.id = s.account_id JOIN price p ON p.id = s.price_id"
		" LEFT JOIN product_text dt ON dt.product_id = p.product_id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = a.language"
		" WHERE i.id = ? AND i.status = 'open'",
		invoice);
}

JOB(mail_payment_failed)
{
	const struct told *event = db_one(job->db, told, "SELECT topic, payload FROM event WHERE id = ?", job->event_id);
	struct json_object *payload = event ? json_read(job->mem,
		(struct bytes){ (const unsigned char *)event->payload, strlen(event->payload) }, 4) : NULL;
	const char *invoice = json_text(payload, "invoice");
	const struct failed_payment *payment = payment_read(job, invoice);
	if (!event || !payment)
		return;
	bool needs_action = !strcmp(event->topic, "subscription.action_required");
	struct mail_to to = { .account_id = payment->account_id, .email = payment->email, .language = payment->language,
		.unique_key = mem_format(job->mem, "%s:%s:%lld", needs_action ? "action" : "dunning", invoice,
			(long long)json_int(payload, "attempt", 0)) };
	db_begin(job->db);
	mail_put(job->db, to, "payment_failed", payment_mail, .name = payment->name, .title = payment->title,
		.price_title = payment->price_title, .pay_link = payment->hosted_url,
		.link = mem_format(job->mem, "%s/account/subscriptions/%s", conf.base_url, payment->subscription),
		.amount = payment->amount, .next_attempt_at = payment->next_attempt_at, .needs_action = needs_action);
	db_commit(job->db);
}
