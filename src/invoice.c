/* invoice.c: numbers taken, documents written down. */
#include "invoice.h"

#include <json-c/json.h>
#include <string.h>

#include "catalogue.h"
#include "conf.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "order.h"

/* The next number of a series: F2026-000001. Its row stays locked until the transaction ends, so whatever can be read before
 * is. LAST_INSERT_ID hands out the new number with the same statement; the first of a year is no update and gives 0. */
static const char *series_of(struct db *db, char letter)
{
	return mem_format(db->mem, "%c%lld", letter, (long long)moment_civil(moment_now()).year);
}

/* The last of `count` numbers. */
static int64_t numbers_take(struct db *db, const char *series, int64_t count)
{
	int64_t last = db_insert(db,
		"INSERT INTO invoice_counter (series, last) VALUES (?, ?) ON DUPLICATE KEY UPDATE last = LAST_INSERT_ID(last + ?)",
		series, count, count);
	return last ? last : count;
}

static const char *number_take(struct db *db, char letter)
{
	const char *series = series_of(db, letter);
	return mem_format(db->mem, "%s-%06lld", series, (long long)numbers_take(db, series, 1));
}

static void json_drop(void *object)
{
	json_object_put(object);
}

static void text_add(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

#define BUYER "JSON_OBJECT('name', a.name, 'email', a.email)"

static const char *seller_now(struct db *db)
{
	struct json_object *object = json_object_new_object();
	mem_defer(db->mem, json_drop, object);
	text_add(object, "name", *conf.shop_legal_name ? conf.shop_legal_name : conf.shop_name);
	text_add(object, "address", conf.shop_address);
	text_add(object, "tax_id", conf.shop_tax_id);
	text_add(object, "note", conf.shop_invoice_note);
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
}

/* What a document is about, before it has its number. */
struct draft {
	char letter;
	const char *kind, *source;
	int64_t source_id, account_id, order_id, credits_id;
	const char *language, *currency;
	int64_t tax, total;
};

static int64_t invoice_insert(struct db *db, const struct draft *draft)
{
	return db_insert(db,
		"INSERT INTO invoice (number, kind, source, source_id, account_id, order_id, credits_id, language, currency, net,"
		" tax, total, buyer, seller, issued_at)"
		" SELECT ?, ?, ?, ?, a.id, ?, ?, ?, ?, ?, ?, ?, " BUYER ", ?, ? FROM account a WHERE a.id = ?",
		number_take(db, draft->letter), draft->kind, draft->source, draft->source_id, draft->order_id, draft->credits_id,
		draft->language, draft->currency, draft->total - draft->tax, draft->tax, draft->total, seller_now(db),
		moment_now(), draft->account_id);
}

static void line_put(struct db *db, int64_t invoice_id, int64_t position, const char *title, int64_t quantity, int64_t net,
	int64_t tax, const char *currency)
{
	db_run(db,
		"INSERT INTO invoice_line (invoice_id, position, title, quantity, net, tax, currency)"
		" VALUES (?, ?, LEFT(?, 255), ?, ?, ?, ?)",
		invoice_id, position, title, quantity, net, tax, currency);
}

static int64_t issued(struct db *db, const char *source, int64_t source_id, const char *kind)
{
	return db_int(db, "SELECT id FROM invoice WHERE source = ? AND source_id = ? AND kind = ?", source, source_id, kind);
}

/* What the lines say in the language of the document. */
static const char *in_words(const char *language, const char *key)
{
	return catalogue_word(language_index(language), key);
}

/* Whether Stripe told the tax of each line. */
static bool tax_told(const struct order *order, struct list lines)
{
	int64_t sum = 0;
	LIST_EACH(order_line, line, lines)
		sum += line->tax.minor;
	return sum == order->tax.minor;
}

/* Each line has the tax that Stripe told, else its share of the whole by what it cost; the last one what dividing left behind.
 * A net is what the prices say less the tax they hold; a discount is as the buyer saw it. */
static void order_lines_put(struct db *db, int64_t invoice_id, const struct order *order, struct list lines)
{
	int64_t position = 0, left = order->tax.minor;
	bool told = tax_told(order, lines), within = order_tax_within(order).minor;
	LIST_EACH(order_line, line, lines) {
		bool last = position + 1 == (int64_t)lines.count;
		int64_t tax = told ? line->tax.minor : last || !order->subtotal.minor ? left :
			(int64_t)((__int128)order->tax.minor * line->amount.minor / order->subtotal.minor);
		left -= tax;
		line_put(db, invoice_id, ++position,
			*line->price_title ? mem_format(db->mem, "%s, %s", line->title, line->price_title) : line->title,
			line->quantity, line->amount.minor - (within ? tax : 0), tax, order->currency);
	}
	if (order->discount.minor)
		line_put(db, invoice_id, ++position, in_words(order->language, "order.discount"), 1, -order->discount.minor,
			0, order->currency);
}

int64_t invoice_issue_first(struct db *db, const struct order *order)
{
	if (!order->paid_at.us)
		fail("invoice.unpaid", "order %lld is not paid: no invoice", (long long)order->id);
	if (!order->total.minor)
		return 0;
	struct draft draft = { .letter = 'F', .kind = "invoice", .source = "order", .source_id = order->id,
		.account_id = order->account_id, .order_id = order->id, .language = order->language,
		.currency = order->currency, .tax = order->tax.minor, .total = order->total.minor };
	struct list lines = order_lines(db, order->id);
	int64_t id = invoice_insert(db, &draft);
	order_lines_put(db, id, order, lines);
	event_put(db, "invoice.issued", order->account_id, id, "{}");
	return id;
}

int64_t invoice_issue(struct db *db, int64_t order_id)
{
	const struct order *order = order_locked(db, order_id);
	int64_t id = order ? issued(db, "order", order_id, "invoice") : 0;
	if (!order)
		fail("invoice.unpaid", "order %lld is none: no invoice", (long long)order_id);
	return id ? id : invoice_issue_first(db, order);
}

/* Periods of subscriptions that cost something and have no document yet, in the words of their subscribers. A document says what
 * was asked for, whether money paid it or the customer's credit. */
struct charged {
	int64_t id, account_id, total, tax;
	const char *language, *currency, *title;
	struct moment starts_at, ends_at;
};
ROW(charged, id, account_id, total, tax, language, currency, title, starts_at, ends_at);

static struct list charged_of(struct db *db, const char *subscription_ids)
{
	return db_all(db, charged,
		"SELECT p.id, s.account_id, i.total, i.tax, a.language, p.currency, p.starts_at, p.ends_at,"
		" COALESCE(CONCAT_WS(', ', COALESCE(dt.title, d.slug), NULLIF(COALESCE(ct.title, c.name), '')), '') AS title"
		" FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) ids STRAIGHT_JOIN subscription s ON s.id = ids.id"
		" STRAIGHT_JOIN subscription_period p ON p.subscription_id = s.id"
		" LEFT JOIN invoice v ON v.source = 'period' AND v.source_id = p.id AND v.kind = 'invoice'"
		" STRAIGHT_JOIN account a ON a.id = s.account_id STRAIGHT_JOIN stripe_invoice i ON i.id = p.stripe_invoice"
		" STRAIGHT_JOIN price c ON c.id = p.price_id STRAIGHT_JOIN product d ON d.id = c.product_id"
		" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		" LEFT JOIN price_text ct ON ct.price_id = c.id AND ct.language = a.language"
		" WHERE i.total > 0 AND v.id IS NULL ORDER BY s.id, p.starts_at, p.id",
		subscription_ids);
}

static void number_add(struct json_object *object, const char *name, int64_t value)
{
	json_object_object_add(object, name, json_object_new_int64(value));
}

/* What differs from one document to the next; their numbers end in `last`. */
static const char *charged_json(struct db *db, struct list periods, const char *series, int64_t last)
{
	struct json_object *rows = json_object_new_array();
	int64_t number = last - (int64_t)periods.count;
	mem_defer(db->mem, json_drop, rows);
	LIST_EACH(charged, charged, periods) {
		struct json_object *row = json_object_new_object();
		text_add(row, "number", mem_format(db->mem, "%s-%06lld", series, (long long)++number));
		text_add(row, "title", mem_format(db->mem, "%s, %s – %s", charged->title,
			moment_date(db->mem, charged->starts_at, charged->language),
			moment_date(db->mem, charged->ends_at, charged->language)));
		text_add(row, "language", charged->language);
		text_add(row, "currency", charged->currency);
		number_add(row, "account", charged->account_id);
		number_add(row, "period", charged->id);
		number_add(row, "net", charged->total - charged->tax);
		number_add(row, "tax", charged->tax);
		number_add(row, "total", charged->total);
		json_object_array_add(rows, row);
	}
	return json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PLAIN);
}

/* The documents of these periods. */
#define PAID_INVOICES                                                                                                \
	" FROM JSON_TABLE(?, '$[*]' COLUMNS (period BIGINT PATH '$.period', title VARCHAR(1000) PATH '$.title')) paid"       \
	" STRAIGHT_JOIN invoice i ON i.source = 'period' AND i.source_id = paid.period AND i.kind = 'invoice'"

/* All at once: after an outage there may be years of them. */
void invoices_issue_periods(struct db *db, const char *subscription_ids)
{
	struct list periods = charged_of(db, subscription_ids);
	if (!periods.count)
		return;
	const char *series = series_of(db, 'F');
	const char *rows = charged_json(db, periods, series, numbers_take(db, series, (int64_t)periods.count));
	db_run(db,
		"INSERT INTO invoice (number, kind, source, source_id, account_id, order_id, credits_id, language, currency, net,"
		" tax, total, buyer, seller, issued_at) SELECT number, 'invoice', 'period', period, a.id, 0, 0, paid.language, currency,"
		" net, tax, total, " BUYER ", ?, ? FROM JSON_TABLE(?, '$[*]' COLUMNS (number VARCHAR(24) PATH '$.number',"
		" period BIGINT PATH '$.period', account BIGINT PATH '$.account', language CHAR(2) PATH '$.language',"
		" currency CHAR(3) PATH '$.currency', net BIGINT PATH '$.net', tax BIGINT PATH '$.tax', total BIGINT PATH '$.total'))"
		" paid STRAIGHT_JOIN account a ON a.id = paid.account",
		seller_now(db), moment_now(), rows);
	db_run(db,
		"INSERT INTO invoice_line (invoice_id, position, title, quantity, net, tax, currency)"
		" SELECT i.id, 1, LEFT(paid.title, 255), 1, i.net, i.tax, i.currency" PAID_INVOICES,
		rows);
	events_put(db, "invoice.issued", db_text(db, "SELECT JSON_ARRAYAGG(JSON_ARRAY(i.account_id, i.id))" PAID_INVOICES, rows),
		"{}");
}

struct given_back {
	int64_t order_id, account_id, amount, invoice_id, invoice_tax, invoice_total;
	const char *language, *currency, *invoice_number;
};
ROW(given_back, order_id, account_id, amount, invoice_id, invoice_tax, invoice_total, language, currency, invoice_number);

static const struct given_back *given_back_of(struct db *db, int64_t refund_id)
{
	return db_one(db, given_back,
		"SELECT i.order_id, i.account_id, r.amount, i.id AS invoice_id, i.tax AS invoice_tax, i.total AS invoice_total,"
		" i.language, i.currency, i.number AS invoice_number FROM refund r"
		" LEFT JOIN payment y ON y.payment_intent = r.payment_intent AND y.stripe_invoice > ''"
		" LEFT JOIN subscription_period p ON p.stripe_invoice = y.stripe_invoice"
		" JOIN invoice i ON i.source = IF(p.id IS NULL, 'order', 'period') AND i.source_id = COALESCE(p.id, r.order_id)"
		"  AND i.kind = 'invoice' WHERE r.id = ?",
		refund_id);
}

/* sign: -1 gives back, 1 takes that back. The tax is the refund's share of the invoice's. */
static int64_t correction_issue(struct db *db, int64_t refund_id, const char *kind, int64_t sign, const char *key)
{
	const struct given_back *back = given_back_of(db, refund_id);
	int64_t id = issued(db, "refund", refund_id, kind);
	if (id || !back)
		return id;
	int64_t tax = (int64_t)((__int128)back->amount * back->invoice_tax / back->invoice_total);
	struct draft draft = { .letter = sign < 0 ? 'A' : 'F', .kind = kind, .source = "refund", .source_id = refund_id,
		.account_id = back->account_id, .order_id = back->order_id, .credits_id = back->invoice_id,
		.language = back->language, .currency = back->currency, .tax = sign * tax, .total = sign * back->amount };
	id = invoice_insert(db, &draft);
	line_put(db, id, 1, mem_format(db->mem, "%s %s", in_words(back->language, key), back->invoice_number), 1,
		draft.total - draft.tax, draft.tax, back->currency);
	event_put(db, "invoice.issued", back->account_id, id, "{}");
	return id;
}

int64_t credit_issue(struct db *db, int64_t refund_id)
{
	return correction_issue(db, refund_id, "credit", -1, "invoice.refund_of");
}

int64_t credit_undo(struct db *db, int64_t refund_id)
{
	return issued(db, "refund", refund_id, "credit") ?
		correction_issue(db, refund_id, "invoice", 1, "invoice.refund_failed_of") : 0;
}
