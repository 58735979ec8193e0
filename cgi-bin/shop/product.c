/* /product/{slug}: one product, what its prices give, its versions; to those who hold it, the way to their
 * files. */
#include "markup.h"
#include "offer.h"
#include "owned.h"
#include "version.h"
#include "web.h"

#include <string.h>

struct product_row {
	int64_t id;
	const char *status, *title, *summary, *cover, *cover_alt, *category_slug, *category_title, *description;
};
ROW(product_row, id, status, title, summary, cover, cover_alt, category_slug, category_title, description);

struct product_view {
	const char *title, *summary, *cover, *cover_alt, *category_slug, *category_title;
	struct html description;
	bool is_sold;
};
VIEW(product_view, title, summary, cover, cover_alt, category_slug, category_title, description, is_sold);

struct tag {
	const char *tag;
};
ROW(tag, tag);

struct price_row {
	int64_t id;
	const char *public_id, *title, *summary;
	struct money amount;
	bool is_free, is_monthly, is_yearly;
	int64_t trial_days;
};
ROW(price_row, id, public_id, title, summary, amount, is_free, is_monthly, is_yearly, trial_days);

struct price_view {
	const char *public_id, *title, *summary;
	const char *subscription; /* where a member who has one changes plans; NULL: to be bought */
	struct money amount;
	bool is_free, is_monthly, is_yearly, is_owned, recurs;
	int64_t trial_days; /* 0: no trial */
	struct list benefits;
};
VIEW(price_view, public_id, title, summary, OPT(subscription), amount, is_free, is_monthly, is_yearly, is_owned, recurs,
	trial_days, LIST(benefits, benefit_view));

struct product_page {
	const struct product_view *product;
	struct list tags, prices, versions, ways;
	const struct owned *owned;
};
VIEW(product_page, REF(product, product_view), LIST(tags, tag), LIST(prices, price_view), LIST(versions, version_view),
	LIST(ways, way), REF(owned, owned));

static const struct product_row *product_of(struct request *req, const char *slug)
{
	return db_one(req->db, product_row,
		"SELECT p.id, p.status, t.title, t.summary, p.cover, t.cover_alt, c.slug AS category_slug,"
		" ct.title AS category_title, t.description FROM product p"
		" JOIN product_text t ON t.product_id = p.id AND t.language = ? JOIN category c ON c.id = p.category_id"
		" JOIN category_text ct ON ct.category_id = c.id AND ct.language = ? WHERE p.slug = ?",
		req->language, req->language, slug);
}

static struct list prices_of(struct request *req, int64_t product_id, struct list held)
{
	struct list benefits = benefits_of_product(req->db, product_id, req->language);
	struct list rows = db_all(req->db, price_row,
		"SELECT p.id, p.public_id, t.title, t.summary, p.amount, p.currency, p.amount = 0 AS is_free,"
		" p.recurring = 'month' AS is_monthly, p.recurring = 'year' AS is_yearly, p.trial_days"
		" FROM price p JOIN price_text t ON t.price_id = p.id AND t.language = ?"
		" WHERE p.product_id = ? AND p.active = TRUE ORDER BY p.position, p.id",
		req->language, product_id);
	struct list list = { .items = mem_array(req->mem, rows.count + 1, sizeof(struct price_view)),
		.shape = &price_view_shape };
	struct price_view *prices = list.items;
	const char *subscription = held.count ? subscription_held(req, product_id) : NULL;
	LIST_EACH(price_row, row, rows)
		prices[list.count++] = (struct price_view){ .public_id = row->public_id, .title = row->title,
			.summary = row->summary, .amount = row->amount, .is_free = row->is_free, .is_monthly = row->is_monthly,
			.is_yearly = row->is_yearly, .recurs = row->is_monthly || row->is_yearly, .trial_days = subscription ? 0 : row->trial_days,
			.subscription = row->is_monthly || row->is_yearly ? subscription : NULL,
			.is_owned = price_held(held, row->id),
			.benefits = benefits_of_price(req->db, benefits, row->id) };
	return list;
}

ROUTE(GET, "/product/{slug}", ANYONE, product_show)
{
	const struct product_row *row = product_of(req, path_text(req, "slug"));
	if (!row)
		not_found(req);
	bool published = !strcmp(row->status, "published");
	struct list held = held_of(req, row->id);
	if (!published && !held.count)
		not_found(req);
	struct list prices = { .shape = &price_view_shape };
	if (published)
		prices = prices_of(req, row->id, held);
	struct product_view product = { .title = row->title, .summary = row->summary, .cover = row->cover,
		.cover_alt = row->cover_alt, .category_slug = row->category_slug, .category_title = row->category_title,
		.description = markup_html(req->mem, row->description), .is_sold = prices.count > 0 };
	struct list tags = db_all(req->db, tag, "SELECT tag FROM product_tag WHERE product_id = ? ORDER BY tag", row->id);
	cacheable(req);
	render(req, "shop/product", product_page, .product = &product, .tags = tags, .prices = prices,
		.versions = versions_of_product(req->db, row->id, req->language),
		.ways = ways_of(req, held, "product"), .owned = owned_of(req, row->id, held));
}
