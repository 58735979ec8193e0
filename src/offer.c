/* offer.c: benefits read for display. */
#include "offer.h"

#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "count.h"

/* ",wav,terms," as a reader says it: "WAV, conditions". What the words do not know is shown as the seller named it. */
static const char *parts_say(struct mem *mem, const char *language, const char *parts)
{
	struct buffer said = buffer_new(mem, 64);
	for (const char *at = parts; *at;) {
		at += strspn(at, ",");
		size_t length = strcspn(at, ",");
		const char *part = mem_textn(mem, at, length);
		const char *word = catalogue_word(language_index(language), mem_format(mem, "part.%s", part));
		if (length)
			buffer_format(&said, "%s%s", said.length ? ", " : "", word ? word : part);
		at += length;
	}
	return said.text;
}

struct list benefits_of_product(struct db *db, int64_t product_id, const char *language)
{
	struct list list = db_all(db, benefit_view,
		"SELECT STRAIGHT_JOIN b.price_id, b.position, b.kind = 'download' AS is_download, b.kind = 'license' AS is_license,"
		" b.kind = 'tokens' AS is_tokens, b.kind = 'module' AS is_module,"
		" IF(b.product_id = p.product_id, '', COALESCE(t.title, '')) AS of_title,"
		" b.parts, COALESCE(b.download_limit, 0) AS download_limit,"
		" COALESCE(b.seats, 0) AS seats, COALESCE(b.seats, 0) = 1 AS one_seat,"
		" b.updates_days IS NULL AS updates_forever, COALESCE(b.updates_days, 0) = 365 AS updates_one_year,"
		" COALESCE(b.updates_days, 0) AS updates_days, b.duration_days IS NULL AS lasts_forever,"
		" COALESCE(b.duration_days, 0) = 365 AS lasts_one_year, COALESCE(b.duration_days, 0) AS duration_days,"
		" COALESCE(CAST(b.tokens AS CHAR), '0') AS tokens, p.recurring <> 'once' AS while_subscribed,"
		" COALESCE(REPLACE(b.module, '-', ' '), '') AS module, b.level,"
		" COALESCE(b.uses, 0) AS uses"
		" FROM price p JOIN benefit b ON b.price_id = p.id"
		" LEFT JOIN product_text t ON t.product_id = b.product_id AND t.language = ?"
		" WHERE p.product_id = ? AND p.active = TRUE ORDER BY p.position, p.id",
		language, product_id);
	struct benefit_view *benefits = list.items;
	for (size_t i = 0; i < list.count; i++) {
		benefits[i].parts = parts_say(db->mem, language, benefits[i].parts);
		benefits[i].tokens = count_print(db->mem, strtoll(benefits[i].tokens, NULL, 10), language);
	}
	return list;
}

/* Each goes to its place among those before it: a handful, and in order as a rule. */
struct list benefits_of_price(struct db *db, struct list benefits, int64_t price_id)
{
	struct list some = { .shape = benefits.shape };
	struct benefit_view *items = mem_array(db->mem, benefits.count + 1, sizeof *items);
	LIST_EACH(benefit_view, benefit, benefits) {
		if (benefit->price_id != price_id)
			continue;
		size_t at = some.count++;
		for (; at && items[at - 1].position > benefit->position; at--)
			items[at] = items[at - 1];
		items[at] = *benefit;
	}
	some.items = items;
	return some;
}
