/* member_test.c: what members and their programs ask for, each packet cut: checkout, debits, downloads. */
#include "../buyer.h"
#include "cut.h"

#include "api_key.h"
#include "download.h"

/* As a page shows it, to be sent by the program's own connection. */
static const char *form_token(struct fixture *f, const char *path)
{
	static const char mark[] = "name=\"csrf\" value=\"";
	const char *token = strstr(get(f, path).body, mark);
	assert_non_null(token);
	token += strlen(mark);
	return mem_textn(f->mem, token, strcspn(token, "\""));
}

static const char session_answer[] =
	"{\"id\":\"cs_test_cut\",\"object\":\"checkout.session\",\"livemode\":false,"
	"\"expires_at\":%lld,\"status\":\"open\",\"payment_status\":\"unpaid\",\"url\":\"https://"
	"checkout.stripe.com/c/cut\"}";

static void checkout_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	const char *price = a_price(f, "ebook", 1900);
	log_in(f, a_member(f, "jenny@example.com"));
	cut->path = mem_format(f->mem, "/checkout/%s", price);
	cut->form = mem_format(f->mem, "quantity=1&request_key=%s&action=pay&csrf=%s", random_id(f->mem),
		form_token(f, cut->path));
	fake_says(cut->fake, 200,
		mem_format(f->mem, session_answer, (long long)moment_unix(moment_add_days(moment_now(), 1))));
}

static int checkout_pressed(struct cut *cut)
{
	struct page page = post_raw(
		cut->f, cut->path, "application/x-www-form-urlencoded", cut->form, conf.base_url);
	if (page.status == 303)
		assert_string_equal(page.location, "https://checkout.stripe.com/c/cut");
	return page.status == 303 ? 200 : page.status;
}

/* However often it was pressed: Stripe was asked for one session, by one key. */
static void one_session(struct cut *cut)
{
	assert_int_equal(cut->fake->keys, 1);
	assert_int_equal(db_int(&cut->f->db, "SELECT checkout_tries FROM orders"), 1);
}

static void debit_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	int64_t jenny = a_member(f, "jenny@example.com");
	assert_int_equal(
		api_key_make(&f->db, jenny, jenny, "test", 1 << SCOPE_TOKENS_DEBIT, &cut->key), API_KEY_MADE);
	db_run(&f->db, "UPDATE api_key SET used_at = ?", moment_now());
	for (int64_t i = 0; i < 3; i++) {
		db_begin(&f->db);
		assert_true(token_adjust(&f->db, jenny, 0, 10, "for a test"));
		db_commit(&f->db);
	}
}

static int debited(struct cut *cut)
{
	with(cut->f, "HTTP_AUTHORIZATION", mem_format(cut->f->mem, "Bearer %s", cut->key));
	with(cut->f, "HTTP_IDEMPOTENCY_KEY", "work-1");
	struct page page = post_raw(cut->f, "/api/v1/tokens/debit", "application/json", "{\"amount\":25}", NULL);
	if (page.status == 200)
		assert_non_null(strstr(page.body, "\"balance\":5"));
	return page.status;
}

static void download_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	int64_t jenny = a_member(f, "jenny@example.com"), order = a_purchase(f, jenny, a_price(f, "ebook", 1900));
	const char *token = NULL;
	const struct download *download;
	log_in(f, jenny);
	assert_int_equal(download_link_make(&f->db, jenny, right_of_order(f, order), file_named(f, "ebook.txt"),
						 &token, &download),
		DOWNLOAD_OPEN);
	cut->path = mem_format(f->mem, "/download/%s", token);
	cut->csrf = NULL;
	cut->form = NULL;
}

static int downloaded(struct cut *cut)
{
	struct page page = get(cut->f, cut->path);
	if (page.status == 200)
		assert_string_equal(page.body, "walk, night, walk\n");
	return page.status;
}

static void link_seed(struct cut *cut)
{
	struct fixture *f = cut->f;
	download_seed(cut);
	cut->form = mem_format(f->mem, "entitlement=%s&file=%s&csrf=%s",
		db_text(&f->db, "SELECT public_id FROM entitlement WHERE kind = 'download'"),
		file_named(f, "ebook.txt"), form_token(f, "/account/downloads"));
	db_run(&f->db, "DELETE FROM download_link");
}

/* Who presses again has another link: one that was never followed counts nothing, and the state leaves
 * it out. */
static int link_pressed(struct cut *cut)
{
	struct page page = post_raw(
		cut->f, "/account/downloads", "application/x-www-form-urlencoded", cut->form, conf.base_url);
	if (page.status == 303)
		assert_memory_equal(page.location, "/download/", 10);
	return page.status == 303 ? 200 : page.status;
}

static void a_link(struct cut *cut)
{
	assert_in_range(db_int(&cut->f->db, "SELECT COUNT(*) FROM download_link WHERE used_at IS NULL"), 1, 3);
}

SCENE(checkout_is_cut, "checkout", checkout_seed, checkout_pressed, one_session, .states = 3)
SCENE(debit_is_cut, "debit", debit_seed, debited, .states = 2)
SCENE(download_is_cut, "download", download_seed, downloaded, .states = 2)
SCENE(link_is_cut, "link", link_seed, link_pressed, a_link, .states = 1)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CUT_TEST(checkout_is_cut),
		CUT_TEST(debit_is_cut),
		CUT_TEST(download_is_cut),
		CUT_TEST(link_is_cut),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
