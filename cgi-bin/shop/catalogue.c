/* / and /category/{slug}: what is on the shelves, 24 products a page, in the shop's own order. */
#include "download.h"
#include "keyset.h"
#include "moment.h"
#include "web.h"

#include <string.h>

enum { PER_PAGE = 24 };

struct category {
	int64_t id;
	const char *slug, *title;
	bool is_current;
};
ROW(category, id, slug, title, is_current);

struct card {
	int64_t id, position;
	const char *slug, *title, *summary, *cover, *cover_alt;
	struct money price_from;
	bool is_free, is_sold, has_more_prices, is_owned;
};
ROW(card, id, position, slug, title, summary, cover, cover_alt, price_from, is_free, is_sold, has_more_prices, is_owned);

struct owned_id {
	int64_t product_id;
};
ROW(owned_id, product_id);

struct catalogue_page {
	const struct category *category;
	struct list categories, products;
	const char *next_href;
	bool is_continued;
};
VIEW(catalogue_page, REF(category, category), LIST(categories, category), LIST(products, card), next_href, is_continued);

/* Where a page begins: after the product that stood last on the one before. */
struct place {
	bool given;
	int64_t position, id;
};

static struct place place_of(struct request *req)
{
	struct place place = { .position = INT64_MIN };
	place.given = keyset_open(req->mem, query_text(req, "after"), &place.position, &place.id);
	return place.given ? place : (struct place){ .position = INT64_MIN };
}

static struct list categories_of(struct request *req, const char *current)
{
	return db_all(req->db, category,
		"SELECT c.id, c.slug, t.title, COALESCE(c.slug = ?, FALSE) AS is_current FROM category c"
		" JOIN category_text t ON t.category_id = c.id AND t.language = ? ORDER BY c.position, c.id",
		current, req->language);
}

#define CARD_COLUMNS                                                                                                 \
	"SELECT STRAIGHT_JOIN p.id, p.position, p.slug, t.title, t.summary, p.cover, t.cover_alt, p.price_from,"          \
	" p.currency, p.price_count > 0 AND p.price_from = 0 AS is_free, p.price_count > 0 AS is_sold,"                   \
	" p.price_count > 1 AS has_more_prices, FALSE AS is_owned"
#define CARD_TEXT "JOIN product_text t ON t.product_id = p.id AND t.language = ?"
#define CARD_PAGE                                                                                                    \
	" p.status = 'published' AND p.position >= ? AND (p.position > ? OR p.id > ?) ORDER BY p.position, p.id LIMIT 25"

/* The index is named so that a late page starts where it begins, not at the first product. */
static struct list products_of(struct request *req, const struct category *category, struct place place)
{
	if (category)
		return db_all(req->db, card,
			CARD_COLUMNS " FROM product p FORCE INDEX (product_category) " CARD_TEXT
			" WHERE p.category_id = ? AND" CARD_PAGE,
			req->language, category->id, place.position, place.position, place.id);
	return db_all(req->db, card,
		CARD_COLUMNS " FROM product p FORCE INDEX (product_catalogue) " CARD_TEXT " WHERE" CARD_PAGE, req->language,
		place.position, place.position, place.id);
}

/* One question for the whole page: of which of these does the member hold more than tokens, which are spent and bought again? */
static void owned_mark(struct request *req, struct list products)
{
	struct card *cards = products.items;
	struct buffer ids = buffer_new(req->mem, 256);
	for (size_t i = 0; i < products.count; i++)
		buffer_format(&ids, "%c%lld", i ? ',' : '[', (long long)cards[i].id);
	buffer_text(&ids, products.count ? "]" : "[]");
	struct list owned = db_all(req->db, owned_id,
		"SELECT COALESCE(shown.id, 0) AS product_id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) shown"
		" WHERE EXISTS (SELECT 1 FROM entitlement e WHERE e.account_id = ? AND e.product_id = shown.id"
		"  AND e.kind <> 'tokens' AND " RIGHT_STANDS ")",
		ids.text, req->account_id, moment_now());
	LIST_EACH(owned_id, one, owned)
		for (size_t i = 0; i < products.count; i++)
			cards[i].is_owned |= cards[i].id == one->product_id;
}

static void show(struct request *req, const char *slug)
{
	const struct category *category = NULL;
	struct list categories = categories_of(req, slug);
	LIST_EACH(category, one, categories)
		if (one->is_current)
			category = one;
	if (*slug && !category)
		not_found(req);
	struct place place = place_of(req);
	struct list products = products_of(req, category, place);
	const char *next_href = "";
	if (products.count > PER_PAGE) {
		products.count = PER_PAGE;
		const struct card *last = list_item(products, PER_PAGE - 1);
		next_href = mem_format(req->mem, "%s?after=%s", req->path,
			keyset_seal(req->mem, last->position, last->id));
	}
	if (req->member)
		owned_mark(req, products);
	cacheable(req);
	render(req, "shop/catalogue", catalogue_page, .category = category, .categories = categories,
		.products = products, .next_href = next_href, .is_continued = place.given);
}

ROUTE(GET, "/", ANYONE, catalogue_show)
{
	show(req, "");
}

ROUTE(GET, "/category/{slug}", ANYONE, category_show)
{
	show(req, path_text(req, "slug"));
}
