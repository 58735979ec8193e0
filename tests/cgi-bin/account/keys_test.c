/* /account/keys: made, shown once, listed, revoked; only after the password, only one's own. */
#include "../../tokens.h"

#include "api_key.h"

static const char *shown(struct fixture *f, struct page page)
{
	const char *at = strstr(page.body, "readonly value=\"");
	return at ? mem_textn(f->mem, at + 16, strcspn(at + 16, "\"")) : NULL;
}

static void empty_is_friendly(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(get(f, "/account/keys").location, "/login?next=%2Faccount%2Fkeys");
	log_in(f, a_member(f, "jenny@example.com"));
	struct page page = get(f, "/account/keys");
	assert_has(page, "No keys yet.");
	assert_int_equal(times(page.body, "type=\"checkbox\""), 4);
}

static void a_key_is_shown_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	log_in(f, jenny);
	struct page page = post(f, "/account/keys", "name=My+%3Cautomation%3E&tokens_read=yes&access_use=yes");
	assert_int_equal(page.status, 200);
	const char *key = shown(f, page);
	const struct api_key *found = api_key_find(&f->db, key);
	assert_non_null(found);
	assert_int_equal(found->account_id, jenny);
	assert_string_equal(found->scopes, " tokens:read access:use ");
	assert_true(api_key_may(found, SCOPE_ACCESS_USE) && !api_key_may(found, SCOPE_TOKENS_DEBIT));
	page = get(f, "/account/keys");
	assert_lacks(page, key);
	assert_has(page, "My &lt;automation&gt;");
	assert_has(page, "tokens:read access:use");
	assert_has(page, "never used");
	api_key_used(&f->db, found);
	assert_has(get(f, "/account/keys"), "last used");
	const char *id = db_text(&f->db, "SELECT public_id FROM api_key");
	log_in(f, a_member(f, "omar@example.com"));
	assert_lacks(get(f, "/account/keys"), "automation");
	assert_int_equal(post(f, "/account/keys/revoke", mem_format(f->mem, "key=%s", id)).status, 404);
	log_in(f, jenny);
	assert_string_equal(post(f, "/account/keys/revoke", mem_format(f->mem, "key=%s", id)).location,
		"/account/keys?notice=key_revoked");
	assert_null(api_key_find(&f->db, key));
	assert_has(get(f, "/account/keys"), "No keys yet.");
}

static void wrong_forms_make_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *key;
	log_in(f, jenny);
	struct page page = post(f, "/account/keys", "name=&tokens_read=yes");
	assert_int_equal(page.status, 422);
	assert_has(page, "name=\"tokens_read\" value=\"yes\" checked");
	assert_has(page, "aria-invalid");
	page = post(f, "/account/keys", "name=robot");
	assert_int_equal(page.status, 422);
	assert_has(page, "choose one at least");
	assert_has(page, "value=\"robot\"");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM api_key"), 0);
	for (int i = 0; i < API_KEYS_MAX; i++)
		api_key_make(&f->db, jenny, jenny, "robot", 1, &key);
	assert_has(post(f, "/account/keys", "name=robot&tokens_read=yes"), "20 keys already");
}

static void making_one_wants_the_password(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	db_run(&f->db, "UPDATE session SET proved_at = ?", moment_add_seconds(moment_now(), -3600));
	struct page page = get(f, "/account/keys");
	assert_lacks(page, "checkbox");
	assert_has(page, "href=\"/reauth?next=%2Faccount%2Fkeys\"");
	assert_string_equal(post(f, "/account/keys", "name=robot&tokens_read=yes").location,
		"/reauth?next=%2Faccount%2Fkeys");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM api_key"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(empty_is_friendly), TEST(a_key_is_shown_once),
		TEST(wrong_forms_make_nothing), TEST(making_one_wants_the_password) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
