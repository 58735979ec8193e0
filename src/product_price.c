/* product_price.c: prices: their words change, what is paid and what is given does not. */
#include <string.h>

#include "moment.h"
#include "product.h"
#include "sign.h"

/* What a benefit gives, in one line: two benefits are the same when these are. As in benefits_of(). */
static const char *benefit_line(struct mem *mem, const struct benefit_draft *benefit)
{
	return mem_format(mem, "%s|%lld|%s|%lld|%lld|%d|%lld|%lld|%lld|%s|%s|%lld\n", benefit->kind,
		(long long)benefit->product_id, benefit->parts, (long long)benefit->download_limit, (long long)benefit->seats,
		benefit->transferable, (long long)benefit->updates_days, (long long)benefit->duration_days,
		(long long)benefit->tokens, benefit->module, benefit->level, (long long)benefit->uses);
}

struct benefit_row {
	const char *line;
};
ROW(benefit_row, OPT(line));

static bool benefits_same(struct db *db, int64_t price_id, const struct price_draft *price)
{
	struct list rows = db_all(db, benefit_row,
		"SELECT CONCAT_WS('|', kind, product_id, parts, COALESCE(download_limit, -1), COALESCE(seats, -1), transferable,"
		" COALESCE(updates_days, -1), COALESCE(duration_days, -1), tokens, module, level, CONCAT(COALESCE(uses, -1), '\n'))"
		" AS line FROM benefit WHERE price_id = ? ORDER BY position, id",
		price_id);
	if (rows.count != price->benefit_count)
		return false;
	size_t i = 0;
	LIST_EACH(benefit_row, row, rows)
		if (strcmp(row->line, benefit_line(db->mem, &price->benefits[i++])))
			return false;
	return true;
}

static void benefit_insert(struct db *db, int64_t price_id, size_t position, const struct benefit_draft *benefit)
{
	db_run(db,
		"INSERT INTO benefit (price_id, product_id, kind, position, parts, download_limit, seats, transferable,"
		" updates_days, duration_days, tokens, module, level, uses) VALUES (?, ?, ?, ?, ?, NULLIF(?, -1), NULLIF(?, -1),"
		" ?, NULLIF(?, -1), NULLIF(?, -1), ?, ?, ?, NULLIF(?, -1))",
		price_id, benefit->product_id, benefit->kind, (int64_t)position, benefit->parts, benefit->download_limit,
		benefit->seats, benefit->transferable, benefit->updates_days, benefit->duration_days, benefit->tokens,
		benefit->module, benefit->level, benefit->uses);
}

static int64_t price_insert(struct db *db, int64_t product_id, const struct price_draft *price)
{
	int64_t id = db_insert(db,
		"INSERT INTO price (public_id, product_id, name, amount, currency, recurring, quantity_max, position, trial_days,"
		" trial_card, trial_percent, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		random_id(db->mem), product_id, price->key, price->amount, price->currency, price->recurring, price->quantity_max,
		price->position, price->trial_days, price->trial_card, price->trial_percent, moment_now());
	for (size_t b = 0; b < price->benefit_count; b++)
		benefit_insert(db, id, b, &price->benefits[b]);
	return id;
}

static void price_retire(struct db *db, int64_t price_id, struct import_report *report)
{
	db_run(db, "UPDATE price SET active = FALSE WHERE id = ?", price_id);
	report->prices_retired++;
	report->changes++;
}

struct price_row {
	int64_t id;
	const char *name;
	int64_t amount;
	const char *currency, *recurring;
	bool kept;
};
ROW(price_row, id, name, amount, currency, recurring, kept);

/* The active price of that key when it is still what the draft says; otherwise it will be retired. */
static int64_t price_kept(struct db *db, struct list rows, const struct price_draft *price)
{
	for (size_t i = 0; i < rows.count; i++) {
		struct price_row *row = (struct price_row *)rows.items + i;
		if (strcmp(row->name, price->key) || row->amount != price->amount || strcmp(row->currency, price->currency) ||
			strcmp(row->recurring, price->recurring) || row->kept || !benefits_same(db, row->id, price))
			continue;
		row->kept = true;
		return row->id;
	}
	return 0;
}

static void price_words_save(struct db *db, int64_t price_id, const struct price_draft *price,
	struct import_report *report)
{
	report->changes += db_run(db, "UPDATE price SET quantity_max = ?, position = ?, trial_days = ?, trial_card = ?,"
		" trial_percent = ? WHERE id = ?",
		price->quantity_max, price->position, price->trial_days, price->trial_card, price->trial_percent, price_id);
	for (size_t i = 0; i < LANGUAGES; i++)
		report->changes += db_run(db,
			"INSERT INTO price_text (price_id, language, title, summary) VALUES (?, ?, ?, ?)"
			" ON DUPLICATE KEY UPDATE title = VALUES(title), summary = VALUES(summary)",
			price_id, languages[i], price->title[i], price->summary[i]) > 0;
}

void product_prices_save(struct db *db, int64_t product_id, const struct product_draft *draft,
	struct import_report *report)
{
	struct list rows = db_all(db, price_row,
		"SELECT id, name, amount, currency, recurring, FALSE AS kept FROM price WHERE product_id = ? AND active ORDER BY id DESC",
		product_id);
	for (size_t p = 0; p < draft->price_count; p++) {
		const struct price_draft *price = &draft->prices[p];
		int64_t id = price_kept(db, rows, price);
		if (!id) {
			id = price_insert(db, product_id, price);
			report->prices_made++;
			report->changes++;
		}
		price_words_save(db, id, price, report);
	}
	LIST_EACH(price_row, row, rows)
		if (!row->kept)
			price_retire(db, row->id, report);
}
