/* stripe_api.c: form encoding, idempotency keys, retries. Callbacks of libcurl never unwind: they fill plain memory. */
#include "stripe_api.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "form.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "patience.h"
#include "sign.h"
#include "slot.h"

enum { TRIES = 3, ANSWER_MAX = 4 << 20 };

/* How long a call may take. For a page: of its patience; less than LEAST left is not worth a call. Elsewhere: the setting. */
enum { CONNECT_MS = 5000, PAGE_CONNECT_MS = 3000, PAGE_CALL_MS = 6000, LEAST_MS = 500, TIMEOUT_MOST = 600 };

/* A slot that comes free is worth as long as Stripe's answers usually take. */
enum { SLOT_WAIT_MS = 1000 };

/* For how long Stripe is left alone after it did not answer in time. */
enum { REST_SECONDS = 60 };

struct answer_bytes {
	char *text;
	size_t length;
	bool no_retry;
	bool retry;
	bool replayed; /* kept by Stripe from the first request under this key */
	char request_id[64];
};

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct answer_bytes *answer = arg;
	size_t length = size * count;
	if (answer->length + length > ANSWER_MAX)
		return 0;
	char *more = realloc(answer->text, answer->length + length + 1);
	if (!more)
		return 0;
	memcpy(more + answer->length, bytes, length);
	answer->text = more;
	answer->length += length;
	more[answer->length] = 0;
	return length;
}

/* Where the value of that header begins in the line, or NULL. */
static const char *header_value(const char *line, size_t length, const char *name)
{
	size_t n = strlen(name);
	return length > n + 2 && !strncasecmp(line, name, n) && line[n] == ':' && line[n + 1] == ' ' ? line + n + 2 : NULL;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct answer_bytes *answer = arg;
	size_t length = size * count;
	const char *again = header_value(line, length, "Stripe-Should-Retry"), *id = header_value(line, length, "Request-Id");
	const char *replayed = header_value(line, length, "Idempotent-Replayed");
	if (again) {
		answer->retry = *again == 't';
		answer->no_retry = *again == 'f';
	}
	if (replayed)
		answer->replayed = *replayed == 't';
	if (id) {
		size_t n = strcspn(id, "\r\n");
		n = n < sizeof answer->request_id - 1 ? n : sizeof answer->request_id - 1;
		memcpy(answer->request_id, id, n);
		answer->request_id[n] = 0;
	}
	return length;
}

struct buffer stripe_form(struct mem *mem)
{
	return buffer_new(mem, 1024);
}

void stripe_field(struct buffer *form, const char *name, const char *value)
{
	buffer_format(form, "%s%s=%s", form->length ? "&" : "", name, url_encode(form->mem, value));
}

void stripe_number(struct buffer *form, const char *name, int64_t value)
{
	buffer_format(form, "%s%s=%lld", form->length ? "&" : "", name, (long long)value);
}

static void headers_drop(void *list)
{
	curl_slist_free_all(list);
}

/* One handle of the process, with the connections it keeps: to open one takes longer than most calls. Not after a fork:
 * parent and child would speak on the same. */
static CURL *handle(void)
{
	static CURL *curl;
	static pid_t owner;
	if (curl && owner == getpid())
		curl_easy_reset(curl);
	else
		curl = curl_easy_init();
	owner = getpid();
	return curl;
}

static void bytes_drop(void *arg)
{
	struct answer_bytes *answer = arg;
	free(answer->text);
	answer->text = NULL;
}

/* What is asked; form and key NULL: none; method NULL: POST with a form, else GET. */
struct ask {
	const char *method, *path, *key;
	const struct buffer *form;
};

static CURL *request_new(struct mem *mem, const struct ask *ask, struct answer_bytes *answer)
{
	CURL *curl = handle();
	if (!curl)
		fail("mem.out", "no memory for a request");
	struct curl_slist *headers = curl_slist_append(NULL, mem_format(mem, "Stripe-Version: %s", conf.stripe_version));
	if (ask->key)
		headers = curl_slist_append(headers, mem_format(mem, "Idempotency-Key: %s", ask->key));
	mem_defer(mem, headers_drop, headers);
	curl_easy_setopt(curl, CURLOPT_URL, mem_format(mem, "%s%s", conf.stripe_api, ask->path));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_USERNAME, conf.stripe_key);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* no proxy from the environment */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	if (ask->form) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)ask->form->length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->form->text);
	}
	if (ask->method)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
	return curl;
}

/* A worker has one thread: each call to a Stripe that hangs would hold up the mails behind it. So it asks once in a while, and
 * jobs that need Stripe fail at once in between and come again by their own backoff. Cleared by any answer. */
static struct moment hung_at;

bool stripe_rests(void)
{
	int64_t since = moment_now().us - hung_at.us;
	return hung_at.us && since >= 0 && since < REST_SECONDS * INT64_C(1000000); /* since < 0: the clock was set back */
}

static void hung_note(CURLcode code)
{
	if (code == CURLE_OK)
		hung_at = (struct moment){ 0 };
	else if (code == CURLE_OPERATION_TIMEDOUT)
		hung_at = moment_now();
}

static void time_limit(CURL *curl)
{
	int64_t timeout = conf.stripe_timeout < 1 ? 1 : conf.stripe_timeout < TIMEOUT_MOST ? conf.stripe_timeout : TIMEOUT_MOST;
	int64_t left = patience_left(), whole = patience_counts() ? PAGE_CALL_MS : timeout * 1000;
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(patience_counts() ? PAGE_CONNECT_MS : CONNECT_MS));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left < 1 ? 1 : left < whole ? left : whole)); /* 0 would be: no limit */
}

/* The slot that a page needs, so that a Stripe that hangs leaves processes for pages that need none. When Stripe just hung
 * nobody waits for one. Without its folder (an installation that was not set up anew) there is no limit: better than no shop. */
static int page_slot(void)
{
	char folder[64];
	snprintf(folder, sizeof folder, "lock-%s", conf_zone());
	int slot = slot_take(folder, "stripe", conf.stripe_slots, stripe_rests() ? 0 : SLOT_WAIT_MS);
	if (slot == SLOT_NONE)
		hung_at = moment_now();
	if (slot == SLOT_LOST)
		log_line("stripe.slot", "folder=%s why=%s", folder, log_word(strerror(errno)));
	return slot;
}

/* False when it was not sent: too many wait already. */
static bool perform(CURL *curl, CURLcode *code)
{
	int slot = patience_counts() ? page_slot() : SLOT_LOST;
	if (slot == SLOT_NONE)
		return false;
	time_limit(curl);
	*code = curl_easy_perform(curl);
	slot_give(slot);
	hung_note(*code);
	return true;
}

/* A fault that is kept under the key comes again as it is. */
static bool worth_again(int status, const struct answer_bytes *answer)
{
	if (answer->replayed && status >= 500)
		return false;
	if (answer->retry || answer->no_retry)
		return answer->retry;
	return !status || status == 409 || status == 429 || status >= 500;
}

/* After a pause, from the second try on. */
static bool may_ask(int try)
{
	int64_t pause = try ? 125L << try : 0;
	bool rests = !patience_counts() && stripe_rests();
	if (try == TRIES || rests || patience_left() < pause + LEAST_MS)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = pause * 1000000L }, NULL);
	return true;
}

/* One request. False when another is not worth it. */
static bool asked(struct mem *mem, const struct ask *ask, int try, struct stripe_answer *result)
{
	struct answer_bytes *answer = mem_get(mem, sizeof *answer);
	mem_defer(mem, bytes_drop, answer);
	CURL *curl = request_new(mem, ask, answer);
	CURLcode code;
	int path = (int)strcspn(ask->path, "?");
	long status = 0;
	if (!perform(curl, &code)) {
		log_line("stripe.full", "path=%.*s try=%d", path, ask->path, try + 1);
		return false;
	}
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	result->status = (int)status;
	result->value = json_read(mem, (struct bytes){ (unsigned char *)answer->text, answer->length }, 32);
	result->spent = (status >= 500 && answer->replayed) || !strcmp(json_text(result->value, "error.type"), "idempotency_error");
	log_line("stripe.call", "path=%.*s status=%d curl=%d try=%d stripe_request=%s code=%s", path, ask->path, result->status,
		(int)code, try + 1, log_word(answer->request_id), log_word(json_text(result->value, "error.code")));
	return worth_again(result->status, answer);
}

static enum stripe_end end_of(const struct stripe_answer *result)
{
	if (result->status >= 200 && result->status < 300 && result->value)
		return STRIPE_GOOD;
	bool refused = result->status >= 400 && result->status < 500 && result->status != 409 && result->status != 429;
	return refused ? STRIPE_REFUSED : STRIPE_UNSURE;
}

static struct stripe_answer call(struct mem *mem, const struct ask *ask)
{
	struct stripe_answer result = { .end = STRIPE_NO_KEY };
	if (!*conf.stripe_key)
		return result;
	int try = 0;
	while (may_ask(try) && asked(mem, ask, try, &result))
		try++;
	result.end = end_of(&result);
	return result;
}

struct stripe_answer stripe_post(struct mem *mem, const char *path, struct buffer form, const char *idempotency_key)
{
	return call(mem, &(struct ask){ .path = path, .key = idempotency_key, .form = &form });
}

struct stripe_answer stripe_post_harmless(struct mem *mem, const char *path, struct buffer form, const char *idempotency_key)
{
	struct stripe_answer answer = stripe_post(mem, path, form, idempotency_key);
	return answer.spent ? stripe_post(mem, path, form, mem_format(mem, "%s-%s", idempotency_key, random_id(mem))) : answer;
}

struct stripe_answer stripe_get(struct mem *mem, const char *path)
{
	return call(mem, &(struct ask){ .path = path });
}

struct stripe_answer stripe_delete(struct mem *mem, const char *path)
{
	return call(mem, &(struct ask){ .method = "DELETE", .path = path });
}

static void line_add(struct mem *mem, struct buffer *form, const struct order *order, const struct order_line *line, size_t i)
{
	stripe_number(form, mem_format(mem, "line_items[%zu][quantity]", i), line->quantity);
	stripe_field(form, mem_format(mem, "line_items[%zu][price_data][currency]", i), line->amount.currency);
	stripe_number(form, mem_format(mem, "line_items[%zu][price_data][unit_amount]", i), line->unit_amount.minor);
	stripe_field(form, mem_format(mem, "line_items[%zu][price_data][product_data][name]", i),
		order_line_name(mem, line));
	if (*order->tax_behavior)
		stripe_field(form, mem_format(mem, "line_items[%zu][price_data][tax_behavior]", i), order->tax_behavior);
}

/* Checkout asks for as much of the address as the tax needs; of a customer whom Stripe knows it has to be told to keep it. */
static void tax_ask(struct buffer *form, const char *customer)
{
	stripe_field(form, "automatic_tax[enabled]", "true");
	if (customer)
		stripe_field(form, "customer_update[address]", "auto");
}

bool stripe_customer_gone(const struct stripe_answer *answer)
{
	return answer->end == STRIPE_REFUSED && !strcmp(json_text(answer->value, "error.code"), "resource_missing") &&
		!strcmp(json_text(answer->value, "error.param"), "customer");
}

struct buffer stripe_session_form(struct mem *mem, const struct order *order, const char *mode, const char *email,
	const char *customer)
{
	struct buffer form = stripe_form(mem);
	const char *back = mem_format(mem, "%s/checkout/return/%s", conf.base_url, order->number);
	stripe_field(&form, "mode", mode);
	stripe_field(&form, "client_reference_id", order->number);
	stripe_field(&form, "metadata[order_id]", order->number);
	stripe_field(&form, "success_url", back);
	stripe_field(&form, "cancel_url", mem_format(mem, "%s?canceled=1", back));
	stripe_field(&form, "locale", order->language);
	stripe_field(&form, customer ? "customer" : "customer_email", customer ? customer : email);
	if (order->promotions)
		stripe_field(&form, "allow_promotion_codes", "true");
	if (*order->tax_behavior)
		tax_ask(&form, customer);
	return form;
}

struct stripe_answer stripe_session_post(struct mem *mem, const struct order *order, struct buffer form, int64_t try)
{
	return stripe_post(mem, "/v1/checkout/sessions", form,
		mem_format(mem, "%s-checkout-%lld", order->number, (long long)try));
}

struct stripe_answer stripe_session_expire(struct mem *mem, const char *session)
{
	return stripe_post_harmless(mem, mem_format(mem, "/v1/checkout/sessions/%s/expire", url_encode(mem, session)), stripe_form(mem),
		mem_format(mem, "expire-%s", session));
}

struct stripe_answer stripe_session_create(struct mem *mem, const struct order *order, struct list lines,
	const char *email, const char *customer, int64_t try)
{
	struct buffer form = stripe_session_form(mem, order, "payment", email, customer);
	stripe_field(&form, "payment_intent_data[metadata][order_id]", order->number);
	size_t i = 0;
	LIST_EACH(order_line, line, lines)
		line_add(mem, &form, order, line, i++);
	return stripe_session_post(mem, order, form, try);
}
