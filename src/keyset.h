/* keyset.h: lists a page at a time, going on after the last row shown: as fast on page 1,000 as on page 1.
 *
 *	int64_t before = keyset_before(req, "before");
 *	struct list rows = db_all(…, "… WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT 21", …, before);
 *	const char *older_href = keyset_older(req, &rows, 20, "before");
 *
 * An address carries the row's id sealed: nobody reads from it how much a shop sells. It is no right to
 * anything; the owner is in every WHERE. */
#ifndef KEYSET_H
#define KEYSET_H

#include "web.h"

/* The id below which the list goes on, from ?name=…; INT64_MAX when it begins, or when what stands there is
 * not ours. */
int64_t keyset_before(struct request *req, const char *name);

/* Cuts rows (read with LIMIT per_page + 1, with a field id) to one page. Returns the address of the next, ""
 * after the last. */
const char *keyset_older(struct request *req, struct list *rows, size_t per_page, const char *name);

/* Two numbers sealed with the shop's secret as 32 hexadecimal digits, and back; false when it is not ours. */
const char *keyset_seal(struct mem *mem, int64_t first, int64_t second);
bool keyset_open(struct mem *mem, const char *text, int64_t *first, int64_t *second);

#endif
