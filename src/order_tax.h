/* order_tax.h: what Stripe Tax said of each line of an order. */
#ifndef ORDER_TAX_H
#define ORDER_TAX_H

#include <json-c/json.h>

#include "order.h"

/* Notes the tax of each line of an order that is paid and locked. The only line has all of it; several have what `items` says,
 * the line items of the order's session (an array, or NULL: not told). False, and nothing noted, when they do not say it of
 * every line, or something else in all than the order's tax. */
bool order_tax_note(struct db *db, const struct order *order, struct json_object *items);

#endif
