/* invoice_lines: an event brings at most ten lines of an invoice; its period may stand in the eleventh. Reads all lines of those
 * that have more from Stripe, and settles. One that Stripe does not answer about leaves the others alone. */
#include "fail.h"
#include "job.h"
#include "json.h"
#include "stripe_api.h"
#include "stripe_read.h"
#include "subscription_settle.h"

enum { EVERY_SECONDS = 3600, PAGES = 50 };

struct longer {
	const char *id, *stripe_subscription;
};
ROW(longer, id, stripe_subscription);

/* False when Stripe does not tell them. */
static bool lines_get(struct mem *mem, const char *invoice, struct invoice_fact *fact)
{
	const char *after = "";
	for (int page = 0; page < PAGES; page++) {
		struct stripe_answer answer = stripe_get(mem,
			mem_format(mem, "/v1/invoices/%s/lines?limit=100%s%s", invoice, *after ? "&starting_after=" : "", after));
		struct json_object *lines = json_at(answer.value, "data");
		size_t count = json_object_is_type(lines, json_type_array) ? json_object_array_length(lines) : 0;
		if (answer.end != STRIPE_GOOD || !count)
			return false;
		invoice_lines_read(fact, answer.value);
		after = json_text(json_object_array_get_idx(lines, count - 1), "id");
		if (!json_is_true(answer.value, "has_more"))
			return true;
	}
	return false;
}

static bool lines_settle(struct job *job, const struct longer *invoice)
{
	struct invoice_fact fact = { .id = invoice->id, .stripe_price = "", .from_price = "" };
	if (!lines_get(job->mem, invoice->id, &fact))
		return false;
	db_begin(job->db);
	invoice_lines_told(job->db, fact);
	subscription_settle(job->db, invoice->stripe_subscription);
	db_commit(job->db);
	return true;
}

JOB_EVERY(invoice_lines, EVERY_SECONDS)
{
	struct list invoices = db_all(job->db, longer,
		"SELECT id, stripe_subscription FROM stripe_invoice WHERE lines_told = 1 ORDER BY created_at, id LIMIT 100");
	int64_t unread = 0;
	LIST_EACH(longer, invoice, invoices) {
		struct mem_mark mark = mem_mark(job->mem);
		unread += !lines_settle(job, invoice);
		mem_rewind(job->mem, mark);
		job_hold(job->db);
	}
	if (unread)
		fail("invoice.unread", "Stripe does not tell the lines of %lld invoices", (long long)unread);
}
