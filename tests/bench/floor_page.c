/* floor_page.c: the licences page by hand, with nothing but libfcgi and the database's library: the measure of ours.
 *
 * One query finds the session, another joins 20 rows from three tables; the page is put together in one buffer and sent by
 * one call. Head and foot of the page, and its headers, are ours, recorded (FLOOR_PAGE): the same bytes go out. */
#include <fcgiapp.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "floor.h"

enum { ROWS = 20, TEXT = 256, PAGE_MAX = 64 * 1024 };

static char headers[2048], head[PAGE_MAX], foot[PAGE_MAX], page[PAGE_MAX], answer[PAGE_MAX + 2048];

static unsigned char hash[32];
static unsigned long hash_length = sizeof hash;
static MYSQL_TIME now;
static long long account_id;

struct text {
	char text[TEXT];
	unsigned long length;
};
static struct text email, name, language;
static struct text title, price_title, license_key, state, order_number;
static long long id, seats, seats_used;
static MYSQL_TIME updates_until, expires_at;
static my_bool updates_null, expires_null;

static MYSQL_STMT *session, *licenses;

static MYSQL_BIND text_bind(struct text *text)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = text->text, .buffer_length = TEXT - 1,
		.length = &text->length };
}

static MYSQL_BIND number_bind(long long *number)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = number };
}

static MYSQL_BIND time_bind(MYSQL_TIME *time, my_bool *null)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DATETIME, .buffer = time, .is_null = null };
}

static void prepare(MYSQL *connection)
{
	MYSQL_BIND who[] = { { .buffer_type = MYSQL_TYPE_BLOB, .buffer = hash, .buffer_length = sizeof hash,
		.length = &hash_length }, time_bind(&now, NULL) };
	MYSQL_BIND person[] = { number_bind(&account_id), text_bind(&email), text_bind(&name), text_bind(&language) };
	session = floor_prepare(connection,
		"SELECT s.account_id, a.email, a.name, a.language FROM session s JOIN account a ON a.id = s.account_id"
		" WHERE s.token_hash = ? AND s.expires_at > ?", who, person);
	MYSQL_BIND whose[] = { number_bind(&account_id) };
	MYSQL_BIND row[] = { number_bind(&id), text_bind(&title), text_bind(&price_title), text_bind(&license_key),
		text_bind(&state), text_bind(&order_number), number_bind(&seats), number_bind(&seats_used),
		time_bind(&updates_until, &updates_null), time_bind(&expires_at, &expires_null) };
	licenses = floor_prepare(connection,
		"SELECT l.id, t.title, l.price_title, l.license_key, l.state, o.number, l.seats, l.seats_used, l.updates_until,"
		" l.expires_at FROM floor_license l JOIN orders o ON o.id = l.order_id"
		" JOIN product_text t ON t.product_id = l.product_id AND t.language = 'en'"
		" WHERE l.account_id = ? ORDER BY l.id DESC LIMIT 20", whose, row);
}

static void time_now(void)
{
	struct tm tm;
	time_t seconds = time(NULL);
	gmtime_r(&seconds, &tm);
	now = (MYSQL_TIME){ .year = (unsigned)tm.tm_year + 1900, .month = (unsigned)tm.tm_mon + 1, .day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour, .minute = (unsigned)tm.tm_min, .second = (unsigned)tm.tm_sec,
		.time_type = MYSQL_TIMESTAMP_DATETIME };
}

/* The account of the cookie in account_id; false for a stranger. */
static bool session_find(const char *cookies)
{
	const char *cookie = cookies ? strstr(cookies, "session=") : NULL;
	if (!cookie)
		return false;
	cookie += strlen("session=");
	EVP_Digest(cookie, strcspn(cookie, ";"), hash, NULL, EVP_sha256(), NULL);
	time_now();
	floor_run(session);
	bool found = mysql_stmt_fetch(session) == 0;
	mysql_stmt_free_result(session);
	return found;
}

static char *put(char *at, const char *text)
{
	size_t length = strlen(text);
	memcpy(at, text, length);
	return at + length;
}

static char *put_html(char *at, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&': at = put(at, "&amp;"); break;
		case '<': at = put(at, "&lt;"); break;
		case '>': at = put(at, "&gt;"); break;
		case '"': at = put(at, "&quot;"); break;
		default: *at++ = *text;
		}
	return at;
}

/* Into the page, which ends where it does. */
__attribute__((format(printf, 2, 3))) static char *put_format(char *at, const char *format, ...)
{
	va_list arguments;
	size_t room = (size_t)(page + sizeof page - at);
	va_start(arguments, format);
	int length = vsnprintf(at, room, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= room)
		stop("page", "does not fit");
	return at + length;
}

static char *put_date(char *at, const char *before, const MYSQL_TIME *date)
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December" };
	return put_format(at, " <span>%s %u %s %u</span>", before, date->day, months[date->month - 1], date->year);
}

static void text_end(struct text *text)
{
	text->text[text->length < TEXT - 1 ? text->length : TEXT - 1] = 0;
}

static char *put_row(char *at)
{
	text_end(&title), text_end(&price_title), text_end(&license_key), text_end(&state), text_end(&order_number);
	at = put_html(put(at, "<li class=\"key\">\n<h2>"), title.text);
	at = put_html(put(at, " <small>"), price_title.text);
	at = put_html(put(at, "</small></h2>\n<span class=\"state "), state.text);
	at = put(at, !strcmp(state.text, "active") ? "\">Active</span>\n" : "\">Ended</span>\n");
	at = put_html(put(at, "<input type=\"text\" readonly value=\""), license_key.text);
	at = put_html(put(at, "\" aria-label=\"Licence key: "), title.text);
	at = put_format(at, "\">\n<p class=\"dots\"><span>Devices: %lld / %lld</span>", seats_used, seats);
	if (!updates_null)
		at = put_date(at, "updates until", &updates_until);
	at = expires_null ? put(at, " <span>no time limit</span>") : put_date(at, "expires on", &expires_at);
	at = put_html(put(at, " <span><a href=\"/account/orders/"), order_number.text);
	return put(at, "\">order</a></span></p>\n</li>\n");
}

/* The page, cut or filled up with blanks to so many bytes (0: as it is): the measure of pages of other lengths. */
static size_t page_make(size_t bytes)
{
	char *at = put(page, head);
	floor_run(licenses);
	while (at < page + PAGE_MAX - 8 * 1024 && !mysql_stmt_fetch(licenses))
		at = put_row(at);
	mysql_stmt_free_result(licenses);
	at = put(at, foot);
	size_t length = (size_t)(at - page);
	if (bytes > length && bytes < PAGE_MAX)
		memset(at, ' ', bytes - length);
	return bytes && bytes < PAGE_MAX ? bytes : length;
}

/* What account.fcgi printed for this page: its headers but the length, and the page before and after the rows. */
static void page_learn(const char *path)
{
	static char text[PAGE_MAX];
	FILE *file = fopen(path, "re");
	if (!file || !fread(text, 1, sizeof text - 1, file))
		stop(path, "cannot be read");
	fclose(file);
	char *length = strstr(text, "Content-Length:"), *body = strstr(text, "\r\n\r\n");
	char *first = strstr(text, "<li class=\"key\">"), *last = first ? strstr(first, "</ul>") : NULL;
	if (!length || !body || length > body || !last)
		stop(path, "is no licences page");
	snprintf(headers, sizeof headers, "%.*s", (int)(length - text), text);
	snprintf(head, sizeof head, "%.*s", (int)(first - body - 4), body + 4);
	snprintf(foot, sizeof foot, "%s", last);
}

static void serve(FCGX_Request *request)
{
	if (!session_find(FCGX_GetParam("HTTP_COOKIE", request->envp))) {
		FCGX_PutS("Status: 303\r\nLocation: /login\r\n\r\n", request->out);
		return;
	}
	const char *query = FCGX_GetParam("QUERY_STRING", request->envp);
	size_t length = page_make(query && !strncmp(query, "bytes=", 6) ? strtoul(query + 6, NULL, 10) : 0);
	int before = snprintf(answer, sizeof answer, "%sContent-Length: %zu\r\n\r\n", headers, length);
	if (before < 0 || (size_t)before + length > sizeof answer)
		stop("answer", "does not fit");
	memcpy(answer + before, page, length);
	FCGX_PutStr(answer, before + (int)length, request->out);
}

int main(void)
{
	page_learn(setting("FLOOR_PAGE"));
	prepare(floor_connect(1));
	FCGX_Request request;
	FCGX_Init();
	FCGX_InitRequest(&request, 0, 0);
	while (!FCGX_Accept_r(&request)) {
		serve(&request);
		FCGX_Finish_r(&request);
	}
	return 0;
}
