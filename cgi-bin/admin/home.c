/* /admin: what waits for a person. */
#include "desk.h"

enum { FEW = 10 };

struct desk_counts {
	int64_t held, disputes, events, jobs, promises;
};
ROW(desk_counts, held, disputes, events, jobs, promises);

struct desk_page {
	const struct desk_counts *counts;
	struct list held, disputes;
	bool is_calm;
};
VIEW(desk_page, REF(counts, desk_counts), LIST(held, desk_order), LIST(disputes, desk_dispute), is_calm);

static const struct desk_counts *counts_of(struct request *req)
{
	return db_one(req->db, desk_counts,
		"SELECT COALESCE((SELECT COUNT(*) FROM orders WHERE review > ''), 0) AS held,"
		" COALESCE((SELECT COUNT(*) FROM dispute WHERE closed_at IS NULL), 0) AS disputes,"
		" COALESCE((SELECT COUNT(*) FROM stripe_event WHERE state IN ('failed', 'dead', 'review')), 0) AS events,"
		" COALESCE((SELECT COUNT(*) FROM job WHERE state = 'dead'), 0) AS jobs,"
		" COALESCE((SELECT COUNT(*) FROM invariant WHERE broken > 0), 0) AS promises");
}

ROUTE(GET, "/admin", STAFF, desk_show)
{
	const struct desk_counts *counts = counts_of(req);
	render(req, "admin/home", desk_page, .counts = counts, .held = desk_held(req, 0, FEW),
		.disputes = desk_disputes(req, FEW), .is_calm = !counts->events && !counts->jobs && !counts->promises);
}
