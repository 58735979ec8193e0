/* mail_refunded: money went back: its buyer is told, once for each refund, in the language of the order. */
#include "conf.h"
#include "job.h"
#include "mail.h"

struct refunded_order {
	int64_t account_id;
	const char *email, *name, *language, *number, *refund;
	struct money amount;
};
ROW(refunded_order, account_id, email, name, language, number, refund, amount);

struct refunded_mail {
	const char *name, *number, *link;
	struct money amount;
};
VIEW(refunded_mail, name, number, link, amount);

JOB(mail_refunded)
{
	const struct refunded_order *order = db_one(job->db, refunded_order,
		"SELECT o.account_id, a.email, a.name, o.language, o.number, r.public_id AS refund, r.amount, r.currency"
		" FROM refund r JOIN orders o ON o.id = r.order_id JOIN account a ON a.id = o.account_id WHERE r.id = ?",
		job->subject_id);
	if (!order)
		return;
	struct mail_to to = { .account_id = order->account_id, .email = order->email, .language = order->language,
		.unique_key = mem_format(job->mem, "refund:%s", order->refund) };
	db_begin(job->db);
	mail_put(job->db, to, "refunded", refunded_mail, .name = order->name, .number = order->number,
		.amount = order->amount, .link = mem_format(job->mem, "%s/account/orders/%s", conf.base_url, order->number));
	db_commit(job->db);
}
