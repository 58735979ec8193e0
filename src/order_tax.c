/* order_tax.c: Stripe's line items found again among an order's lines, by name and amount. */
#include "order_tax.h"

#include <string.h>

#include "json.h"

/* The line item of a line that no other line has; the count of items when there is none. */
static size_t item_of(struct mem *mem, const struct order_line *line, struct json_object *items, const bool *taken)
{
	size_t count = json_object_array_length(items), i = 0;
	const char *name = order_line_name(mem, line);
	for (; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		if (!taken[i] && json_int(item, "amount_subtotal", -1) == line->amount.minor &&
			!strcmp(json_text(item, "description"), name))
			break;
	}
	return i;
}

/* The tax of each line, in their order; NULL when they do not fit. */
static const int64_t *taxes_of(struct db *db, const struct order *order, struct list lines, struct json_object *items)
{
	size_t count = json_object_is_type(items, json_type_array) ? json_object_array_length(items) : 0, position = 0;
	bool *taken = mem_array(db->mem, count + 1, sizeof *taken);
	int64_t *taxes = mem_array(db->mem, lines.count + 1, sizeof *taxes), sum = 0;
	if (count != lines.count)
		return NULL;
	LIST_EACH(order_line, line, lines) {
		size_t i = item_of(db->mem, line, items, taken);
		int64_t tax = i < count ? json_int(json_object_array_get_idx(items, i), "amount_tax", -1) : -1;
		if (tax < 0 || tax > order->tax.minor)
			return NULL;
		taken[i] = true;
		taxes[position++] = tax;
		sum += tax;
	}
	return sum == order->tax.minor ? taxes : NULL;
}

bool order_tax_note(struct db *db, const struct order *order, struct json_object *items)
{
	struct list lines = order_lines(db, order->id);
	const int64_t *taxes = lines.count == 1 ? &order->tax.minor : taxes_of(db, order, lines, items);
	if (!taxes)
		return false;
	LIST_EACH(order_line, line, lines)
		db_run(db, "UPDATE order_line SET tax = ? WHERE id = ?", *taxes++, line->id);
	return true;
}
