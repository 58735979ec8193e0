/* /account/licenses: every key of the account, newest first. One query, of one table, in one place. */
#include "keyset.h"
#include "moment.h"
#include "web.h"

#include <string.h>

enum { PER_PAGE = 20 };

/* state_label comes as the state itself and is put into words below. */
struct license_row {
	int64_t id;
	const char *title, *price_title, *license_key, *state, *state_label, *order_number;
	int64_t seats, seats_used;
	struct moment updates_until, expires_at;
};
ROW(license_row, id, title, price_title, license_key, state, state_label, order_number, seats, seats_used,
	OPT(updates_until), OPT(expires_at));

struct licenses_page {
	struct list licenses;
	const char *older_href;
	bool is_continued;
};
VIEW(licenses_page, LIST(licenses, license_row), older_href, is_continued);

/* Time ends a licence by itself: its row is told later. */
static void states_say(struct request *req, struct list licenses)
{
	struct license_row *rows = licenses.items;
	struct moment now = moment_now();
	for (size_t i = 0; i < licenses.count; i++) {
		bool over = rows[i].expires_at.us && rows[i].expires_at.us <= now.us;
		if (over && !strcmp(rows[i].state, "active"))
			rows[i].state = "expired";
		rows[i].state_label = word_of(req, "state.right", rows[i].state);
	}
}

ROUTE(GET, "/account/licenses", MEMBER, licenses_show)
{
	int64_t before = keyset_before(req, "before");
	struct list licenses = db_all(req->db, license_row,
		"SELECT id, title, price_title, license_key, state, state AS state_label, order_number,"
		" COALESCE(seats, 0) AS seats, seats_used, updates_until, expires_at"
		" FROM license WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT 21",
		req->account_id, before);
	const char *older_href = keyset_older(req, &licenses, PER_PAGE, "before");
	states_say(req, licenses);
	render(req, "account/licenses", licenses_page, .licenses = licenses, .older_href = older_href,
		.is_continued = before != INT64_MAX);
}
