/* mail_order_failed: a payment that settles later did not: its buyer, long gone from the page, is told. */
#include "conf.h"
#include "job.h"
#include "mail.h"

struct failed_order {
	int64_t account_id;
	const char *email, *name, *language, *number, *title;
};
ROW(failed_order, account_id, email, name, language, number, title);

struct failed_mail {
	const char *name, *number, *title, *link;
};
VIEW(failed_mail, name, number, title, link);

JOB(mail_order_failed)
{
	const struct failed_order *order = db_one(job->db, failed_order,
		"SELECT o.account_id, a.email, a.name, o.language, o.number, l.title FROM orders o"
		" JOIN account a ON a.id = o.account_id JOIN order_line l ON l.order_id = o.id AND l.position = 1"
		" WHERE o.id = ? AND o.state = 'failed'",
		job->subject_id);
	if (!order)
		return;
	struct mail_to to = { .account_id = order->account_id, .email = order->email, .language = order->language,
		.unique_key = mem_format(job->mem, "order_failed:%s:%lld", order->number, (long long)job->event_id) };
	db_begin(job->db);
	mail_put(job->db, to, "order_failed", failed_mail, .name = order->name, .number = order->number,
		.title = order->title, .link = mem_format(job->mem, "%s/account/orders/%s", conf.base_url, order->number));
	db_commit(job->db);
}
