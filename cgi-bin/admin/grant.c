/* /admin/grant: a benefit given to an account without an order, with a reason. */
#include "desk.h"
#include "session.h"
#include "sign.h"

#include <string.h>

struct grant_form {
	const char *email, *reason, *key;
	int64_t benefit;
};
FORM(grant_form, EMAIL(email), LINE(reason, 3, 200), ID(key), NUMBER(benefit, 1, INT64_MAX));

struct grant_product {
	const char *slug, *title;
	bool is_chosen;
};
ROW(grant_product, slug, title, is_chosen);

struct grant_benefit {
	int64_t id;
	const char *price_title, *kind_label;
	bool is_chosen;
};
ROW(grant_benefit, id, price_title, kind_label, is_chosen);

struct grant_page {
	struct list products, benefits;
	const char *product, *key;
	bool is_proved;
	const struct grant_form *form;
};
VIEW(grant_page, LIST(products, grant_product), LIST(benefits, grant_benefit), product, key, is_proved, REF(form, grant_form));

/* The slug in the query; "" for none, and for what can be none. */
static const char *product_asked(struct request *req)
{
	const char *slug = query_text(req, "product");
	return slug && !slug[strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-")] ? slug : "";
}

static struct list benefits_of(struct request *req, const char *slug, int64_t chosen)
{
	struct list list = db_all(req->db, grant_benefit,
		"SELECT b.id, t.title AS price_title, b.kind AS kind_label, FALSE AS is_chosen FROM product d"
		" JOIN benefit b ON b.product_id = d.id JOIN price_text t ON t.price_id = b.price_id AND t.language = ?"
		" WHERE d.slug = ? ORDER BY b.price_id, b.position",
		req->language, slug);
	struct grant_benefit *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].kind_label = word_of(req, "kind", rows[i].kind_label);
		rows[i].is_chosen = rows[i].id == chosen;
	}
	return list;
}

static void show(struct request *req, const struct grant_form *form, int status)
{
	const char *product = product_asked(req);
	struct list products = db_all(req->db, grant_product,
		"SELECT d.slug, t.title, COALESCE(d.slug = ?, FALSE) AS is_chosen FROM product d JOIN product_text t ON t.product_id = d.id"
		" AND t.language = ? ORDER BY t.title LIMIT 500", product, req->language);
	bool again = form->key && public_id_valid(form->key);
	render_status(req, status, "admin/grant", grant_page, .products = products,
		.benefits = benefits_of(req, product, form->benefit), .product = product,
		.key = again ? form->key : random_id(req->mem), .is_proved = session_is_proved(req), .form = form);
}

ROUTE(GET, "/admin/grant", STAFF, grant_show)
{
	show(req, form_empty(req, grant_form), 200);
}

ROUTE(POST, "/admin/grant", STAFF, grant_do)
{
	const struct grant_form *form = form_read(req, grant_form);
	prove_first(req, mem_format(req->mem, "/admin/grant?product=%s", product_asked(req)));
	if (!public_id_valid(form->key))
		form_error(req, "summary", "error.expired_form");
	if (form_ok(req))
		switch (right_give(req->db, form->key, form->email, form->benefit, decision_of(req, form->reason))) {
		case RIGHT_GIVEN:
			see_other(req, "/admin/grant?notice=right_given");
		case RIGHT_NO_ACCOUNT:
			form_error(req, "email", "error.no_account");
			break;
		case RIGHT_NO_BENEFIT:
			form_error(req, "benefit", "error.choice");
			break;
		}
	show(req, form, 422);
}
