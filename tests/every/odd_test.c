/* odd_test.c: every route of every zone, with letters that are no ASCII and bytes that are no letters in each place where
 * somebody else's text comes in: none of them answers 5xx. A route or a form that is not listed here fails the test. */
#include "../clerk.h"
#include "../fake_stripe.h"
#include "../plans.h"
#include "../tokens.h"

#include <json-c/json.h>

#include "account_token.h"
#include "api_key.h"
#include "invoice.h"
#include "json.h"
#include "payment.h"
#include "serve.h"

enum { LONG = 5000, POSTS_MAX = 40, STRINGS_MAX = 400, BROKEN_SHOWN = 20 };

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
static const char *odd_of(struct world *world, const char *odd, const char *good)
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

static const char *last_asked;

/* The route itself, not what stands before it, is meant: a page that is broken says so. Nothing remains of it. */
static void answered(struct world *world, struct page page)
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

static struct turn turn_begin(struct world *world)
{
	struct turn turn = { .mark = mem_mark(world->f->mem) };
	memcpy(turn.cookies, world->f->cookies, sizeof turn.cookies);
	db_script(&world->f->db, "SAVEPOINT odd");
	return turn;
}

static void turn_end(struct world *world, struct turn *turn)
{
	db_script(&world->f->db, "ROLLBACK TO SAVEPOINT odd");
	memcpy(world->f->cookies, turn->cookies, sizeof turn->cookies);
	mem_rewind(world->f->mem, turn->mark);
}

static void ask_get(struct world *world, const char *path)
{
	last_asked = mem_format(world->f->mem, "GET %s", path);
	answered(world, get(world->f, path));
}

static void ask_post(struct world *world, const char *path, const char *form)
{
	last_asked = mem_format(world->f->mem, "POST %s %s", path, form);
	answered(world, post(world->f, path, form));
}

/* What is really there for a {name} of a pattern. */
static const char *good_of(const struct world *world, const char *pattern, const char *name)
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

/* The path with the place-th of its names bent; NULL: there are not so many. -1: none of them. */
static const char *path_of(struct world *world, const char *pattern, int place, const char *odd)
{
	struct buffer path = buffer_new(world->f->mem, 200);
	int names = 0;
	for (const char *at = pattern; *at; at++) {
		if (*at != '{') {
			buffer_put(&path, at, 1);
			continue;
		}
		const char *good = good_of(world, pattern, at);
		buffer_text(&path, names++ == place ? odd_of(world, odd, good) : good);
		at = strchr(at, '}');
	}
	return names > place ? path.text : NULL;
}

/* The form with the place-th of its values bent; NULL: there are not so many. */
static const char *form_of(struct world *world, const char *form, int place, const char *odd)
{
	struct buffer out = buffer_new(world->f->mem, 200);
	int fields = 0;
	for (const char *at = form; *at; fields++) {
		size_t name = strcspn(at, "="), whole = strcspn(at, "&");
		buffer_format(&out, "%s%.*s=", fields ? "&" : "", (int)name, at);
		const char *good = mem_textn(world->f->mem, at + name + 1, whole - name - 1);
		buffer_text(&out, fields == place ? odd_of(world, odd, good) : good);
		if (!strstr(world->known, mem_format(world->f->mem, " %.*s ", (int)name, at)))
			snprintf(world->known + strlen(world->known), sizeof world->known - strlen(world->known), " %.*s ", (int)name, at);
		at += whole + (at[whole] == '&');
	}
	return fields > place ? out.text : NULL;
}

static bool by_browser(const struct route *route)
{
	return route->guard != SIGNED && route->guard != KEY;
}

static void paths_bent(const struct route *route, void *arg)
{
	struct world *world = arg;
	if (!by_browser(route))
		return;
	for (int place = 0; path_of(world, route->pattern, place, ""); place++)
		EACH_ODD(odd) {
			struct turn turn = turn_begin(world);
			const char *path = path_of(world, route->pattern, place, *odd);
			if (route->method == GET)
				ask_get(world, path);
			else
				ask_post(world, path, "");
			turn_end(world, &turn);
		}
}

static const char *const asked_names[] = { "lang", "notice", "next", "q", "after", "before", "older", "product", "canceled", "orders",
	"created", "skipped", "account", "all" };

enum { NAMES = sizeof asked_names / sizeof asked_names[0] };

/* Of every page all at once, and each alone. */
static void queries_bent(const struct route *route, void *arg)
{
	struct world *world = arg;
	if (!by_browser(route) || route->method != GET)
		return;
	EACH_ODD(odd)
		for (size_t only = 0; only <= NAMES; only++) {
			if (only < NAMES && odd > odds)
				continue;
			struct turn turn = turn_begin(world);
			struct buffer query = buffer_new(world->f->mem, 400);
			for (size_t i = 0; i < NAMES; i++)
				if (only == NAMES || only == i)
					buffer_format(&query, "%s%s=%s", query.length ? "&" : "", asked_names[i], odd_of(world, *odd, ""));
			ask_get(world, mem_format(world->f->mem, "%s?%s", path_of(world, route->pattern, -1, ""), query.text));
			turn_end(world, &turn);
		}
}

static void form_bent(struct world *world, const char *path, const char *form)
{
	for (int place = -1; form_of(world, form, place, ""); place++)
		EACH_ODD(odd) {
			struct turn turn = turn_begin(world);
			ask_post(world, path, form_of(world, form, place, *odd));
			turn_end(world, &turn);
			if (place < 0)
				break; /* as it should be, once */
		}
}

/* Where a refused page says it is to be had in the other language, it is. */
static void language_followed(struct world *world, const char *path, struct page page)
{
	const char *at = strstr(page.body, "lang=fr\"");
	if (!at)
		return; /* sent elsewhere */
	const char *end = at + strlen("lang=fr");
	while (strncmp(at, "href=\"", 6))
		at--;
	const char *href = mem_textn(world->f->mem, at + 6, (size_t)(end - at) - 6);
	if (get(world->f, href).status == 405)
		fail_msg("POST %s shows a page whose other language is no page: %s", path, href);
}

static void refused_in_another_language(struct world *world, const char *path)
{
	struct turn turn = turn_begin(world);
	language_followed(world, path, post(world->f, path, ""));
	language_followed(world, path, post_raw(world->f, path, "application/x-www-form-urlencoded", "", NULL));
	turn_end(world, &turn);
}

static void forms_bent(const struct route *route, void *arg)
{
	struct world *world = arg;
	size_t forms = 0;
	if (!by_browser(route) || route->method != POST)
		return;
	for (size_t i = 0; i < world->post_count; i++) {
		const struct post *post = &world->posts[i];
		size_t length = strcspn(post->pattern, "?");
		if (strncmp(post->pattern, route->pattern, length) || route->pattern[length])
			continue;
		refused_in_another_language(world, path_of(world, post->pattern, -1, ""));
		form_bent(world, path_of(world, post->pattern, -1, ""), post->form);
		forms++;
	}
	if (!forms)
		fail_msg("POST %s (%s): this test knows no form for it", route->pattern, route->file);
}

/* Cookies and headers are no urlencoded text: bytes as they are. */
static const char *const raw[] = { "\xC3\xA9", "\xF0\x9F\x98\x80", "\xFF", "\x01", "%00", "LONG", "=;=,\"" };
static const char *const headers[] = { "HTTP_USER_AGENT", "HTTP_ACCEPT_LANGUAGE", "HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_X_REQUEST_ID",
	"HTTP_X_FORWARDED_FOR", "REMOTE_ADDR" };
static const char *const programs_headers[] = { "HTTP_IDEMPOTENCY_KEY", "HTTP_STRIPE_SIGNATURE", "HTTP_AUTHORIZATION" };

enum { RAWS = sizeof raw / sizeof raw[0] };

static const char *good_form(const struct world *world, const struct route *route)
{
	for (size_t i = 0; i < world->post_count; i++)
		if (!strncmp(world->posts[i].pattern, route->pattern, strlen(route->pattern)))
			return world->posts[i].form;
	return "";
}

static const char *raw_of(const struct world *world, const char *text)
{
	return strcmp(text, "LONG") != 0 ? text : world->long_text;
}

/* The headers are with() it already. */
static void ask_so(struct world *world, const struct route *route, bool keyless)
{
	const char *path = by_browser(route) ? path_of(world, route->pattern, -1, "") : route->pattern;
	if (!by_browser(route) && !keyless)
		with(world->f, "HTTP_AUTHORIZATION", mem_format(world->f->mem, "Bearer %s", world->api_key));
	if (route->method == GET)
		ask_get(world, path);
	else if (by_browser(route))
		ask_post(world, path, good_form(world, route));
	else
		answered(world, post_raw(world->f, path, "application/json", "{\"amount\":1,\"module\":\"studio\"}", NULL));
}

static void headers_bent(const struct route *route, void *arg)
{
	struct world *world = arg;
	for (size_t i = 0; i < RAWS; i++) {
		struct turn turn = turn_begin(world);
		for (size_t h = 0; h < sizeof headers / sizeof headers[0]; h++)
			with(world->f, headers[h], raw_of(world, raw[i]));
		ask_so(world, route, false);
		turn_end(world, &turn);
	}
	for (size_t i = 0; i < RAWS * 3 && !by_browser(route); i++) {
		struct turn turn = turn_begin(world);
		bool keyless = i % 3 == 2;
		with(world->f, programs_headers[i % 3], mem_format(world->f->mem, keyless ? "Bearer %s" : "%s", raw_of(world, raw[i / 3])));
		ask_so(world, route, keyless);
		turn_end(world, &turn);
	}
}

/* Those of whoever is logged in, and one's own. */
static void cookies_bent(const struct route *route, void *arg)
{
	struct world *world = arg;
	for (size_t i = 0; i < RAWS * 2 && by_browser(route); i++) {
		struct turn turn = turn_begin(world);
		const char *odd = raw_of(world, raw[i / 2]);
		with(world->f, "HTTP_COOKIE", i % 2 ? mem_format(world->f->mem, "session=%s", odd)
			: mem_format(world->f->mem, "visitor=%s; language=%s; %s", odd, odd, world->f->cookies));
		ask_so(world, route, false);
		turn_end(world, &turn);
	}
}

/* Programs: JSON as well as forms. */
static const char *const jsons[] = { "\"\xC3\xA9\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\xFF\"", "\"\\u00e9\xF0\x9F\x98\x80\"", "\"LONG\"", "[\"\xC3\xA9\"]",
	"{\"\xC3\xA9\":1}", "null", "true", "-1e400", "99999999999999999999", "\"CHANGED\"", "" };
static const struct { const char *path, *fields[4]; } calls[] = {
	{ "/api/v1/access/check", { "token", "account", "module", "level" } },
	{ "/api/v1/access/use", { "token", "account", "module", "level" } },
	{ "/api/v1/tokens/debit", { "account", "amount", "note" } },
};

static const char *json_good(const struct world *world, const char *field)
{
	const struct { const char *name, *value; } goods[] = { { "account", world->account }, { "module", "studio" }, { "level", "pro" },
		{ "amount", "1" } };
	for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++)
		if (!strcmp(goods[i].name, field))
			return goods[i].value;
	return "";
}

static void ask_api(struct world *world, const char *path, const char *type, const char *body, const char *key)
{
	last_asked = mem_format(world->f->mem, "POST %s %s", path, body);
	with(world->f, "HTTP_AUTHORIZATION", mem_format(world->f->mem, "Bearer %s", world->api_key));
	if (key)
		with(world->f, "HTTP_IDEMPOTENCY_KEY", key);
	answered(world, post_raw(world->f, path, type, body, NULL));
}

static void call_bent(struct world *world, size_t call, size_t bent, const char *json)
{
	struct turn turn = turn_begin(world);
	struct buffer body = buffer_new(world->f->mem, 200), form = buffer_new(world->f->mem, 200);
	for (size_t i = 0; i < 4 && calls[call].fields[i]; i++) {
		const char *name = calls[call].fields[i], *good = json_good(world, name), *value = mem_format(world->f->mem, "\"%s\"", good);
		if (i == bent && !strcmp(json, "\"LONG\""))
			value = mem_format(world->f->mem, "\"%s\"", world->long_text);
		else if (i == bent && !strcmp(json, "\"CHANGED\""))
			value = mem_format(world->f->mem, "\"%.*s\xC3\xA9\"", (int)(*good ? strlen(good) - 1 : 0), good);
		else if (i == bent)
			value = json;
		buffer_format(&body, "%s\"%s\":%s", i ? "," : "{", name, value);
		buffer_format(&form, "%s%s=%s", i ? "&" : "", name, value);
		if (!strstr(world->known, mem_format(world->f->mem, " %s ", name)))
			snprintf(world->known + strlen(world->known), sizeof world->known - strlen(world->known), " %s ", name);
	}
	buffer_text(&body, "}");
	ask_api(world, calls[call].path, "application/json", body.text, "key");
	ask_api(world, calls[call].path, "application/x-www-form-urlencoded", form.text, "key2");
	turn_end(world, &turn);
}

static void calls_bent(const struct route *route, void *arg)
{
	struct world *world = arg;
	bool known = route->guard != KEY || route->method == GET;
	for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
		if (strcmp(calls[c].path, route->pattern))
			continue;
		known = true;
		for (size_t field = 0; field < 4 && calls[c].fields[field]; field++)
			for (size_t i = 0; i < sizeof jsons / sizeof jsons[0]; i++)
				call_bent(world, c, field, jsons[i]);
	}
	if (!known)
		fail_msg("POST %s (%s): this test knows no body for it", route->pattern, route->file);
}

extern const struct form *const __start_forms[] __attribute__((weak));
extern const struct form *const __stop_forms[] __attribute__((weak));

static void forms_all_known(struct world *world)
{
	for (const struct form *const *at = __start_forms; at < __stop_forms; at++)
		for (size_t i = 0; i < (*at)->shape->count; i++)
			if (!strstr(world->known, mem_format(world->f->mem, " %s ", (*at)->shape->fields[i].name)))
				fail_msg("%s: this test knows no value for its %s", (*at)->shape->name, (*at)->shape->fields[i].name);
}

static void balance_bent(struct world *world)
{
	EACH_ODD(odd) {
		struct turn turn = turn_begin(world);
		with(world->f, "HTTP_AUTHORIZATION", mem_format(world->f->mem, "Bearer %s", world->api_key));
		ask_get(world, mem_format(world->f->mem, "/api/v1/tokens/balance?account=%s", odd_of(world, *odd, world->account)));
		turn_end(world, &turn);
	}
}

/* One right of each kind, one order, one of everything that a form names. */
static void owned(struct world *world, int64_t clerk)
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

static void keys_made(struct world *world, int64_t clerk)
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

static void a_form(struct world *world, const char *pattern, const char *form)
{
	assert_true(world->post_count < POSTS_MAX);
	world->posts[world->post_count++] = (struct post){ pattern, form };
}

#define ID22 "AAAAAAAAAAAAAAAAAAAAAA"
#define WORDS "correct+horse+battery"

static void forms_known(struct world *world)
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

static struct world *world_new(struct fixture *f)
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

/* Events: every string of one, in turn. */
static void strings_of(struct json_object *value, struct json_object **found, size_t *count)
{
	if (json_object_is_type(value, json_type_string)) {
		assert_true(*count < STRINGS_MAX);
		found[(*count)++] = value;
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			strings_of(json_object_array_get_idx(value, i), found, count);
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			strings_of(member, found, count);
		}
	}
}

static struct json_object *read_of(struct fixture *f, const char *body)
{
	struct json_object *value = json_read(f->mem, (struct bytes){ (const unsigned char *)body, strlen(body) }, 32);
	assert_non_null(value);
	return value;
}

static struct page deliver(struct fixture *f, const char *body)
{
	long long now = (long long)moment_unix(moment_now());
	const char *text = mem_format(f->mem, "%lld.%s", now, body);
	with(f, "HTTP_STRIPE_SIGNATURE",
		mem_format(f->mem, "t=%lld,v1=%s", now, hex_of(f->mem, hmac_of(f->mem, secret, text, strlen(text)))));
	return post_raw(f, "/webhooks/stripe", "application/json", body, NULL);
}

/* Answered, and not kept to be tried again for any other reason than a text that fits nowhere. */
static void told(struct world *world, const char *body)
{
	last_asked = body;
	answered(world, deliver(world->f, body));
	const char *note = db_text(&world->f->db, "SELECT note FROM stripe_event WHERE state IN ('failed', 'dead') AND note NOT RLIKE"
		" '^(1267|1366|1406) ' LIMIT 1");
	if (note)
		fail_msg("%s: %.900s", note, body);
}

static void event_bent(struct world *world, const char *body)
{
	struct json_object *strings[STRINGS_MAX];
	size_t count = 1;
	for (size_t i = 0; i < count; i++)
		for (int way = 0; way < 2; way++) {
			struct turn turn = turn_begin(world);
			struct json_object *event = read_of(world->f, body);
			strings_of(event, strings, (count = 0, &count));
			const char *good = json_object_get_string(strings[i]);
			const char *odd = way ? world->long_text : mem_format(world->f->mem, "%.*s\xC3\xA9", (int)(*good ? strlen(good) - 1 : 0), good);
			json_object_set_string(strings[i], odd);
			told(world, mem_text(world->f->mem, json_object_to_json_string(event)));
			turn_end(world, &turn);
		}
}

/* The order that the first session of a story speaks of. */
static void order_of_story(struct fixture *f, const char *const *bodies, size_t count, const char *price)
{
	int64_t id, buyer = a_member(f, "jenny@example.com");
	for (size_t i = 0; i < count; i++) {
		struct json_object *event = read_of(f, bodies[i]), *session = json_at(event, "data.object");
		if (strcmp(json_text(session, "object"), "checkout.session"))
			continue;
		db_run(&f->db, "UPDATE price SET currency = ?, amount = ? WHERE public_id = ?", json_text(session, "currency"),
			json_int(session, "amount_subtotal", 0), price);
		assert_int_equal(order_make(&f->db, buyer, price, 1, random_id(f->mem), "en", &id), ORDER_MADE);
		db_run(&f->db, "UPDATE orders SET number = ?, stripe_session = ?, stripe_url = 'https://checkout.stripe.com/c' WHERE id = ?",
			json_text(session, "client_reference_id"), json_text(session, "id"), id);
		return;
	}
}

static void no_event_breaks_on_odd_text(void **state)
{
	static const struct { const char *name; size_t told; } stories[] = { { "one-off-purchase", 4 }, { "refund-partial-then-rest", 3 },
		{ "dispute-lost", 3 }, { "monthly-subscription", 5 } };
	struct fixture *f = *state;
	struct world *world = mem_get(f->mem, sizeof *world);
	const char *bodies[STEPS_MAX], *why;
	char *text = mem_get(f->mem, LONG + 1);
	memset(text, 'x', LONG);
	*world = (struct world){ .f = f, .long_text = text };
	assert_true(conf_set("stripe_webhook_secrets", secret, &why) && conf_set("stripe_livemode", "no", &why));
	for (size_t s = 0; s < sizeof stories / sizeof stories[0]; s++) {
		db_script(&f->db, "SAVEPOINT story");
		size_t count = story_events(f, stories[s].name, bodies, 0);
		const char *price = a_price(f, "ebook", 1900);
		if (s == 3)
			price = db_text(&f->db, "SELECT public_id FROM price WHERE id = ?",
				a_plan(f, a_club(f), "plan", "price_1yQK4vEJEe0pLtFmFfkFFhwd", 900, "month", 3000));
		order_of_story(f, bodies, count, price);
		for (size_t i = 0; i < count && i < stories[s].told; i++) {
			event_bent(world, bodies[i]);
			told(world, bodies[i]);
		}
		db_script(&f->db, "ROLLBACK TO SAVEPOINT story");
	}
	print_message("# %zu events\n", world->asked);
	assert_int_equal(world->broken, 0);
}

static void no_route_breaks_on_odd_text(void **state)
{
	struct fixture *f = *state;
	struct world *world = world_new(f);
	routes_each(paths_bent, world);
	routes_each(queries_bent, world);
	routes_each(forms_bent, world);
	routes_each(headers_bent, world);
	routes_each(cookies_bent, world);
	routes_each(calls_bent, world);
	balance_bent(world);
	forms_all_known(world);
	fake_stripe_end(world->stripe);
	print_message("# %zu requests\n", world->asked);
	assert_int_equal(world->broken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(no_route_breaks_on_odd_text), TEST(no_event_breaks_on_odd_text) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
