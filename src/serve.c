/* serve.c: guards, the attempt around the page, and what becomes of its end. */
#include "serve.h"

#include <stdio.h>
#include <string.h>

#include "api.h"
#include "catalogue.h"
#include "conf.h"
#include "fail.h"
#include "log.h"
#include "moment.h"
#include "page.h"
#include "patience.h"
#include "problem.h"
#include "session.h"
#include "sign.h"

enum { ATTEMPTS = 5 };

/* Weak: to name it here must not bring the keys, and the rights they need, into programs without such routes. */
#pragma weak api_guard

static bool has_language(const char *language)
{
	return language && (!strcmp(language, "en") || !strcmp(language, "fr"));
}

/* The first of en and fr that the browser names; weights are not read: browsers list the best first. */
static const char *accepted_language(const char *accept)
{
	for (const char *at = accept; *at;) {
		at += strspn(at, ", ");
		if (!strncasecmp(at, "fr", 2))
			return "fr";
		if (!strncasecmp(at, "en", 2))
			return "en";
		at += strcspn(at, ",");
	}
	return conf.language;
}

static void language_choose(struct request *req)
{
	const char *asked = query_text(req, "lang"), *kept = cookie_text(req, "language");
	if (has_language(asked)) {
		req->language = asked;
		cookie_set(req, "language", asked, (int64_t)365 * 86400);
	} else if (has_language(kept)) {
		req->language = kept;
	} else if (req->member && has_language(req->member->language)) {
		req->language = req->member->language;
	} else {
		req->language = accepted_language(req->accept_language);
	}
}

/* ?notice=saved shows the word notice.saved: only words of the catalogue can be shown, so a forged link says nothing new. */
static void notice_choose(struct request *req)
{
	const char *key = query_text(req, "notice");
	if (!key || strspn(key, "abcdefghijklmnopqrstuvwxyz_") != strlen(key) || strlen(key) > 40)
		return;
	req->notice = catalogue_word(language_index(req->language), mem_format(req->mem, "notice.%s", key));
}

/* An empty setting is no token, whatever is borne. */
static bool bears_token(const struct request *req)
{
	static const char bearer[] = "Bearer ";
	size_t length = sizeof bearer - 1;
	if (!*conf.metrics_token || strncmp(req->authorization, bearer, length))
		return false;
	const char *borne = req->authorization + length;
	return bytes_equal((struct bytes){ (const unsigned char *)borne, strlen(borne) },
		(struct bytes){ (const unsigned char *)conf.metrics_token, strlen(conf.metrics_token) });
}

static void guard(struct request *req)
{
	switch (req->route->guard) {
	case ANYONE:
	case SIGNED:
	case KEY:
		return;
	case MEMBER:
		if (!req->member)
			log_in_first(req);
		return;
	case SELLER:
		if (!req->member)
			log_in_first(req);
		if (!req->member->seller)
			forbidden(req);
		return;
	case MONITOR:
		if (bears_token(req))
			return;
		/* fall through */
	case STAFF:
		if (!req->member)
			log_in_first(req);
		if (!req->member->staff)
			forbidden(req);
		return;
	}
}

static void page_run(void *arg)
{
	struct request *req = arg;
	req->db->mem = req->mem;
	if (req->route->guard == KEY) {
		api_guard(req);
	} else if (req->route->guard != SIGNED) {
		if (cookie_text(req, session_cookie()))
			req->member = session_member(req);
		req->account_id = req->member ? req->member->account_id : 0;
		language_choose(req);
		notice_choose(req);
		guard(req);
		if (req->method == POST && !csrf_good(req))
			forbidden(req);
	}
	req->route->run(req);
}

struct error_page {
	int64_t status;
	bool is_400, is_403, is_404, is_405, is_410, is_413, is_429, is_500, is_503;
};
VIEW(error_page, status, is_400, is_403, is_404, is_405, is_410, is_413, is_429, is_500, is_503);

static void error_render(void *arg)
{
	struct request *req = arg;
	int status = req->response.status;
	req->form = (struct form_state){ 0 };
	req->shared = true; /* no token: an error page must not need a cookie */
	if (!req->language) /* it failed before a page was reached; the reader's choice holds here too */
		language_choose(req);
	render_status(req, status, "error", error_page, .status = status, .is_400 = status == 400,
		.is_403 = status == 403, .is_404 = status == 404, .is_405 = status == 405, .is_410 = status == 410,
		.is_413 = status == 413, .is_429 = status == 429, .is_500 = status == 500, .is_503 = status == 503);
}

static void error_page(struct request *req, int status)
{
	struct failure failure;
	req->response.status = status;
	if (status == 503)
		header(req, "Retry-After", "5");
	if (req->programmatic) {
		problem_put(req, status, NULL);
		return;
	}
	if (attempt(error_render, req, &failure))
		return;
	log_line("page.error_lost", "why=%s", log_word(failure.message));
	req->response.status = status;
	req->response.body.length = 0;
	buffer_format(&req->response.body, "<!doctype html><title>%d</title><p>%d", status, status);
	header(req, "Content-Type", "text/html; charset=utf-8");
}

/* Room for a page; whoever is answered with a word gets as much (all of it is wiped afterwards). */
static void response_clear(struct request *req)
{
	bool word = req->route && req->route->guard == SIGNED;
	req->response.headers = buffer_new(req->mem, 512);
	req->response.body = buffer_new(req->mem, word ? 256 : 16 * 1024);
	req->response.status = 200;
	req->response.file = -1;
}

/* Runs the page until it ends in something other than a conflict. The third kind of end is a lost database: a
 * connection that the server closed meanwhile is opened anew once. */
static struct failure page_attempts(struct request *req)
{
	struct failure failure = { 0 };
	int lost = 0;
	struct request fresh = *req;
	for (int i = 0; i < ATTEMPTS; i++) {
		if (failure.kind == FAILURE_AGAIN)
			db_pause(i);
		*req = fresh;
		response_clear(req);
		bool whole = attempt(page_run, req, &failure);
		db_leave(req->db);
		if (whole || (failure.kind != FAILURE_AGAIN && (failure.kind != FAILURE_DATABASE || lost++)))
			return failure;
		log_line("page.again", "why=%s", log_word(failure.message));
	}
	return failure;
}

static void page_end(struct request *req, const struct failure *failure)
{
	int status = req->response.status;
	switch (failure->kind) {
	case FAILURE_NONE:
		return;
	case FAILURE_DONE:
		if (status >= 400 && !req->response.body.length)
			error_page(req, status);
		return;
	case FAILURE_DATABASE:
	case FAILURE_AGAIN:
		log_line(failure->event, "why=%s", log_word(failure->message));
		response_clear(req);
		req->member = NULL;
		error_page(req, 503);
		return;
	case FAILURE_MISFIT:
		log_line(failure->event, "why=%s path=%s", log_word(failure->message), log_word(req->path));
		response_clear(req);
		error_page(req, 400);
		return;
	case FAILURE_FAULT:
		log_line(failure->event, "why=%s path=%s", log_word(failure->message), log_word(req->path));
		response_clear(req);
		error_page(req, 500);
		return;
	}
}

void serve(struct request *req)
{
	bool other_method;
	log_request(req->id);
	if (!req->path) {
		int status = req->response.status;
		response_clear(req);
		req->path = "/";
		if (status == 405) /* a method that no page has; the path was not read */
			header(req, "Allow", "GET, HEAD, POST");
		error_page(req, status);
		return;
	}
	req->route = route_find(req, &other_method);
	if (!req->route) {
		response_clear(req);
		if (other_method) /* one method per route and path: what is asked for is not there, so the other is */
			header(req, "Allow", "%s", req->method == POST ? "GET, HEAD" : "POST");
		error_page(req, other_method ? 405 : 404);
		return;
	}
	patience_begin(conf.stripe_patience);
	struct failure failure = page_attempts(req);
	patience_end();
	page_end(req, &failure);
}

/* Sent with every answer by the program itself, so that they hold on hosts where nobody configured a front end. */
static const char security_headers[] =
	"X-Content-Type-Options: nosniff\r\n"
	"Referrer-Policy: same-origin\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	"form-action 'self' %s %s; frame-ancestors 'none'; base-uri 'none'\r\n%s";
static const char transport_security[] = "Strict-Transport-Security: max-age=31536000\r\n";

struct buffer response_head(struct request *req)
{
	struct buffer head = buffer_new(req->mem, 1024 + req->response.headers.length);
	buffer_format(&head, "Status: %d\r\n", req->response.status);
	buffer_put(&head, req->response.headers.text, req->response.headers.length);
	buffer_text(&head, req->shared ? "Cache-Control: no-cache\r\n" : "Cache-Control: no-store\r\n");
	buffer_format(&head, security_headers, conf.checkout_origin, conf.portal_origin, conf_is_https() ? transport_security : "");
	int64_t length = req->response.file >= 0 ? req->response.file_length : (int64_t)req->response.body.length;
	buffer_format(&head, "Content-Length: %lld\r\n\r\n", (long long)length);
	return head;
}
