/* mail_refunded: money went back: its buyer is told, once for each refund, in the language of the order. Of a subscription: for
 * which of its months. */
#include "conf.h"
#include "job.h"
#include "mail.h"

struct refunded_order {
	int64_t account_id;
	const char *email, *name, *language, *number, *refund;
	const char *subscription, *title, *price_title; /* subscription NULL: the order's own payment */
	struct money amount;
	struct moment starts_at, ends_at;
};
ROW(refunded_order, account_id, email, name, language, number, refund, OPT(subscription), title, price_title, amount,
	OPT(starts_at), OPT(ends_at));

struct refunded_mail {
	const char *name, *number, *title, *price_title, *link;
	struct money amount;
	struct moment starts_at, ends_at;
};
VIEW(refunded_mail, name, number, title, price_title, link, amount, OPT(starts_at), OPT(ends_at));

static const struct refunded_order *refunded_of(struct job *job)
{
	return db_one(job->db, refunded_order,
		"SELECT o.account_id, a.email, a.name, o.language, o.number, r.public_id AS refund, s.public_id AS subscription,"
		" COALESCE(dt.title, '') AS title, COALESCE(pt.title, '') AS price_title, r.amount, r.currency, p.starts_at, p.ends_at"
		" FROM refund r JOIN orders o ON o.id = r.order_id JOIN account a ON a.id = o.account_id"
		" LEFT JOIN payment y ON y.payment_intent = r.payment_intent AND y.stripe_invoice > ''"
		" LEFT JOIN subscription_period p ON p.stripe_invoice = y.stripe_invoice"
		" LEFT JOIN subscription s ON s.id = p.subscription_id LEFT JOIN price c ON c.id = p.price_id"
		" LEFT JOIN product_text dt ON dt.product_id = c.product_id AND dt.language = o.language"
		" LEFT JOIN price_text pt ON pt.price_id = c.id AND pt.language = o.language WHERE r.id = ?",
		job->subject_id);
}

JOB(mail_refunded)
{
	const struct refunded_order *order = refunded_of(job);
	if (!order)
		return;
	struct mail_to to = { .account_id = order->account_id, .email = order->email, .language = order->language,
		.unique_key = mem_format(job->mem, "refund:%s", order->refund) };
	const char *link = order->subscription ?
		mem_format(job->mem, "%s/account/subscriptions/%s", conf.base_url, order->subscription) :
		mem_format(job->mem, "%s/account/orders/%s", conf.base_url, order->number);
	db_begin(job->db);
	mail_put(job->db, to, "refunded", refunded_mail, .name = order->name, .number = order->number, .title = order->title,
		.price_title = order->price_title, .amount = order->amount, .starts_at = order->starts_at,
		.ends_at = order->ends_at, .link = link);
	db_commit(job->db);
}
