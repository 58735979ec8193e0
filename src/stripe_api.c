/* stripe_api.c: form encoding, idempotency keys, retries. Callbacks of libcurl never unwind: they fill plain memory. */
#include "stripe_api.h"

#include <curl/curl.h>
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

enum { TRIES = 3, ANSWER_MAX = 4 << 20, CONNECT_SECONDS = 5, WHOLE_SECONDS = 20 };

struct answer_bytes {
	char *text;
	size_t length;
	bool no_retry;
	bool retry;
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

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct answer_bytes *answer = arg;
	size_t length = size * count;
	if (length > 21 && !strncasecmp(line, "Stripe-Should-Retry: ", 21)) {
		answer->retry = line[21] == 't';
		answer->no_retry = line[21] == 'f';
	}
	if (length > 12 && !strncasecmp(line, "Request-Id: ", 12)) {
		size_t n = strcspn(line + 12, "\r\n");
		n = n < sizeof answer->request_id - 1 ? n : sizeof answer->request_id - 1;
		memcpy(answer->request_id, line + 12, n);
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

static CURL *request_new(struct mem *mem, const char *path, const struct buffer *form, const char *key,
	struct answer_bytes *answer)
{
	CURL *curl = handle();
	if (!curl)
		fail("mem.out", "no memory for a request");
	struct curl_slist *headers = curl_slist_append(NULL, mem_format(mem, "Stripe-Version: %s", conf.stripe_version));
	if (key)
		headers = curl_slist_append(headers, mem_format(mem, "Idempotency-Key: %s", key));
	mem_defer(mem, headers_drop, headers);
	curl_easy_setopt(curl, CURLOPT_URL, mem_format(mem, "%s%s", conf.stripe_api, path));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_USERNAME, conf.stripe_key);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* no proxy from the environment */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WHOLE_SECONDS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	if (form) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form->length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form->text);
	}
	return curl;
}

static bool worth_again(int status, const struct answer_bytes *answer)
{
	if (answer->retry || answer->no_retry)
		return answer->retry;
	return !status || status == 409 || status == 429 || status >= 500;
}

static void pause_before(int try)
{
	struct timespec pause = { 0, (250L << try) * 1000000L };
	nanosleep(&pause, NULL);
}

static struct stripe_answer call(struct mem *mem, const char *method, const char *path, const struct buffer *form,
	const char *key)
{
	struct stripe_answer result = { .end = STRIPE_NO_KEY };
	if (!*conf.stripe_key)
		return result;
	for (int try = 0; try < TRIES; try++) {
		struct answer_bytes *answer = mem_get(mem, sizeof *answer);
		mem_defer(mem, bytes_drop, answer);
		CURL *curl = request_new(mem, path, form, key, answer);
		if (method)
			curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
		CURLcode code = curl_easy_perform(curl);
		long status = 0;
		if (code == CURLE_OK)
			curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
		result.status = (int)status;
		result.value = json_read(mem, (struct bytes){ (unsigned char *)answer->text, answer->length }, 32);
		log_line("stripe.call", "path=%.*s status=%d curl=%d try=%d stripe_request=%s code=%s",
			(int)strcspn(path, "?"), path, result.status,
			(int)code, try + 1, log_word(answer->request_id), log_word(json_text(result.value, "error.code")));
		if (!worth_again(result.status, answer))
			break;
		if (try + 1 < TRIES)
			pause_before(try);
	}
	bool good = result.status >= 200 && result.status < 300 && result.value;
	bool refused = result.status >= 400 && result.status < 500 && result.status != 409 && result.status != 429;
	result.end = good ? STRIPE_GOOD : refused ? STRIPE_REFUSED : STRIPE_UNSURE;
	return result;
}

struct stripe_answer stripe_post(struct mem *mem, const char *path, struct buffer form, const char *idempotency_key)
{
	return call(mem, NULL, path, &form, idempotency_key);
}

struct stripe_answer stripe_get(struct mem *mem, const char *path)
{
	return call(mem, NULL, path, NULL, NULL);
}

struct stripe_answer stripe_delete(struct mem *mem, const char *path)
{
	return call(mem, "DELETE", path, NULL, NULL);
}

static void line_add(struct mem *mem, struct buffer *form, const struct order_line *line, size_t i)
{
	const char *title = *line->price_title ? mem_format(mem, "%s — %s", line->title, line->price_title) : line->title;
	stripe_number(form, mem_format(mem, "line_items[%zu][quantity]", i), line->quantity);
	stripe_field(form, mem_format(mem, "line_items[%zu][price_data][currency]", i), line->amount.currency);
	stripe_number(form, mem_format(mem, "line_items[%zu][price_data][unit_amount]", i), line->unit_amount.minor);
	stripe_field(form, mem_format(mem, "line_items[%zu][price_data][product_data][name]", i), title);
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
	return form;
}

struct stripe_answer stripe_session_post(struct mem *mem, const struct order *order, struct buffer form, int64_t try)
{
	return stripe_post(mem, "/v1/checkout/sessions", form,
		mem_format(mem, "%s-checkout-%lld", order->number, (long long)try));
}

struct stripe_answer stripe_session_expire(struct mem *mem, const char *session)
{
	return stripe_post(mem, mem_format(mem, "/v1/checkout/sessions/%s/expire", url_encode(mem, session)), stripe_form(mem),
		mem_format(mem, "expire-%s", session));
}

struct stripe_answer stripe_session_create(struct mem *mem, const struct order *order, struct list lines,
	const char *email, const char *customer, int64_t try)
{
	struct buffer form = stripe_session_form(mem, order, "payment", email, customer);
	stripe_field(&form, "payment_intent_data[metadata][order_id]", order->number);
	size_t i = 0;
	LIST_EACH(order_line, line, lines)
		line_add(mem, &form, line, i++);
	return stripe_session_post(mem, order, form, try);
}
