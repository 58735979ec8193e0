/* /metrics: the shop's health as Prometheus reads it. Counts of promises are those of the last reconciliation. */
#include "moment.h"
#include "web.h"

/* name is what stands before the value: metric{label="…"}. */
struct metric {
	const char *name;
	int64_t number;
};
ROW(metric, OPT(name), number);

static void metrics_put(struct buffer *out, const char *family, const char *kind, const char *help, struct list rows)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, kind);
	LIST_EACH(metric, row, rows)
		buffer_format(out, "%s %lld\n", row->name, (long long)row->number);
}

static void promises_put(struct request *req, struct buffer *out)
{
	metrics_put(out, "comptoir_broken", "gauge", "Rows that break a promise; 0 in a healthy shop.",
		db_all(req->db, metric,
			"SELECT CONCAT('comptoir_broken{promise=\"', name, '\"}') AS name, broken AS number FROM invariant ORDER BY invariant.name"));
	metrics_put(out, "comptoir_reconciled_timestamp_seconds", "gauge", "When the reconciler last came to its end.",
		db_all(req->db, metric,
			"SELECT 'comptoir_reconciled_timestamp_seconds' AS name,"
			" COALESCE(TIMESTAMPDIFF(SECOND, '1970-01-01', ran_at), 0) AS number FROM reconcile WHERE id = 1"));
	metrics_put(out, "comptoir_stripe_events_missed_total", "counter", "Events that no webhook brought.",
		db_all(req->db, metric,
			"SELECT 'comptoir_stripe_events_missed_total' AS name, missed_ever AS number FROM reconcile WHERE id = 1"));
}

static void work_put(struct request *req, struct buffer *out)
{
	metrics_put(out, "comptoir_jobs", "gauge", "Jobs by state.",
		db_all(req->db, metric,
			"SELECT CONCAT('comptoir_jobs{state=\"', state, '\"}') AS name, COUNT(*) AS number FROM job GROUP BY state"));
	metrics_put(out, "comptoir_job_late_seconds", "gauge", "How late the oldest due job is.",
		db_all(req->db, metric,
			"SELECT 'comptoir_job_late_seconds' AS name, GREATEST(0, COALESCE(TIMESTAMPDIFF(SECOND, MIN(run_at), ?), 0))"
			" AS number FROM job WHERE state = 'ready'", moment_now()));
	metrics_put(out, "comptoir_mails", "gauge", "Mails that wait or were given up.",
		db_all(req->db, metric,
			"SELECT CONCAT('comptoir_mails{state=\"', state, '\"}') AS name, COUNT(*) AS number FROM mail"
			" WHERE state IN ('ready', 'dead') GROUP BY state"));
}

static void money_put_all(struct request *req, struct buffer *out)
{
	metrics_put(out, "comptoir_stripe_events", "gauge", "Events of Stripe that were not applied.",
		db_all(req->db, metric,
			"SELECT CONCAT('comptoir_stripe_events{state=\"', state, '\"}') AS name, COUNT(*) AS number FROM stripe_event"
			" WHERE state IN ('failed', 'dead', 'review') GROUP BY state"));
	metrics_put(out, "comptoir_orders", "gauge", "Orders by state.",
		db_all(req->db, metric,
			"SELECT CONCAT('comptoir_orders{state=\"', state, '\"}') AS name, COUNT(*) AS number FROM orders GROUP BY state"));
	metrics_put(out, "comptoir_orders_held", "gauge", "Orders that wait for a person.",
		db_all(req->db, metric,
			"SELECT 'comptoir_orders_held' AS name, COUNT(*) AS number FROM orders WHERE review > ''"));
	metrics_put(out, "comptoir_disputes_open", "gauge", "Disputes and inquiries that are not closed.",
		db_all(req->db, metric,
			"SELECT 'comptoir_disputes_open' AS name, COUNT(*) AS number FROM dispute WHERE closed_at IS NULL"));
}

ROUTE(GET, "/metrics", MONITOR, metrics_show)
{
	struct buffer out = buffer_new(req->mem, 4096);
	promises_put(req, &out);
	work_put(req, &out);
	money_put_all(req, &out);
	answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", "%s", out.text);
}
