/* mail_disputed: the buyer's bank took a payment back: the buyer is told why the goods are out of reach, and what helps. */
#include "conf.h"
#include "job.h"
#include "mail.h"

struct disputed_order {
	int64_t account_id;
	const char *email, *name, *language, *number;
};
ROW(disputed_order, account_id, email, name, language, number);

struct disputed_mail {
	const char *name, *number, *link;
};
VIEW(disputed_mail, name, number, link);

JOB(mail_disputed)
{
	const struct disputed_order *order = db_one(job->db, disputed_order,
		"SELECT o.account_id, a.email, a.name, o.language, o.number FROM orders o JOIN account a ON a.id = o.account_id"
		" WHERE o.id = ? AND o.state = 'disputed'",
		job->subject_id);
	if (!order)
		return;
	struct mail_to to = { .account_id = order->account_id, .email = order->email, .language = order->language,
		.unique_key = mem_format(job->mem, "disputed:%s:%lld", order->number, (long long)job->event_id) };
	db_begin(job->db);
	mail_put(job->db, to, "disputed", disputed_mail, .name = order->name, .number = order->number,
		.link = mem_format(job->mem, "%s/account/orders/%s", conf.base_url, order->number));
	db_commit(job->db);
}
