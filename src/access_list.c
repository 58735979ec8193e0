/* access_list.c: accesses and their tokens, two queries for a page of them. */
#include "access_list.h"

#include <string.h>

#include "access.h"
#include "keyset.h"
#include "moment.h"

enum { PER_PAGE = 20 };

struct access_row {
	int64_t id;
	const char *public_id, *title, *price_title, *module, *level, *state;
	bool unlimited;
	int64_t uses_left;
	struct moment starts_at, ends_at;
};
ROW(access_row, id, public_id, title, price_title, module, level, state, unlimited, uses_left, starts_at,
	OPT(ends_at));

static struct list rows_read(struct request *req, int64_t before)
{
	return db_all(req->db, access_row,
		"SELECT m.id, m.public_id, e.title, e.price_title, m.module, m.level, m.state, m.uses_left IS NULL AS"
		" unlimited, COALESCE(m.uses_left, 0) AS uses_left, m.starts_at, m.ends_at"
		" FROM module_access m FORCE INDEX (PRIMARY) JOIN entitlement e ON e.id = m.entitlement_id"
		" WHERE m.account_id = ? AND m.id < ? ORDER BY m.id DESC LIMIT 21",
		req->account_id, before);
}

/* Of all accesses of the page at once. */
static struct list tokens_read(struct request *req, struct list rows)
{
	const struct access_row *newest = rows.items, *oldest = newest + (rows.count ? rows.count - 1 : 0);
	if (!rows.count)
		return (struct list){ .shape = &access_token_line_shape };
	return db_all(req->db, access_token_line,
		"SELECT access_id, public_id AS token, uses_left IS NULL AS unlimited, COALESCE(uses_left, 0) AS uses_left,"
		" expires_at FROM access_token WHERE account_id = ? AND access_id BETWEEN ? AND ? AND revoked_at IS NULL"
		" AND expires_at > ? AND COALESCE(uses_left, 1) > 0 ORDER BY access_id DESC, expires_at DESC, token"
		" LIMIT 420",
		req->account_id, oldest->id, newest->id, moment_now());
}

/* How a state looks: classes of the style sheet. */
static const char *const looks[] = {
	[ACCESS_OPEN] = "active",
	[ACCESS_SUSPENDED] = "suspended",
	[ACCESS_LATER] = "pending",
	[ACCESS_USED_UP] = "expired",
	[ACCESS_ENDED] = "expired",
	[ACCESS_REVOKED] = "revoked",
};

static struct access_line line_of(struct request *req, const struct access_row *row)
{
	struct access access = { .state = row->state, .starts_at = row->starts_at, .ends_at = row->ends_at,
		.unlimited = row->unlimited, .uses_left = row->uses_left };
	enum access_code code = access_judge(&access, moment_now());
	return (struct access_line){ .id = row->id, .access = row->public_id, .title = row->title,
		.price_title = row->price_title, .module = row->module, .level = row->level, .state = looks[code],
		.state_label = word_of(req, "state.access", access_word(code)), .is_open = code == ACCESS_OPEN,
		.is_later = code == ACCESS_LATER, .unlimited = row->unlimited, .uses_left = row->uses_left,
		.starts_at = row->starts_at, .ends_at = row->ends_at };
}

/* The run of tokens from *at that are of one access. */
static struct list tokens_take(struct list tokens, int64_t access_id, size_t *at)
{
	const struct access_token_line *rows = tokens.items;
	struct list taken = { .shape = tokens.shape, .items = (void *)(uintptr_t)(rows + *at) };
	while (*at < tokens.count && rows[*at].access_id == access_id) {
		++*at;
		taken.count++;
	}
	return taken;
}

struct list access_page_of(struct request *req, const char **older_href)
{
	struct list rows = rows_read(req, keyset_before(req, "before"));
	*older_href = keyset_older(req, &rows, PER_PAGE, "before");
	struct list tokens = tokens_read(req, rows);
	struct access_line *lines = mem_array(req->mem, rows.count, sizeof *lines);
	struct list list = { .items = lines, .count = rows.count, .shape = &access_line_shape };
	size_t at = 0;
	LIST_EACH(access_row, row, rows) {
		*lines = line_of(req, row);
		lines++->tokens = tokens_take(tokens, row->id, &at);
	}
	return list;
}
