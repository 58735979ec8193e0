/* invoice.h: invoices and credit notes: numbered without a gap, snapshots that nothing changes later.
 *
 * A number is taken from the locked row of its series (F2026 for invoices, A2026 for credit notes) in the transaction of the
 * fact: what is rolled back gives its number back. Take it late in the transaction: everyone who pays waits for that row. */
#ifndef INVOICE_H
#define INVOICE_H

#include "order.h"

/* The invoice of a paid order, once; 0 for an order of zero total, which gets none. The order must be locked. */
int64_t invoice_issue(struct db *db, int64_t order_id);

/* The same for an order that was paid in this very transaction: it has none yet, and is as it is given here. */
int64_t invoice_issue_first(struct db *db, const struct order *order);

/* The credit note of a refund that succeeded, once; and the invoice that takes it back when the refund failed after all
 * (nothing when there was no credit note). Inside the transaction of the fact, the order locked. */
int64_t credit_issue(struct db *db, int64_t refund_id);
int64_t credit_undo(struct db *db, int64_t refund_id);

/* The invoices of periods that cost something and that have none yet, of subscriptions by a JSON list of their ids. In the
 * transaction that makes the periods, the subscriptions locked. */
void invoices_issue_periods(struct db *db, const char *subscription_ids);

struct invoice {
	int64_t id, account_id;
	const char *number, *kind, *language, *order_number, *credits; /* order_number, credits "": none */
	const char *buyer, *seller;                                    /* JSON */
	struct money net, tax, total;
	struct moment issued_at;
};
ROW(invoice, id, account_id, number, kind, language, order_number, credits, buyer, seller, net, tax, total, issued_at);

struct invoice_line {
	const char *title;
	int64_t quantity;
	struct money net, tax;
};
ROW(invoice_line, title, quantity, net, tax);

/* By number, of one account; by row; of an order. NULL when there is none. */
const struct invoice *invoice_of(struct db *db, int64_t account_id, const char *number);
const struct invoice *invoice_by_id(struct db *db, int64_t invoice_id);
const struct invoice *invoice_of_order(struct db *db, int64_t account_id, const char *order_number);
struct list invoice_lines(struct db *db, int64_t invoice_id);

/* Where its PDF is, or will be. */
const char *invoice_path(struct mem *mem, const struct invoice *invoice);

/* Writes the PDF, in the invoice's language; false when this program was built without it. fail() when the disk refuses. */
bool invoice_pdf(struct db *db, const struct invoice *invoice);

#endif
