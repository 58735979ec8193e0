/* /account/downloads: what may be downloaded and what has been; a press makes a link and goes to it. */
#include "checked.h"
#include "delivery.h"
#include "form.h"
#include "keyset.h"
#include "rights.h"
#include "web.h"

enum { EVENTS_PER_PAGE = 20, REPORT_MAX = 1000000 };

struct event_row {
	int64_t id;
	const char *title, *file_name, *version_name;
	struct size size;
	struct moment created_at;
};
ROW(event_row, id, title, file_name, version_name, size, created_at);

struct report {
	int64_t orders, created, skipped;
	bool is_none;
};
VIEW(report, orders, created, skipped, is_none);

struct downloads_page {
	const struct report *report;
	struct list rights, events;
	const char *rights_older_href, *older_href;
	bool is_continued;
};
VIEW(downloads_page, REF(report, report), LIST(rights, right), LIST(events, event_row), rights_older_href, older_href,
	is_continued);

struct download_form {
	const char *entitlement, *file;
};
FORM(download_form, ID(entitlement), ID(file));

/* What regenerating said in the address it came back to: shown, never believed. */
static const struct report *report_of(struct request *req)
{
	struct report *report = mem_get(req->mem, sizeof *report);
	if (!parse_int(query_text(req, "orders"), 0, REPORT_MAX, &report->orders) ||
		!parse_int(query_text(req, "created"), 0, REPORT_MAX, &report->created) ||
		!parse_int(query_text(req, "skipped"), 0, REPORT_MAX, &report->skipped))
		return NULL;
	report->is_none = !report->created;
	return report;
}

ROUTE(GET, "/account/downloads", MEMBER, downloads_show)
{
	const char *rights_older_href;
	int64_t before = keyset_before(req, "before");
	struct list rights = rights_page(req, "rights", &rights_older_href);
	struct list events = db_all(req->db, event_row,
		"SELECT id, title, file_name, version_name, size, created_at FROM download_event"
		" WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT 21",
		req->account_id, before);
	const char *older_href = keyset_older(req, &events, EVENTS_PER_PAGE, "before");
	render(req, "account/downloads", downloads_page, .report = report_of(req), .rights = rights, .events = events,
		.rights_older_href = rights_older_href, .older_href = older_href, .is_continued = before != INT64_MAX);
}

ROUTE(POST, "/account/downloads", MEMBER, downloads_go)
{
	const char *token = NULL;
	const struct download *download;
	const struct download_form *form = form_read(req, download_form);
	if (!form_ok(req))
		not_found(req);
	enum download_answer answer =
		download_link_make(req->db, req->account_id, form->entitlement, form->file, &token, &download);
	if (answer == DOWNLOAD_UNKNOWN)
		not_found(req);
	if (answer != DOWNLOAD_OPEN)
		delivery_refuse(req, answer, download);
	else
		see_other(req, "/download/%s", token);
}
