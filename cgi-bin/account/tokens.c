/* /account/tokens: the balance, what of it ends when, how much was used lately, and every line of the
 * ledger. */
#include "count.h"
#include "keyset.h"
#include "moment.h"
#include "token.h"
#include "usage.h"
#include "web.h"

#include <string.h>

enum { PER_PAGE = 20, LOTS = 50 };

struct lot_row {
	const char *kind;
	int64_t remaining;
	struct moment expires_at;
};
ROW(lot_row, kind, remaining, OPT(expires_at));

struct lot_line {
	const char *label, *remaining;
	struct moment expires_at;
};
VIEW(lot_line, label, remaining, OPT(expires_at));

struct entry_row {
	int64_t id, amount, balance;
	const char *kind, *note;
	struct moment created_at;
};
ROW(entry_row, id, amount, balance, kind, note, created_at);

struct entry_line {
	const char *label, *note, *amount, *balance;
	struct moment created_at;
};
VIEW(entry_line, label, note, amount, balance, created_at);

struct tokens_page {
	const char *balance, *frozen, *older_href;
	struct list lots, days, entries;
	bool is_continued;
};
VIEW(tokens_page, balance, frozen, older_href, LIST(lots, lot_line), LIST(days, usage_day),
	LIST(entries, entry_line), is_continued);

/* In the order in which they are spent. */
static struct list lots_of(struct request *req)
{
	struct list rows = db_all(req->db, lot_row,
		"SELECT kind, remaining, expires_at FROM token_lot WHERE account_id = ? AND state = 'active'"
		" AND remaining > 0 AND COALESCE(expires_at > ?, TRUE) ORDER BY expires_at IS NULL, expires_at,"
		" period_start, id LIMIT ?",
		req->account_id, moment_now(), LOTS);
	struct lot_line *lines = mem_array(req->mem, rows.count, sizeof *lines);
	struct list list = { lines, rows.count, &lot_line_shape };
	LIST_EACH(lot_row, row, rows)
		*lines++ = (struct lot_line){ word_of(req, "token.lot", row->kind),
			count_print(req->mem, row->remaining, req->language), row->expires_at };
	return list;
}

/* Words of whom the work was done for, or of staff; the program's own are told by the kind. */
static const char *note_of(const struct entry_row *row)
{
	return !strcmp(row->kind, "debit") || !strcmp(row->kind, "adjustment") ? row->note : "";
}

static struct list entries_of(struct request *req, struct list rows)
{
	struct entry_line *lines = mem_array(req->mem, rows.count, sizeof *lines);
	struct list list = { lines, rows.count, &entry_line_shape };
	LIST_EACH(entry_row, row, rows)
		*lines++ = (struct entry_line){ word_of(req, "token.entry", row->kind), note_of(row),
			count_signed(req->mem, row->amount, req->language), count_print(req->mem, row->balance, req->language),
			row->created_at };
	return list;
}

static const char *frozen_of(struct request *req)
{
	int64_t frozen = db_int(req->db,
		"SELECT CAST(SUM(remaining) AS SIGNED) FROM token_lot WHERE account_id = ? AND state = 'frozen'",
		req->account_id);
	return frozen ? count_print(req->mem, frozen, req->language) : "";
}

ROUTE(GET, "/account/tokens", MEMBER, tokens_show)
{
	int64_t before = keyset_before(req, "before");
	struct list entries = db_all(req->db, entry_row,
		"SELECT id, amount, balance, kind, note, created_at FROM token_entry WHERE account_id = ? AND id < ?"
		" ORDER BY id DESC LIMIT 21",
		req->account_id, before);
	const char *older_href = keyset_older(req, &entries, PER_PAGE, "before");
	render(req, "account/tokens", tokens_page,
		.balance = count_print(req->mem, token_balance(req->db, req->account_id), req->language),
		.frozen = frozen_of(req), .lots = lots_of(req), .days = usage_days(req),
		.entries = entries_of(req, entries), .older_href = older_href, .is_continued = before != INT64_MAX);
}
