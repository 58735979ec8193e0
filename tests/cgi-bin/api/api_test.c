/* /api/v1/…: keys, scopes, whose account it is; debits, balances, access; what comes wrong. */
#include "../../tokens.h"

#include <json-c/json.h>

#include "access.h"
#include "api_key.h"
#include "json.h"

enum { READ = 1 << SCOPE_TOKENS_READ, DEBIT = 1 << SCOPE_TOKENS_DEBIT, CHECK = 1 << SCOPE_ACCESS_CHECK,
	USE = 1 << SCOPE_ACCESS_USE, ALL = READ | DEBIT | CHECK | USE };

static const char *a_key(struct fixture *f, int64_t account, unsigned scopes)
{
	const char *key = NULL;
	assert_int_equal(api_key_make(&f->db, account, account, "test", scopes, &key), API_KEY_MADE);
	assert_int_equal(strlen(key), 47);
	return key;
}

static void with_key(struct fixture *f, const char *key)
{
	if (key)
		with(f, "HTTP_AUTHORIZATION", mem_format(f->mem, "Bearer %s", key));
}

static struct page send(struct fixture *f, const char *key, const char *path, const char *json)
{
	with_key(f, key);
	return post_raw(f, path, "application/json", json, NULL);
}

static struct page debit(struct fixture *f, const char *key, const char *idempotency, const char *json)
{
	if (idempotency)
		with(f, "HTTP_IDEMPOTENCY_KEY", idempotency);
	return send(f, key, "/api/v1/tokens/debit", json);
}

static struct page balance(struct fixture *f, const char *key, const char *query)
{
	with_key(f, key);
	return get(f, mem_format(f->mem, "/api/v1/tokens/balance%s", query));
}

static struct json_object *body(struct fixture *f, struct page page)
{
	struct json_object *object = json_read(f->mem, (struct bytes){ (const unsigned char *)page.body,
		strlen(page.body) }, 4);
	assert_non_null(object);
	return object;
}

static int64_t number(struct fixture *f, struct page page, const char *name)
{
	return json_int(body(f, page), name, -1);
}

#define assert_problem(page_, status_, code_)                                                                        \
	do {                                                                                                             \
		struct page p_ = page_;                                                                                      \
		assert_int_equal(p_.status, status_);                                                                        \
		assert_string_equal(header_of(f, p_, "Content-Type"), "application/problem+json");                             \
		struct json_object *o_ = body(f, p_);                                                                        \
		assert_string_equal(json_text(o_, "code"), code_);                                                           \
		assert_string_equal(json_text(o_, "type"), "about:blank");                                                   \
		assert_int_equal(json_int(o_, "status", 0), status_);                                                        \
		assert_true(*json_text(o_, "title"));                                                                        \
	} while (0)

static const char *public_id(struct fixture *f, int64_t account)
{
	return db_text(&f->db, "SELECT public_id FROM account WHERE id = ?", account);
}

static void only_a_key_that_stands_comes_in(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL);
	struct page page = balance(f, NULL, "");
	assert_problem(page, 401, "key_missing");
	assert_string_equal(header_of(f, page, "WWW-Authenticate"), "Bearer");
	assert_problem(balance(f, "nonsense", ""), 401, "key_unknown");
	char *wrong = mem_text(f->mem, key);
	wrong[46] = wrong[46] == 'A' ? 'B' : 'A';
	assert_problem(balance(f, wrong, ""), 401, "key_unknown");
	with(f, "HTTP_AUTHORIZATION", mem_format(f->mem, "Basic %s", key));
	assert_problem(get(f, "/api/v1/tokens/balance"), 401, "key_missing");
	log_in(f, jenny); /* a cookie is no key */
	assert_problem(balance(f, NULL, ""), 401, "key_missing");
	assert_int_equal(balance(f, key, "").status, 200);
	assert_true(api_key_revoke(&f->db, jenny, jenny, db_text(&f->db, "SELECT public_id FROM api_key")));
	assert_problem(balance(f, key, ""), 401, "key_unknown");
	assert_problem(debit(f, key, "k", "{\"amount\":1}"), 401, "key_unknown");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM api_key WHERE key_hash = ?",
		sha256_of(f->mem, key, strlen(key))), 1);
}

static void many_wrong_keys_are_braked_right_ones_are_not(void **state)
{
	struct fixture *f = *state;
	const char *key = a_key(f, a_member(f, "jenny@example.com"), ALL);
	for (int i = 0; i < 60; i++)
		assert_int_equal(balance(f, "nonsense", "").status, 401);
	struct page page = balance(f, "nonsense", "");
	assert_problem(page, 429, "too_many_requests");
	assert_non_null(header_of(f, page, "Retry-After"));
	assert_int_equal(balance(f, key, "").status, 200);
}

static void a_key_does_what_its_scopes_say(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	some_tokens(f, jenny, 10);
	static const struct { unsigned scope; const char *path; } routes[] = {
		{ DEBIT, "/api/v1/tokens/debit" }, { CHECK, "/api/v1/access/check" }, { USE, "/api/v1/access/use" } };
	for (size_t i = 0; i < 3; i++) {
		const char *others = a_key(f, jenny, ALL & ~routes[i].scope), *one = a_key(f, jenny, routes[i].scope);
		assert_problem(send(f, others, routes[i].path, "{}"), 403, "scope_missing");
		assert_problem(send(f, one, routes[i].path, "{}"), 422, "invalid_request");
	}
	assert_problem(balance(f, a_key(f, jenny, ALL & ~READ), ""), 403, "scope_missing");
	assert_int_equal(balance(f, a_key(f, jenny, READ), "").status, 200);
}

static void use_is_noted_each_five_minutes(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	const char *key = a_key(f, a_member(f, "jenny@example.com"), ALL);
	struct moment start = moment_now();
	for (int i = 0; i < 10; i++) {
		balance(f, key, "");
		moment_clock_set(moment_add_seconds(moment_now(), 60));
	}
	assert_int_equal(db_int(&f->db, "SELECT TIMESTAMPDIFF(SECOND, ?, used_at) FROM api_key", start), 300);
}

static void debits_once_per_key(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL);
	some_tokens(f, jenny, 100);
	struct page first = debit(f, key, "job-1", "{\"amount\":30,\"note\":\"A page \\u00e9\"}");
	assert_int_equal(first.status, 200);
	assert_string_equal(first.body, "{\"debited\":30,\"balance\":70}\n");
	assert_string_equal(header_of(f, first, "Content-Type"), "application/json");
	assert_string_equal(header_of(f, first, "Cache-Control"), "no-store");
	assert_null(header_of(f, first, "Idempotent-Replayed"));
	assert_null(header_of(f, first, "Set-Cookie"));
	debit(f, key, "job-2", "{\"amount\":10}");
	struct page again = debit(f, key, "job-1", "{\"amount\":30}");
	assert_int_equal(again.status, 200);
	assert_string_equal(again.body, first.body);
	assert_string_equal(header_of(f, again, "Idempotent-Replayed"), "true");
	assert_problem(debit(f, key, "job-1", "{\"amount\":31}"), 409, "idempotency_key_reused");
	struct page refused = debit(f, key, "job-3", "{\"amount\":61}");
	assert_problem(refused, 402, "insufficient_tokens");
	assert_int_equal(number(f, refused, "balance"), 60);
	some_tokens(f, jenny, 100);
	assert_string_equal(debit(f, key, "job-3", "{\"amount\":61}").body, refused.body);
	assert_int_equal(number(f, balance(f, key, ""), "balance"), 160);
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'debit' ORDER BY id"
		" LIMIT 1"), "A page é");
	assert_int_equal(token_check(&f->db), 0);
}

static void two_programs_may_name_their_work_alike(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *renderer = a_key(f, jenny, ALL), *translator = a_key(f, jenny, ALL);
	some_tokens(f, jenny, 100);
	debit(f, renderer, "job-1", "{\"amount\":10}");
	struct page page = debit(f, translator, "job-1", "{\"amount\":10}");
	assert_string_equal(page.body, "{\"debited\":10,\"balance\":80}\n");
	assert_null(header_of(f, page, "Idempotent-Replayed"));
	assert_string_equal(debit(f, renderer, "job-1", "{\"amount\":10}").body, "{\"debited\":10,\"balance\":90}\n");
}

static void a_form_does_as_well(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL);
	some_tokens(f, jenny, 100);
	with(f, "HTTP_AUTHORIZATION", mem_format(f->mem, "bearer %s", key));
	with(f, "HTTP_IDEMPOTENCY_KEY", "k");
	struct page page = post_raw(f, "/api/v1/tokens/debit", "application/x-www-form-urlencoded",
		"amount=30&note=x+y", NULL);
	assert_int_equal(number(f, page, "balance"), 70);
}

static void bad_bodies_are_told_apart(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL);
	some_tokens(f, jenny, 100);
	static const char *const broken[] = { "", "{", "[]", "null", "1", "{\"amount\":1}x", "\xff",
		"{\"amount\":1,}" };
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		assert_problem(debit(f, key, "k", broken[i]), 400, "bad_json");
	static const char *const wrong[] = { "{}", "{\"amount\":0}", "{\"amount\":-5}", "{\"amount\":1.5}",
		"{\"amount\":\"x\"}",
		"{\"amount\":99999999999999999999}", "{\"amount\":{\"a\":1}}", "{\"amount\":[1]}", "{\"amount\":null}",
		"{\"amount\":true}", "{\"amount\":1,\"note\":\"a\\u0000b\"}", "{\"amount\":1,\"note\":\"a\\nb\"}" };
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_problem(debit(f, key, "k", wrong[i]), 422, "invalid_request");
	assert_string_equal(json_text(json_object_array_get_idx(json_at(body(f, debit(f, key, "k", "{}")),
		"errors"), 0), "field"),
		"amount");
	assert_problem(debit(f, key, NULL, "{\"amount\":1}"), 422, "idempotency_key_missing");
	assert_problem(debit(f, key, "a b", "{\"amount\":1}"), 422, "idempotency_key_invalid");
	assert_problem(debit(f, key, "é", "{\"amount\":1}"), 422, "idempotency_key_invalid");
	char key_long[257];
	memset(key_long, 'k', 256);
	key_long[256] = 0;
	assert_problem(debit(f, key, key_long, "{\"amount\":1}"), 422, "idempotency_key_invalid");
	with_key(f, key);
	assert_problem(post_raw(f, "/api/v1/tokens/debit", "text/plain", "amount=1", NULL), 415,
		"unsupported_media_type");
	assert_int_equal(number(f, balance(f, key, ""), "balance"), 100);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_debit"), 0);
}

static void what_is_not_there_is_a_problem_too(void **state)
{
	struct fixture *f = *state;
	assert_problem(get(f, "/api/v1/nothing"), 404, "not_found");
	struct page page = get(f, "/api/v1/tokens/debit");
	assert_problem(page, 405, "method_not_allowed");
	char *large = mem_get(f->mem, 70001);
	memset(large, ' ', 70000);
	assert_problem(debit(f, NULL, "k", large), 413, "too_large");
	assert_string_equal(header_of(f, get(f, "/nothing"), "Content-Type"), "text/html; charset=utf-8");
}

static void a_member_s_key_touches_its_own_account_alone(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *key = a_key(f, jenny, ALL), *shop = a_key(f, 0, ALL);
	some_tokens(f, jenny, 100);
	some_tokens(f, omar, 7);
	const char *to_omar = mem_format(f->mem, "{\"amount\":1,\"account\":\"%s\"}", public_id(f, omar));
	assert_problem(debit(f, key, "k", to_omar), 404, "account_unknown");
	assert_problem(balance(f, key, mem_format(f->mem, "?account=%s", public_id(f, omar))), 404,
		"account_unknown");
	assert_int_equal(number(f, balance(f, key, mem_format(f->mem, "?account=%s", public_id(f, jenny))),
		"balance"), 100);
	assert_problem(balance(f, shop, ""), 422, "invalid_request");
	assert_problem(balance(f, shop, "?account=0000000000000000000000"), 404, "account_unknown");
	assert_problem(balance(f, shop, "?account=%C3%A9"), 404, "account_unknown");
	assert_int_equal(number(f, balance(f, shop, mem_format(f->mem, "?account=%s", public_id(f, omar))),
		"balance"), 7);
	assert_int_equal(number(f, debit(f, shop, "k", to_omar), "balance"), 6);
	const char *headers[] = { "HTTP_X_ACCOUNT_ID", "HTTP_X_USER_ID", "HTTP_X_FORWARDED_USER",
		"HTTP_REMOTE_USER" };
	for (size_t i = 0; i < 4; i++) {
		with(f, headers[i], mem_format(f->mem, "%lld", (long long)omar));
		assert_int_equal(number(f, balance(f, key, ""), "balance"), 100);
	}
}

static void checks_say_why(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL), *path = "/api/v1/access/check";
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 5));
	struct page page = send(f, key, path, "{\"module\":\"studio\"}");
	assert_int_equal(page.status, 200);
	assert_true(json_is_true(body(f, page), "valid"));
	assert_string_equal(json_text(body(f, page), "level"), "pro");
	assert_int_equal(number(f, page, "uses_left"), 5);
	assert_int_equal(strlen(json_text(body(f, page), "ends_at")), strlen("2026-11-21T14:03:00Z"));
	page = send(f, key, path, "{\"module\":\"studio\",\"level\":\"basic\"}");
	assert_int_equal(page.status, 200);
	assert_false(json_is_true(body(f, page), "valid"));
	assert_string_equal(json_text(body(f, page), "code"), "none");
	moment_clock_set(moment_add_days(moment_now(), 31));
	assert_string_equal(json_text(body(f, send(f, key, path, "{\"module\":\"studio\"}")), "code"), "ended");
	assert_problem(send(f, key, path, "{}"), 422, "invalid_request");
	assert_problem(send(f, key, path, "{\"module\":\"stüdio\"}"), 422, "invalid_request");
	assert_lacks(page, "jenny");
}

static void uses_are_taken_by_token_or_account(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *shop = a_key(f, 0, ALL), *own = a_key(f, jenny, ALL), *foreign = a_key(f, omar, ALL),
		*token = NULL;
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 3));
	assert_int_equal(access_token_make(&f->db, jenny, db_text(&f->db, "SELECT public_id FROM module_access"),
		1, &token), ACCESS_TOKEN_MADE);
	const char *by_token = mem_format(f->mem, "{\"token\":\"%s\"}", token), *path = "/api/v1/access/use";
	assert_problem(send(f, foreign, path, by_token), 404, "access_none");
	struct page page = send(f, shop, path, by_token);
	assert_int_equal(page.status, 200);
	assert_int_equal(number(f, page, "uses_left"), 2);
	assert_int_equal(number(f, page, "token_uses_left"), 0);
	assert_problem(send(f, shop, path, by_token), 403, "access_token_ended");
	assert_int_equal(number(f, send(f, own, path, "{\"module\":\"studio\"}"), "uses_left"), 1);
	assert_int_equal(number(f, send(f, own, path, "{\"module\":\"studio\"}"), "uses_left"), 0);
	assert_problem(send(f, own, path, "{\"module\":\"studio\"}"), 403, "access_used_up");
	assert_problem(send(f, own, path, "{\"module\":\"other\"}"), 404, "access_none");
	assert_problem(send(f, shop, path, "{\"module\":\"studio\"}"), 422, "invalid_request");
}

/* A use whose answer was lost is asked for again under its key: taken once. */
static void a_use_under_a_key_is_taken_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL), *other = a_key(f, jenny, ALL), *path = "/api/v1/access/use",
		*studio = "{\"module\":\"studio\"}";
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 3));
	with(f, "HTTP_IDEMPOTENCY_KEY", "render-1");
	struct page first = send(f, key, path, studio);
	assert_int_equal(number(f, first, "uses_left"), 2);
	with(f, "HTTP_IDEMPOTENCY_KEY", "render-1");
	struct page again = send(f, key, path, studio);
	assert_int_equal(again.status, 200);
	assert_string_equal(header_of(f, again, "Idempotent-Replayed"), "true");
	assert_string_equal(again.body, first.body);
	with(f, "HTTP_IDEMPOTENCY_KEY", "render-1");
	assert_problem(send(f, key, path, "{\"module\":\"studio\",\"level\":\"pro\"}"), 409, "idempotency_key_reused");
	with(f, "HTTP_IDEMPOTENCY_KEY", "render-1"); /* keys are each program's own */
	assert_int_equal(number(f, send(f, other, path, studio), "uses_left"), 1);
	with(f, "HTTP_IDEMPOTENCY_KEY", "render 2");
	assert_problem(send(f, key, path, studio), 422, "idempotency_key_invalid");
}

/* A refusal takes nothing and keeps no key: bought meanwhile, the same request is served. */
static void a_refused_use_leaves_its_key_free(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key = a_key(f, jenny, ALL), *path = "/api/v1/access/use", *studio = "{\"module\":\"studio\"}";
	with(f, "HTTP_IDEMPOTENCY_KEY", "render-1");
	assert_problem(send(f, key, path, studio), 404, "access_none");
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 3));
	with(f, "HTTP_IDEMPOTENCY_KEY", "render-1");
	assert_int_equal(send(f, key, path, studio).status, 200);
}

static void keys_have_a_number_and_an_owner(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	const char *key;
	for (int i = 0; i < API_KEYS_MAX; i++)
		a_key(f, jenny, READ);
	assert_int_equal(api_key_make(&f->db, jenny, jenny, "one more", READ, &key), API_KEY_TOO_MANY);
	const char *id = db_text(&f->db, "SELECT public_id FROM api_key LIMIT 1");
	assert_false(api_key_revoke(&f->db, omar, omar, id));
	assert_true(api_key_revoke(&f->db, jenny, jenny, id));
	assert_false(api_key_revoke(&f->db, jenny, jenny, id));
	assert_int_equal(api_key_make(&f->db, jenny, jenny, "one more", READ, &key), API_KEY_MADE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_a_key_that_stands_comes_in),
		TEST(many_wrong_keys_are_braked_right_ones_are_not),
		TEST(a_key_does_what_its_scopes_say),
		TEST(use_is_noted_each_five_minutes),
		TEST(debits_once_per_key),
		TEST(two_programs_may_name_their_work_alike),
		TEST(a_form_does_as_well),
		TEST(bad_bodies_are_told_apart),
		TEST(what_is_not_there_is_a_problem_too),
		TEST(a_member_s_key_touches_its_own_account_alone),
		TEST(checks_say_why),
		TEST(uses_are_taken_by_token_or_account),
		TEST(a_use_under_a_key_is_taken_once),
		TEST(a_refused_use_leaves_its_key_free),
		TEST(keys_have_a_number_and_an_owner),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
