/* /metrics: the shop's health as Prometheus reads it. Counts of promises are those of the last reconciliation. */
#include "moment.h"
#include "web.h"

/* One number; of what: the value of its family's label, "" in a family of one. */
struct metric {
	const char *label;
	int64_t number;
};
ROW(metric, label, number);

/* {name="label"}, with what would end the text or the line escaped, as the format wants it. */
static void label_put(struct buffer *out, const char *name, const char *label)
{
	buffer_format(out, "{%s=\"", name);
	for (; *label; label++) {
		if (*label == '"' || *label == '\\' || *label == '\n')
			buffer_text(out, "\\");
		buffer_put(out, *label == '\n' ? "n" : label, 1);
	}
	buffer_text(out, "\"}");
}

/* name: of the label; "": a family of one number. */
static void metrics_put(struct buffer *out, const char *family, const char *name, const char *kind, const char *help,
	struct list rows)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, kind);
	LIST_EACH(metric, row, rows) {
		buffer_text(out, family);
		if (*name)
			label_put(out, name, row->label);
		buffer_format(out, " %lld\n", (long long)row->number);
	}
}

static void promises_put(struct request *req, struct buffer *out)
{
	metrics_put(out, "comptoir_broken", "promise", "gauge", "Rows that break a promise; 0 in a healthy shop.",
		db_all(req->db, metric,
			"SELECT name AS label, broken AS number FROM invariant ORDER BY name"));
	metrics_put(out, "comptoir_reconciled_timestamp_seconds", "", "gauge", "When the reconciler last came to its end.",
		db_all(req->db, metric,
			"SELECT '' AS label, COALESCE(TIMESTAMPDIFF(SECOND, '1970-01-01', ran_at), 0) AS number FROM reconcile WHERE id = 1"));
	metrics_put(out, "comptoir_stripe_events_missed_total", "", "counter", "Events that no webhook brought.",
		db_all(req->db, metric,
			"SELECT '' AS label, missed_ever AS number FROM reconcile WHERE id = 1"));
}

static void work_put(struct request *req, struct buffer *out)
{
	metrics_put(out, "comptoir_jobs", "state", "gauge", "Jobs by state.",
		db_all(req->db, metric,
			"SELECT state AS label, COUNT(*) AS number FROM job GROUP BY state"));
	metrics_put(out, "comptoir_job_late_seconds", "", "gauge", "How late the oldest due job is.",
		db_all(req->db, metric,
			"SELECT '' AS label, GREATEST(0, COALESCE(TIMESTAMPDIFF(SECOND, MIN(run_at), ?), 0)) AS number"
			" FROM job WHERE state = 'ready'", moment_now()));
	metrics_put(out, "comptoir_mails", "state", "gauge", "Mails that wait or were given up.",
		db_all(req->db, metric,
			"SELECT state AS label, COUNT(*) AS number FROM mail WHERE state IN ('ready', 'dead') GROUP BY state"));
}

static void money_put_all(struct request *req, struct buffer *out)
{
	metrics_put(out, "comptoir_stripe_events", "state", "gauge", "Events of Stripe that were not applied.",
		db_all(req->db, metric,
			"SELECT state AS label, COUNT(*) AS number FROM stripe_event WHERE state IN"
			" ('failed', 'dead', 'review') GROUP BY state"));
	metrics_put(out, "comptoir_orders", "state", "gauge", "Orders by state.",
		db_all(req->db, metric,
			"SELECT state AS label, COUNT(*) AS number FROM orders GROUP BY state"));
	metrics_put(out, "comptoir_orders_held", "", "gauge", "Orders that wait for a person.",
		db_all(req->db, metric,
			"SELECT '' AS label, COUNT(*) AS number FROM orders WHERE review > ''"));
	metrics_put(out, "comptoir_disputes_open", "", "gauge", "Disputes and inquiries that are not closed.",
		db_all(req->db, metric,
			"SELECT '' AS label, COUNT(*) AS number FROM dispute WHERE closed_at IS NULL"));
}

ROUTE(GET, "/metrics", MONITOR, metrics_show)
{
	struct buffer out = buffer_new(req->mem, 4096);
	promises_put(req, &out);
	work_put(req, &out);
	money_put_all(req, &out);
	answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", "%s", out.text);
}
