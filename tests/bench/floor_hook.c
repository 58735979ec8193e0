/* floor_hook.c: the webhook by hand: signature, JSON, and the very statements that Comptoir runs for a paid order (the bench
 * compares them), each prepared once and bound to fixed places. No checks beyond those: the measure of ours. */
#include <fcgiapp.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "floor.h"
#include "floor_hook_sql.h"

enum { TEXT = 2048 };

struct text {
	char text[TEXT];
	unsigned long length;
};

static MYSQL *connection;
static MYSQL_STMT *event_insert, *order_find, *order_pay, *order_audit, *order_event, *job_insert, *dues, *right_insert,
	*license_insert, *rights_audit, *rights_event, *payment_insert;

static MYSQL_TIME now, created, updates, until;
static my_bool no = 0, yes = 1, no_updates_end, no_end;

/* Of the event, of the order, of one benefit, and what we make of them. */
static struct text event_id, type, session, account, version, payment, number;
static long long livemode, discount, tax, total;
static struct text order_number, state, review, language, currency, stripe_session, url, old_payment;
static long long order_id, account_id, amounts[5], flags[3], tries;
static MYSQL_TIME times[5];
static my_bool times_null[5];
static struct text title, price_title, kind, parts;
static long long line_id, quantity, benefit_id, product_id, seats_unlimited, transferable, updates_ever, duration_ever, seats,
	updates_days, duration_days, held;
static struct text public_id, license_id, license_key, request_id, job_key;
static long long right_id, first_id, fresh_event, ordinal, later;
static struct text granted;

static MYSQL_BIND in_text(struct text *text)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = text->text, .buffer_length = TEXT - 1,
		.length = &text->length };
}

/* A column that may be NULL: whether it was is not looked at. */
static MYSQL_BIND in_nullable(struct text *text)
{
	static my_bool null;
	MYSQL_BIND bind = in_text(text);
	bind.is_null = &null;
	return bind;
}

static MYSQL_BIND in_number(long long *value)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = value };
}

static MYSQL_BIND in_time(MYSQL_TIME *time, my_bool *null)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DATETIME, .buffer = time, .is_null = null };
}

#define N(x) in_number(&x)
#define T(x) in_text(&x)
#define BINDS(...) (MYSQL_BIND[]){ __VA_ARGS__ }

static void prepare_order(void)
{
	MYSQL_BIND payload = { .buffer_type = MYSQL_TYPE_BLOB, .buffer = floor_body, .buffer_length = FLOOR_BODY_MAX,
		.length = &floor_body_length };
	event_insert = floor_prepare(connection, SQL_EVENT_INSERT, BINDS(T(event_id), T(type), T(session), T(account), T(version),
		N(livemode), payload, in_time(&created, &no), in_time(&now, &no)), NULL);
	order_find = floor_prepare(connection, SQL_ORDER_FIND, BINDS(T(number)), BINDS(N(order_id), T(order_number),
		N(account_id), T(state), T(review), T(language), T(currency), N(amounts[0]), N(amounts[1]), N(amounts[2]), N(amounts[3]),
		N(amounts[4]), N(flags[0]), N(flags[1]), N(flags[2]), N(tries), T(stripe_session), T(url), in_nullable(&old_payment),
		in_time(&times[0], &times_null[0]), in_time(&times[1], &times_null[1]), in_time(&times[2], &times_null[2]),
		in_time(&times[3], &times_null[3]), in_time(&times[4], &times_null[4])));
	static struct text paid = { "paid", 4 }, topic = { "order.paid", 10 }, reason = { "stripe", 6 }, none = { "{}", 2 };
	static struct text reaction = { "mail_receipt", 12 };
	static long long nobody;
	order_pay = floor_prepare(connection, SQL_ORDER_PAY, BINDS(T(paid), in_time(&now, &no), N(later), in_time(&now, &no),
		in_time(&now, &yes), T(payment), N(discount), N(tax), N(total), N(order_id)), NULL);
	static struct text empty;
	payment_insert = floor_prepare(connection, SQL_PAYMENT, BINDS(T(payment), T(empty), T(empty), N(nobody), N(nobody), N(nobody),
		in_time(&now, &no), in_time(&now, &no)), NULL);
	order_audit = floor_prepare(connection, SQL_AUDIT, BINDS(N(account_id), N(nobody), T(topic), N(order_id), T(reason),
		T(request_id), in_time(&now, &no)), NULL);
	order_event = floor_prepare(connection, SQL_EVENT, BINDS(T(topic), N(account_id), N(order_id), T(none), T(request_id),
		in_time(&now, &no)), NULL);
	job_insert = floor_prepare(connection, SQL_JOB, BINDS(T(reaction), T(job_key), N(fresh_event), N(order_id),
		in_time(&now, &no), T(request_id), in_time(&now, &no)), NULL);
}

static void prepare_rights(void)
{
	dues = floor_prepare(connection, SQL_DUES, BINDS(N(order_id), N(order_id)), BINDS(N(line_id), N(quantity), N(benefit_id),
		N(product_id), T(title), T(price_title), T(kind), T(parts), N(seats_unlimited), N(transferable), N(updates_ever),
		N(duration_ever), N(seats), N(updates_days), N(duration_days), N(held)));
	right_insert = floor_prepare(connection, SQL_RIGHT, BINDS(N(account_id), T(public_id), N(line_id), N(benefit_id), N(ordinal),
		N(order_id), N(product_id), T(kind), T(title), T(price_title), T(order_number), T(parts),
		in_time(&updates, &no_updates_end), in_time(&now, &no), in_time(&until, &no_end), in_time(&now, &no)), NULL);
	license_insert = floor_prepare(connection, SQL_LICENSE, BINDS(N(account_id), T(license_id), N(right_id), N(product_id),
		T(license_key), T(title), T(price_title), T(order_number), N(seats_unlimited), N(seats), N(transferable),
		in_time(&updates, &no_updates_end), in_time(&until, &no_end), in_time(&now, &no)), NULL);
	rights_audit = floor_prepare(connection, SQL_RIGHTS_AUDIT, BINDS(T(request_id), in_time(&now, &no), N(order_id),
		N(first_id)), NULL);
	static struct text topic = { "entitlement.granted", 19 };
	rights_event = floor_prepare(connection, SQL_EVENT, BINDS(T(topic), N(account_id), N(order_id), T(granted), T(request_id),
		in_time(&now, &no)), NULL);
}

static void text_set(struct text *text, const char *value)
{
	text->length = (unsigned long)snprintf(text->text, TEXT, "%s", value);
}

static void time_set(MYSQL_TIME *time, time_t seconds, unsigned long us)
{
	struct tm tm;
	gmtime_r(&seconds, &tm);
	*time = (MYSQL_TIME){ .year = (unsigned)tm.tm_year + 1900, .month = (unsigned)tm.tm_mon + 1, .day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour, .minute = (unsigned)tm.tm_min, .second = (unsigned)tm.tm_sec, .second_part = us,
		.time_type = MYSQL_TIMESTAMP_DATETIME };
}

static void random_text(struct text *text, size_t length, size_t group)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char bytes[64];
	text->length = 0;
	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		stop("getrandom", "failed");
	for (size_t i = 0; i < length; i++) {
		if (group && i && i % group == 0)
			text->text[text->length++] = '-';
		text->text[text->length++] = letters[bytes[i] & 63];
	}
	text->text[text->length] = 0;
}

static const char *text_at(struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(object, name));
	return text ? text : "";
}

static long long number_at(struct json_object *object, const char *name)
{
	return json_object_get_int64(json_object_object_get(object, name));
}

static int event_read(void)
{
	struct json_object *event = json_tokener_parse(floor_body);
	struct json_object *object = json_object_object_get(json_object_object_get(event, "data"), "object");
	struct json_object *details = json_object_object_get(object, "total_details");
	text_set(&event_id, text_at(event, "id"));
	text_set(&type, text_at(event, "type"));
	text_set(&version, text_at(event, "api_version"));
	text_set(&session, text_at(object, "id"));
	text_set(&number, text_at(object, "client_reference_id"));
	text_set(&payment, text_at(object, "payment_intent"));
	discount = number_at(details, "amount_discount");
	tax = number_at(details, "amount_tax");
	total = number_at(object, "amount_total");
	time_set(&created, (time_t)number_at(event, "created"), 0);
	int good = !strcmp(type.text, "checkout.session.completed") && !strcmp(text_at(object, "payment_status"), "paid");
	json_object_put(event);
	return good;
}

static void order_apply(void)
{
	floor_run(order_pay);
	floor_run(order_audit);
	floor_run(order_event);
	fresh_event = (long long)mysql_stmt_insert_id(order_event);
	job_key.length = (unsigned long)sprintf(job_key.text, "event:%lld", fresh_event);
	floor_run(job_insert);
}

static int is_license(void)
{
	return kind.length == 7 && !memcmp(kind.text, "license", 7);
}

static void right_apply(void)
{
	no_updates_end = updates_ever != 0;
	no_end = duration_ever != 0;
	time_set(&updates, time(NULL) + updates_days * 86400, now.second_part);
	time_set(&until, time(NULL) + duration_days * 86400, now.second_part);
	random_text(&public_id, 22, 0);
	floor_run(right_insert);
	right_id = (long long)mysql_stmt_insert_id(right_insert);
	first_id = first_id ? first_id : right_id;
	if (!is_license())
		return;
	random_text(&license_id, 22, 0);
	random_text(&license_key, 28, 4);
	floor_run(license_insert);
}

static int rights_apply(void)
{
	int count = 0;
	first_id = 0;
	floor_run(dues);
	mysql_stmt_store_result(dues);
	for (; !mysql_stmt_fetch(dues); count++)
		for (ordinal = 0; ordinal < (is_license() ? quantity : 1); ordinal++)
			right_apply();
	mysql_stmt_free_result(dues);
	floor_run(rights_audit);
	granted.length = (unsigned long)sprintf(granted.text, "{\"created\":%d}", count);
	floor_run(rights_event);
	return count;
}

static int take(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	time_set(&now, time.tv_sec, (unsigned long)time.tv_nsec / 1000);
	floor_run(event_insert);
	floor_run(order_find);
	int found = !mysql_stmt_fetch(order_find);
	mysql_stmt_free_result(order_find);
	if (!found || strncmp(state.text, "pending", 7) || amounts[3] != total)
		return 0;
	order_apply();
	int count = rights_apply();
	floor_run(payment_insert);
	return !mysql_commit(connection) && count;
}

static void serve(FCGX_Request *request)
{
	const char *id = FCGX_GetParam("HTTP_X_REQUEST_ID", request->envp);
	text_set(&request_id, id ? id : "");
	int good = floor_signed(request) && event_read() && take();
	FCGX_PutS(good ? "Status: 200\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nContent-Length: 8\r\n\r\napplied\n"
			: "Status: 400\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n",
		request->out);
}

int main(void)
{
	connection = floor_connect(0);
	prepare_order();
	prepare_rights();
	FCGX_Request request;
	FCGX_Init();
	FCGX_InitRequest(&request, 0, 0);
	while (!FCGX_Accept_r(&request)) {
		serve(&request);
		FCGX_Finish_r(&request);
	}
	return 0;
}
