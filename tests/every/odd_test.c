/* odd_test.c: every route of every zone, with letters that are no ASCII and bytes that are no letters in each place where
 * somebody else's text comes in: none of them answers 5xx. A route or a form that is not listed here fails the test. */
#include "world.h"

#include "serve.h"

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
	const struct CMUnitTest tests[] = { TEST(no_route_breaks_on_odd_text) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
