/* mail_receipt: an order is paid: its buyer gets the receipt, once, in the language of the order. */
#include "conf.h"
#include "job.h"
#include "mail.h"
#include "order.h"

struct receipt_order {
	int64_t account_id;
	const char *email, *name, *language, *number;
	struct money discount, tax, tax_within, total;
	struct moment paid_at;
};
ROW(receipt_order, account_id, email, name, language, number, discount, tax, tax_within, total, OPT(paid_at));

struct receipt {
	const char *name, *number, *link;
	struct moment created_at;
	struct money discount, tax, tax_within, total;
	struct list lines;
};
VIEW(receipt, name, number, link, created_at, discount, tax, tax_within, total, LIST(lines, order_line));

JOB(mail_receipt)
{
	const struct receipt_order *order = db_one(job->db, receipt_order,
		"SELECT o.account_id, a.email, a.name, o.language, o.number, o.discount, o.total, o.currency, o.paid_at,"
		" IF(o.tax_behavior = 'inclusive', 0, o.tax) AS tax, IF(o.tax_behavior = 'inclusive', o.tax, 0) AS tax_within"
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
		.created_at = order->paid_at, .discount = order->discount, .tax = order->tax,
		.tax_within = order->tax_within, .total = order->total, .lines = lines);
	db_commit(job->db);
}
