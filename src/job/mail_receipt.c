/* mail_receipt: an order is paid: its buyer gets the receipt, once, in the language of the order. */
#include "conf.h"
#include "job.h"
#include "mail.h"
#include "order.h"

struct receipt_order {
	int64_t account_id;
	const char *email, *name, *language, *number;
	struct money discount, tax, total;
	struct moment paid_at;
};
ROW(receipt_order, account_id, email, name, language, number, discount, tax, total, OPT(paid_at));

struct receipt {
	const char *name, *number, *link;
	struct moment created_at;
	struct money discount, tax, total;
	struct list lines;
};
VIEW(receipt, name, number, link, created_at, discount, tax, total, LIST(lines, order_line));

JOB(mail_receipt)
{
	const struct receipt_order *order = db_one(job->db, receipt_order,
		"SELECT o.account_id, a.email, a.name, o.language, o.number, o.discount, o.tax, o.total, o.currency, o.paid_at"
		" FROM orders o JOIN account a ON a.id = o.account_id WHERE o.id = ?",
		job->subject_id);
	if (!order)
		return;
	struct mail_to to = { .account_id = order->account_id, .email = order->email, .language = order->language,
		.unique_key = mem_format(job->mem, "receipt:%s", order->number) };
	struct list lines = order_lines(job->db, job->subject_id);
	db_begin(job->db);
	mail_put(job->db, to, "receipt", receipt, .name = order->name, .number = order->number,
		.link = mem_format(job->mem, "%s/account/orders/%s", conf.base_url, order->number),
		.created_at = order->paid_at, .discount = order->discount, .tax = order->tax, .total = order->total,
		.lines = lines);
	db_commit(job->db);
}
