/* /checkout/{price}: what is bought, by whom, for how much. Pressing Pay makes our order, then Stripe's Checkout Session. */
#include "checkout.h"
#include "conf.h"
#include "form.h"
#include "money.h"
#include "offer.h"
#include "order.h"
#include "owned.h"
#include "sign.h"
#include "web.h"

#include <string.h>

struct checkout_form {
	int64_t quantity;
	const char *request_key;
	const char *action;
};
FORM(checkout_form, NUMBER(quantity, 1, 1000), ID(request_key), CHOICE(action, "pay update"));

struct checkout_product {
	int64_t id;
	const char *slug, *title, *cover, *cover_alt;
};
ROW(checkout_product, id, slug, title, cover, cover_alt);

struct checkout_price {
	int64_t id, product_id;
	const char *public_id, *title, *summary;
	struct money amount;
	bool is_free, is_monthly, is_yearly, takes_many, recurs, trial_card;
	int64_t quantity_max, trial_days; /* trial_days 0: no trial, or had already */
};
ROW(checkout_price, id, product_id, public_id, title, summary, amount, is_free, is_monthly, is_yearly, takes_many,
	recurs, trial_card, quantity_max, trial_days);

struct checkout_page {
	const struct checkout_product *product;
	const struct checkout_price *price;
	struct list benefits, ways; /* ways: to what is had already */
	int64_t quantity; /* what total is for; form may hold a mistake */
	struct money total;
	const char *request_key, *login_href, *register_href;
	bool is_done, is_owned, adds_tax, stripe_down;
	const struct checkout_form *form;
};
VIEW(checkout_page, REF(product, checkout_product), REF(price, checkout_price), LIST(benefits, benefit_view), LIST(ways, way),
	quantity, total, request_key, login_href, register_href, is_done, is_owned, adds_tax, stripe_down, REF(form, checkout_form));

static const struct checkout_price *price_of(struct request *req)
{
	return db_one(req->db, checkout_price,
		"SELECT p.id, p.product_id, p.public_id, t.title, t.summary, p.amount, p.currency, p.amount = 0 AS is_free,"
		" p.recurring = 'month' AS is_monthly, p.recurring = 'year' AS is_yearly, "
		" p.quantity_max > 1 AND p.recurring = 'once' AS takes_many,"
		" p.recurring <> 'once' AS recurs, p.trial_card, IF(p.recurring = 'once', p.quantity_max, 1) AS quantity_max,"
		" IF(EXISTS (SELECT 1 FROM trial_claim c WHERE c.account_id = ? AND c.product_id = p.product_id), 0, p.trial_days)"
		" AS trial_days FROM price p JOIN price_text t ON t.price_id = p.id AND t.language = ?"
		" JOIN product d ON d.id = p.product_id AND d.status = 'published'"
		" WHERE p.public_id = ? AND p.active AND (p.recurring = 'once' OR p.amount > 0)",
		req->account_id, req->language, path_text(req, "price"));
}

static const struct checkout_product *product_of(struct request *req, int64_t product_id)
{
	return db_one(req->db, checkout_product,
		"SELECT d.id, d.slug, t.title, d.cover, t.cover_alt FROM product d"
		" JOIN product_text t ON t.product_id = d.id AND t.language = ? WHERE d.id = ?",
		req->language, product_id);
}

/* A key is one wish: only the page that offers the very same once more, because Stripe was away, keeps it. */
static void show(struct request *req, const struct checkout_price *price, const struct checkout_form *form,
	bool stripe_down)
{
	const char *here = url_encode(req->mem, req->path);
	int64_t quantity = form->quantity < 1 || form->quantity > price->quantity_max ? 1 : form->quantity;
	struct list held = held_of(req, price->product_id);
	render(req, "shop/checkout", checkout_page, .product = product_of(req, price->product_id), .price = price,
		.benefits = benefits_of_price(req->db, benefits_of_product(req->db, price->product_id, req->language),
			price->id),
		.ways = ways_of(req, held, "product"), .quantity = quantity, .total = money_mul(price->amount, quantity),
		.request_key = stripe_down ? form->request_key : random_id(req->mem),
		.login_href = mem_format(req->mem, "/login?next=%s", here),
		.register_href = mem_format(req->mem, "/register?next=%s", here),
		.is_done = price->is_free && free_price_spent(held, price->id), .is_owned = price_held(held, price->id),
		.adds_tax = !price->is_free && !strcmp(conf_tax_behavior(), "exclusive"),
		.stripe_down = stripe_down, .form = form);
}

/* A price that was replaced leads to its product, where the new one stands; links to the old one may be anywhere. */
static void price_gone(struct request *req) __attribute__((noreturn));
static void price_gone(struct request *req)
{
	const char *product = db_text(req->db,
		"SELECT CONCAT(d.slug, IF(d.price_count > 0, '?notice=price_changed', '')) FROM price p JOIN product d"
		" ON d.id = p.product_id AND d.status = 'published' WHERE p.public_id = ? AND NOT p.active",
		path_text(req, "price"));
	if (!product)
		not_found(req);
	see_other(req, "/product/%s", product);
}

/* Nobody means to pay for the same plan twice: who has a subscription to this product changes it there. */
static const struct checkout_price *price_asked(struct request *req)
{
	const struct checkout_price *price = price_of(req);
	if (!price)
		price_gone(req);
	const char *subscription = price->recurs ? subscription_held(req, price->product_id) : NULL;
	if (subscription)
		see_other(req, "/account/subscriptions/%s", subscription);
	return price;
}

ROUTE(GET, "/checkout/{price}", ANYONE, checkout_show)
{
	const struct checkout_price *price = price_asked(req);
	struct checkout_form *form = form_empty(req, checkout_form);
	form->quantity = 1;
	show(req, price, form, false);
}

static void pay(struct request *req, const struct checkout_price *price, const struct checkout_form *form)
{
	int64_t order_id;
	switch (order_make(req->db, req->account_id, price->public_id, form->quantity, form->request_key, req->language,
		&order_id)) {
	case ORDER_MADE:
		checkout_go(req, order_id); /* returns only when Stripe could not be reached */
		show(req, price, form, true);
		req->response.status = 503;
		header(req, "Retry-After", "10");
		return;
	case ORDER_OTHER:
		form_error(req, "summary", "checkout.other");
		break;
	case ORDER_BAD_QUANTITY:
		form_error(req, "quantity", "error.number");
		break;
	case ORDER_OWNED_FREE:
		form_error(req, "summary", "checkout.owned_free");
		break;
	case ORDER_NO_PRICE:
		price_gone(req);
	}
	show(req, price, form, false);
}

ROUTE(POST, "/checkout/{price}", MEMBER, checkout_pay)
{
	const struct checkout_price *price = price_asked(req);
	const struct checkout_form *form = form_read(req, checkout_form);
	if (form->quantity > price->quantity_max)
		form_error(req, "quantity", "error.number");
	if (form_ok(req) && !strcmp(form->action, "pay"))
		pay(req, price, form);
	else
		show(req, price, form, false);
	if (!form_ok(req))
		req->response.status = 422;
}
