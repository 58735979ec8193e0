/* invoice_read.c: documents found again, for the page and for the PDF. */
#include "conf.h"
#include "invoice.h"

#define INVOICE                                                                                                      \
	"SELECT i.id, i.account_id, i.number, i.kind, i.language, COALESCE(o.number, '') AS order_number,"                  \
	" COALESCE(c.number, '') AS credits, i.buyer, i.seller, i.net, i.tax, i.total, i.currency, i.issued_at"             \
	" FROM invoice i LEFT JOIN orders o ON o.id = i.order_id LEFT JOIN invoice c ON c.id = i.credits_id"

const struct invoice *invoice_of(struct db *db, int64_t account_id, const char *number)
{
	return db_one(db, invoice, INVOICE " WHERE i.number = ? AND i.account_id = ?", number, account_id);
}

const struct invoice *invoice_by_id(struct db *db, int64_t invoice_id)
{
	return db_one(db, invoice, INVOICE " WHERE i.id = ?", invoice_id);
}

const struct invoice *invoice_of_order(struct db *db, int64_t account_id, const char *order_number)
{
	return db_one(db, invoice,
		INVOICE " WHERE o.number = ? AND i.account_id = ? AND i.source = 'order' AND i.kind = 'invoice'", order_number,
		account_id);
}

struct list invoice_lines(struct db *db, int64_t invoice_id)
{
	return db_all(db, invoice_line,
		"SELECT title, quantity, net, tax, currency FROM invoice_line WHERE invoice_id = ? ORDER BY position", invoice_id);
}

const char *invoice_path(struct mem *mem, const struct invoice *invoice)
{
	return mem_format(mem, "%s/invoices/%s.pdf", conf.data_folder, invoice->number);
}
