/* world.h: somebody who owns one of everything, and text as nobody should send it, for the tests of every route and event. */
#ifndef WORLD_H
#define WORLD_H

#include "../clerk.h"
#include "../fake_stripe.h"
#include "../plans.h"
#include "../tokens.h"

#include "account_token.h"
#include "api_key.h"
#include "invoice.h"
#include "payment.h"

enum { LONG = 5000, POSTS_MAX = 40, BROKEN_SHOWN = 20 };

/* Somebody of the staff who owns one of everything; what stands for each {name} of a path. */
struct world {
	struct fixture *f;
	struct fake_stripe *stripe;
	const char *number, *price, *plan, *invoice, *subscription, *right, *file, *session, *access, *token, *api_key, *key, *dispute;
	const char *verify, *reset, *email, *account, *long_text;
	struct post {
		const char *pattern, *form;
	} posts[POSTS_MAX];
	size_t post_count, asked, broken;
	char known[4000]; /* names of the fields that were bent, with spaces around */
};

/* In a path, a query or a form. "%s": the good value, or "a". */
static const char *const odds[] = { "%%C3%%A9", "%s%%C3%%A9", "%%F0%%9F%%98%%80", "%%FF%s", "%s%%00", "\xC3\xA9", "\xFF", "%%ED%%A0%%80", "%%",
	"%%0D%%0AX-Odd:%%201", "%%27%%22%%3C%%5C", "", "LONG", "CHANGED" };

/* As long as the good one, its last character another; or far too long; or as the list says. */
static inline const char *odd_of(struct world *world, const char *odd, const char *good)
{
	struct mem *mem = world->f->mem;
	if (!strcmp(odd, "LONG"))
		return world->long_text;
	if (!strcmp(odd, "CHANGED"))
		return mem_format(mem, "%.*s%%C3%%A9", (int)(*good ? strlen(good) - 1 : 0), good);
	struct buffer out = buffer_new(mem, 64);
	for (const char *at = odd; *at; at++) {
		if (!strncmp(at, "%s", 2))
			buffer_text(&out, *good ? good : "a");
		else
			buffer_put(&out, at, 1);
		at += at[0] == '%' && (at[1] == 's' || at[1] == '%');
	}
	return out.text;
}

#define EACH_ODD(odd) for (const char *const *odd = odds; odd < odds + sizeof odds / sizeof odds[0]; odd++)

static const char *last_asked __attribute__((unused));

/* The route itself, not what stands before it, is meant: a page that is broken says so. Nothing remains of it. */
static inline void answered(struct world *world, struct page page)
{
	world->asked++;
	if ((page.status < 500 && page.status >= 200) || world->broken++ >= BROKEN_SHOWN)
		return;
	print_error("%d: %.300s\n", page.status, last_asked);
}

struct turn {
	struct mem_mark mark;
	char cookies[sizeof(((struct fixture *)NULL)->cookies)];
};

static inline struct turn turn_begin(struct world *world)
{
	struct turn turn = { .mark = mem_mark(world->f->mem) };
	memcpy(turn.cookies, world->f->cookies, sizeof turn.cookies);
	db_script(&world->f->db, "SAVEPOINT odd");
	return turn;
}

static inline void turn_end(struct world *world, struct turn *turn)
{
	db_script(&world->f->db, "ROLLBACK TO SAVEPOINT odd");
	memcpy(world->f->cookies, turn->cookies, sizeof turn->cookies);
	mem_rewind(world->f->mem, turn->mark);
}

static inline void ask_get(struct world *world, const char *path)
{
	last_asked = mem_format(world->f->mem, "GET %s", path);
	answered(world, get(world->f, path));
}

static inline void ask_post(struct world *world, const char *path, const char *form)
{
	last_asked = mem_format(world->f->mem, "POST %s %s", path, form);
	answered(world, post(world->f, path, form));
}

/* What is really there for a {name} of a pattern. */
static inline const char *good_of(const struct world *world, const char *pattern, const char *name)
{
	bool plan = strstr(pattern, "/plan/") != NULL;
	const struct { const char *name, *value; } goods[] = {
		{ "{number}", world->number }, { "{price}", plan ? world->plan : world->price }, { "{invoice}", world->invoice },
		{ "{id}", strstr(pattern, "disputes") ? world->dispute : world->subscription }, { "{what}", "verify" },
		{ "{slug}", strstr(pattern, "category") ? "sounds" : "night-walk" },
		{ "{token}", strstr(pattern, "reset") ? world->reset : strstr(pattern, "email") ? world->email : world->verify },
	};
	for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++)
		if (!strncmp(goods[i].name, name, strlen(goods[i].name)))
			return goods[i].value;
	fail_msg("%s: nothing is known to stand for %s", pattern, name);
	return NULL;
}

/* One right of each kind, one order, one of everything that a form names. */
static inline void owned(struct world *world, int64_t clerk)
{
	struct fixture *f = world->f;
	struct db *db = &f->db;
	world->price = a_price(f, NULL, 1900);
	int64_t order = a_purchase(f, clerk, world->price);
	a_purchase(f, clerk, a_module_price(f, "studio-pro", "studio", "pro", 30, 5));
	db_run(db, "UPDATE orders SET stripe_payment = 'pi_1' WHERE id = ?", order);
	db_begin(db);
	assert_true(token_adjust(db, clerk, 0, 1000, "for a test"));
	assert_true(invoice_issue(db, order) > 0);
	db_commit(db);
	world->number = number_of(f, order);
	world->invoice = db_text(db, "SELECT number FROM invoice LIMIT 1");
	world->right = right_of_order(f, order);
	world->file = file_named(f, "night-walk.txt");
	world->access = db_text(db, "SELECT public_id FROM module_access LIMIT 1");
	int64_t club = a_club(f), month = a_plan(f, club, "Monthly", "price_month", 900, "month", 1000);
	int64_t year = a_plan(f, club, "Annual", "price_year", 9900, "year", 3000);
	world->plan = db_text(db, "SELECT public_id FROM price WHERE id = ?", year);
	world->subscription = random_id(f->mem);
	db_run(db,
		"INSERT INTO subscription (public_id, stripe_subscription, stripe_customer, stripe_item, stripe_price, account_id,"
		" price_id, status, period_start, period_end, told_at, created_at, updated_at)"
		" VALUES (?, 'sub_1', 'cus_1', 'si_1', 'price_month', ?, ?, 'active', ?, ?, ?, ?, ?)",
		world->subscription, clerk, month, moment_now(), moment_add_days(moment_now(), 30), moment_now(), moment_now(), moment_now());
	payment_told(db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "", .amount = 1900 });
	dispute_told(db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1", .status = "won",
		.reason = "general", .currency = "eur", .amount = 1900, .opened_at = moment_now(), .told_at = moment_now() });
	world->dispute = db_text(db, "SELECT public_id FROM dispute LIMIT 1");
}

static inline void keys_made(struct world *world, int64_t clerk)
{
	struct fixture *f = world->f;
	unsigned all = 1 << SCOPE_TOKENS_READ | 1 << SCOPE_TOKENS_DEBIT | 1 << SCOPE_ACCESS_CHECK | 1 << SCOPE_ACCESS_USE;
	assert_int_equal(api_key_make(&f->db, clerk, clerk, "test", all, &world->api_key), API_KEY_MADE);
	world->key = db_text(&f->db, "SELECT public_id FROM api_key LIMIT 1");
	world->account = db_text(&f->db, "SELECT public_id FROM account WHERE id = ?", clerk);
	world->session = db_text(&f->db, "SELECT public_id FROM session WHERE account_id = ? LIMIT 1", clerk);
	world->verify = token_put(&f->db, clerk, TOKEN_VERIFY, "clerk@example.com", "");
	world->reset = token_put(&f->db, clerk, TOKEN_RESET, "clerk@example.com", "");
	world->email = token_put(&f->db, clerk, TOKEN_EMAIL, "new@example.com", "");
}

static inline void a_form(struct world *world, const char *pattern, const char *form)
{
	assert_true(world->post_count < POSTS_MAX);
	world->posts[world->post_count++] = (struct post){ pattern, form };
}

#define ID22 "AAAAAAAAAAAAAAAAAAAAAA"
#define WORDS "correct+horse+battery"

static inline void forms_known(struct world *world)
{
	struct mem *mem = world->f->mem;
	static const struct post fixed[] = {
		{ "/checkout/{price}", "quantity=1&request_key=" ID22 "&action=pay" }, { "/checkout/again/{number}", "" }, { "/email/{token}", "" },
		{ "/forgot", "email=clerk%40example.com&next=%2Faccount" }, { "/logout", "" }, { "/account/regenerate", "" },
		{ "/login", "email=clerk%40example.com&password=correct+horse&next=%2Faccount" }, { "/reauth", "password=correct+horse&next=%2Faccount" },
		{ "/password", "password_old=correct+horse&password=" WORDS "&password_again=" WORDS },
		{ "/register", "name=Jenny&email=new%40example.com&password=" WORDS "&next=%2Faccount" },
		{ "/reset/{token}", "password=" WORDS "&password_again=" WORDS }, { "/verify/{token}", "password=correct+horse" },
		{ "/account/settings", "name=Jenny&language=en" }, { "/account/settings/email", "email=new%40example.com" },
		{ "/account/keys", "name=Program&tokens_read=1&tokens_debit=1&access_check=1&access_use=1" },
		{ "/account/subscriptions/{id}", "action=cancel&request_key=" ID22 },
		{ "/account/subscriptions/{id}/plan/{price}", "request_key=" ID22 "&prorate_at=1" },
		{ "/account/settings/sessions", "others=1" }, { "/admin/health", "action=retry&event=evt_1" },
		{ "/admin/orders/{number}/refund", "key=" ID22 "&kind=amount&amount=1.00&part=&payment=&line_1=&ends=&reason=by+mail" },
		{ "/admin/orders/{number}/refund", "key=" ID22 "&kind=lines&line_1=yes&part=2.50&reason=by+mail" },
		{ "/admin/orders/{number}/refund", "key=" ID22 "&kind=all&payment=pi_1&reason=by+mail" },
		{ "/admin/orders/{number}/review", "action=release&reason=by+mail" },
	};
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		a_form(world, fixed[i].pattern, fixed[i].form);
	a_form(world, "/account/settings/sessions", mem_format(mem, "session=%s", world->session));
	a_form(world, "/account/subscriptions/{id}/plan/{price}",
		mem_format(mem, "request_key=" ID22 "&prorate_at=%lld", (long long)moment_unix(moment_now())));
	a_form(world, "/account/access", mem_format(mem, "access=%s&uses=5", world->access));
	a_form(world, "/account/access/revoke", mem_format(mem, "token=%s", world->access));
	a_form(world, "/account/downloads", mem_format(mem, "entitlement=%s&file=%s", world->right, world->file));
	a_form(world, "/account/keys/revoke", mem_format(mem, "key=%s", world->key));
	a_form(world, "/admin/orders/{number}/right", mem_format(mem, "right=%s&reason=by+mail", world->right));
	a_form(world, "/admin/grant?product=night-walk", mem_format(mem, "email=clerk%%40example.com&reason=a+gift&key=" ID22 "&benefit=%lld",
		(long long)db_int(&world->f->db, "SELECT MIN(id) FROM benefit")));
}

static const char secret[] = "whsec_test";

/* An answer to whatever Stripe may be asked for here. */
static const char stripe_says[] =
	"{\"id\":\"x_1\",\"url\":\"https://checkout.stripe.com/c/x\",\"livemode\":false,\"status\":\"open\",\"payment_status\":\"unpaid\","
	"\"expires_at\":4000000000,\"amount_due\":9450,\"lines\":{\"data\":[{\"amount\":-450},{\"amount\":9900}]}}";

static inline struct world *world_new(struct fixture *f)
{
	const char *why;
	assert_true(conf_set("stripe_webhook_secrets", secret, &why) && conf_set("stripe_livemode", "no", &why));
	struct world *world = mem_get(f->mem, sizeof *world);
	char *text = mem_get(f->mem, LONG + 1);
	memset(text, 'x', LONG);
	*world = (struct world){ .f = f, .long_text = text, .stripe = fake_stripe_new(f) };
	fake_says(world->stripe, 200, stripe_says);
	int64_t clerk = a_clerk(f);
	owned(world, clerk);
	keys_made(world, clerk);
	forms_known(world);
	return world;
}

#endif
