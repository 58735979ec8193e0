/* order_tax: a paid order of several lines has its tax by line from Stripe, then its invoice. */
#include "order_tax.h"

#include "fail.h"
#include "invoice.h"
#include "job.h"
#include "json.h"
#include "log.h"
#include "stripe_api.h"

struct credited {
	int64_t id;
};
ROW(credited, id);

/* What was given back before there was an invoice to correct. */
static void credits_issue(struct db *db, int64_t order_id)
{
	struct list refunds = db_all(db, credited,
		"SELECT id FROM refund WHERE order_id = ? AND status = 'succeeded' AND settled_at IS NOT NULL ORDER BY id", order_id);
	LIST_EACH(credited, refund, refunds)
		credit_issue(db, refund->id);
}

JOB(order_tax)
{
	const char *session = db_text(job->db, "SELECT stripe_session FROM orders WHERE id = ? AND paid_at IS NOT NULL",
		job->subject_id);
	if (!session)
		return;
	struct stripe_answer answer = stripe_get(job->mem,
		mem_format(job->mem, "/v1/checkout/sessions/%s/line_items?limit=100", session));
	if (answer.end != STRIPE_GOOD && answer.end != STRIPE_REFUSED)
		fail("order.tax_unsure", "Stripe did not say the tax of each line; asked again");
	db_begin(job->db);
	const struct order *order = order_locked(job->db, job->subject_id);
	if (!order_tax_note(job->db, order, json_at(answer.value, "data")))
		log_line("order.tax_by_share", "order=%s", order->number);
	invoice_issue(job->db, order->id);
	credits_issue(job->db, order->id);
	db_commit(job->db);
}
