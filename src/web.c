/* web.c: what pages call: parameters, outcomes, headers, words, render. */
#include "web.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "catalogue.h"
#include "conf.h"
#include "fail.h"
#include "page.h"
#include "route.h"
#include "sign.h"
#include "tpl.h"

const char *path_text(const struct request *req, const char *name)
{
	for (size_t i = 0; i < req->path_count; i++)
		if (!strcmp(req->path_names[i], name))
			return req->path_values[i];
	fail("web.path", "the route has no {%s}", name);
}

const char *query_text(const struct request *req, const char *name)
{
	return form_value(req->mem, (struct bytes){ (const unsigned char *)req->query, strlen(req->query) }, name);
}

const char *cookie_text(const struct request *req, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = req->cookies; *at;) {
		at += strspn(at, "; \t");
		size_t whole = strcspn(at, ";");
		if (whole > length && !strncmp(at, name, length) && at[length] == '=')
			return mem_textn(req->mem, at + length + 1, whole - length - 1);
		at += whole;
	}
	return NULL;
}

void done(struct request *req)
{
	(void)req;
	fail_as(FAILURE_DONE, "web.done", "%s", "");
}

void header(struct request *req, const char *name, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *value = mem_vformat(req->mem, format, args);
	va_end(args);
	if (strpbrk(name, "\r\n: ") || strpbrk(value, "\r\n"))
		fail("web.header", "a header with a line break");
	buffer_format(&req->response.headers, "%s: %s\r\n", name, value);
}

void cookie_set(struct request *req, const char *name, const char *value, int64_t seconds)
{
	if (strpbrk(value, "; ,\"\\"))
		fail("web.cookie", "a cookie that needs quoting");
	header(req, "Set-Cookie", "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", name, value,
		(long long)seconds, conf_is_https() ? "; Secure" : "");
}

const char *session_cookie(void)
{
	return conf_is_https() ? "__Host-session" : "session";
}

static const char *visitor_cookie(void)
{
	return conf_is_https() ? "__Host-visitor" : "visitor";
}

void see_other(struct request *req, const char *path, ...)
{
	va_list args;
	va_start(args, path);
	char *to = mem_vformat(req->mem, path, args);
	va_end(args);
	if (to[0] != '/' || to[1] == '/')
		fail("web.redirect", "'%s' is no path of this site", to);
	header(req, "Location", "%s%s", conf.base_url, to);
	req->response.status = 303;
	done(req);
}

void see_elsewhere(struct request *req, const char *url)
{
	header(req, "Location", "%s", url);
	req->response.status = 303;
	done(req);
}

void refuse(struct request *req, int status)
{
	req->response.status = status;
	req->response.body.length = 0;
	fail_as(FAILURE_DONE, "web.refused", "%s", "");
}

void not_found(struct request *req)
{
	refuse(req, 404);
}

void forbidden(struct request *req)
{
	refuse(req, 403);
}

void log_in_first(struct request *req)
{
	/* What was posted is lost, but not the page it came from: its route answers GET as well, as a rule. */
	if (req->method == POST && strcmp(route_shown(req), req->path))
		see_other(req, "/login");
	const char *there = req->method == GET && *req->query ? mem_format(req->mem, "%s?%s", req->path, req->query) : req->path;
	see_other(req, "/login?next=%s", url_encode(req->mem, there));
}

void answer(struct request *req, int status, const char *content_type, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = mem_vformat(req->mem, format, args);
	va_end(args);
	req->response.status = status;
	req->response.body.length = 0;
	buffer_text(&req->response.body, text);
	header(req, "Content-Type", "%s", content_type);
}

void cacheable(struct request *req)
{
	if (req->member || req->visitor)
		return;
	req->shared = true;
	/* To the end of this second of the real clock: nginx counts whole seconds, and "1" would be up to two of them. */
	header(req, "X-Accel-Expires", "@%lld", (long long)time(NULL));
	header(req, "Vary", "Accept-Language, Cookie");
}

/* The token of a cookie is its HMAC: worthless without the cookie, and nothing to store. Sent under a mask that is new each
 * time, so that a compressed page does not betray it letter by letter (BREACH, CVE-2013-3587). */
static struct bytes csrf_of(struct request *req, const char *cookie)
{
	return hmac_of(req->mem, conf.csrf_secret, cookie, strlen(cookie));
}

static void masked(unsigned char *out, const unsigned char *mask, const unsigned char *bytes)
{
	for (size_t i = 0; i < SHA256_BYTES; i++)
		out[i] = mask[i] ^ bytes[i];
}

const char *visitor_id(const struct request *req)
{
	const char *cookie = cookie_text(req, visitor_cookie());
	return cookie && public_id_valid(cookie) ? cookie : "";
}

const char *csrf_token(struct request *req)
{
	const char *cookie = req->member ? cookie_text(req, session_cookie()) : req->visitor;
	if (!cookie && !req->member) {
		cookie = visitor_id(req);
		if (!*cookie)
			cookie = random_id(req->mem);
		cookie_set(req, visitor_cookie(), cookie, 86400); /* again, too: it must outlive the form by a day */
		req->visitor = cookie;
	}
	unsigned char *token = mem_get(req->mem, SHA256_BYTES * 2);
	memcpy(token, random_bytes(req->mem, SHA256_BYTES).data, SHA256_BYTES);
	masked(token + SHA256_BYTES, token, csrf_of(req, cookie).data);
	return base64url_of(req->mem, (struct bytes){ token, SHA256_BYTES * 2 });
}

bool csrf_good(struct request *req)
{
	const char *cookie = cookie_text(req, req->member ? session_cookie() : visitor_cookie());
	const char *sent = form_value(req->mem, req->body, "csrf");
	bool same_origin = !*req->origin || !strcmp(req->origin, conf.base_url);
	if (!cookie || !sent || !same_origin)
		return false;
	struct bytes token = bytes_of_base64url(req->mem, sent);
	if (token.length != SHA256_BYTES * 2)
		return false;
	unsigned char bare[SHA256_BYTES];
	masked(bare, token.data, token.data + SHA256_BYTES);
	return bytes_equal((struct bytes){ bare, SHA256_BYTES }, csrf_of(req, cookie));
}

const char *word(const struct request *req, const char *key)
{
	const char *found = catalogue_word(language_index(req->language), key);
	return found ? found : key;
}

const char *word_of(const struct request *req, const char *prefix, const char *name)
{
	return word(req, mem_format(req->mem, "%s.%s", prefix, name));
}

static const struct tpl *template_of(struct render_site *site, size_t language)
{
	if (!site->loaded[language])
		site->loaded[language] = tpl_load(mem_program(), catalogue_source(language, true), site->name);
	return site->loaded[language];
}

struct errors {
	const void *error;
};

struct error_shapes {
	const struct form *form;
	const struct shape *outer; /* of struct errors */
	struct error_shapes *older;
};

static const struct shape *error_shape_new(const struct form *form)
{
	struct mem *mem = mem_program();
	size_t count = form->shape->count;
	struct field *fields = mem_array(mem, count + 1, sizeof *fields), *error = mem_get(mem, sizeof *error);
	for (size_t i = 0; i <= count; i++)
		fields[i] = (struct field){ i < count ? form->shape->fields[i].name : "summary", i * sizeof(char *), KIND_TEXT,
			true, NULL };
	struct shape *errors = mem_get(mem, sizeof *errors), *outer = mem_get(mem, sizeof *outer);
	*errors = (struct shape){ "error", (count + 1) * sizeof(char *), fields, count + 1 };
	*error = (struct field){ "error", 0, KIND_REF, true, errors };
	*outer = (struct shape){ "errors", sizeof(struct errors), error, 1 };
	return outer;
}

/* One shape per form, for as long as the program lives: templates remember shapes by their address. */
static const struct shape *error_shape_of(const struct form *form)
{
	static struct error_shapes *known;
	for (const struct error_shapes *at = known; at; at = at->older)
		if (at->form == form)
			return at->outer;
	struct error_shapes *added = mem_get(mem_program(), sizeof *added);
	*added = (struct error_shapes){ form, error_shape_new(form), known };
	known = added;
	return added->outer;
}

/* error.email and the like: the fields of the form that was read, as texts. */
static struct scope errors_scope(struct request *req, const struct scope *outer)
{
	size_t count = req->form.form->shape->count;
	const char **values = mem_array(req->mem, count + 1, sizeof *values);
	memcpy(values, req->form.errors, count * sizeof *values);
	values[count] = req->form.summary;
	struct errors *holder = mem_get(req->mem, sizeof *holder);
	holder->error = values;
	return (struct scope){ .outer = outer, .shape = error_shape_of(req->form.form), .view = holder };
}

void render_(struct request *req, int status, struct render_site *site, const void *view)
{
	const struct tpl *tpl = template_of(site, language_index(req->language));
	struct page_frame frame = page_frame(req);
	struct scope page = { .shape = page_shape_outer(), .view = &frame };
	struct scope error = req->form.form ? errors_scope(req, &page) : page;
	struct scope scope = { .outer = &error, .shape = site->shape, .view = view };
	req->response.status = status;
	req->response.body.length = 0;
	tpl_render(&req->response.body, tpl, &scope);
	header(req, "Content-Type", "text/html; charset=utf-8");
	if (req->refresh)
		header(req, "Refresh", "%lld", (long long)req->refresh);
}

extern struct render_site *const __start_renders[] __attribute__((weak));
extern struct render_site *const __stop_renders[] __attribute__((weak));
extern const struct form *const __start_forms[] __attribute__((weak));
extern const struct form *const __stop_forms[] __attribute__((weak));

/* error.<name> may be any field of any form of the program: which one was read is known at run time only. */
static const struct shape *every_error(void)
{
	size_t count = 1;
	for (const struct form *const *at = __start_forms; at < __stop_forms; at++)
		count += (*at)->shape->count;
	struct field *fields = mem_array(mem_program(), count, sizeof *fields);
	fields[0] = (struct field){ "summary", 0, KIND_TEXT, true, NULL };
	size_t used = 1;
	for (const struct form *const *at = __start_forms; at < __stop_forms; at++)
		for (size_t i = 0; i < (*at)->shape->count; i++)
			fields[used++] = (struct field){ (*at)->shape->fields[i].name, 0, KIND_TEXT, true, NULL };
	struct shape *errors = mem_get(mem_program(), sizeof *errors);
	*errors = (struct shape){ "error", sizeof(char *), fields, count };
	struct field *error = mem_get(mem_program(), sizeof *error);
	*error = (struct field){ "error", 0, KIND_REF, true, errors };
	struct shape *outer = mem_get(mem_program(), sizeof *outer);
	*outer = (struct shape){ "errors", sizeof(char *), error, 1 };
	return outer;
}

static void site_fault(void *arg, const char *where, int line, const char *message)
{
	void (*report)(const char *file, int line, const char *message) = *(void (**)(const char *, int, const char *))arg;
	report(mem_format(mem_program(), "templates/%s", where), line, message);
}

struct site_check {
	struct render_site *site;
	size_t language;
	const struct shape *const *shapes;
	void (*report)(const char *file, int line, const char *message);
	size_t wrong;
};

static void site_check(void *arg)
{
	struct site_check *check = arg;
	const struct tpl *tpl = template_of(check->site, check->language);
	check->wrong = tpl_check(tpl, check->shapes, 3, site_fault, &check->report);
}

size_t render_check(void (*report)(const char *file, int line, const char *message))
{
	size_t wrong = 0;
	const struct shape *shapes[3] = { page_shape_outer(), every_error() };
	for (struct render_site *const *at = __start_renders; at < __stop_renders; at++)
		for (size_t language = 0; language < LANGUAGES; language++) {
			struct failure failure;
			shapes[2] = (*at)->shape;
			struct site_check check = { *at, language, shapes, report, 0 };
			if (!attempt(site_check, &check, &failure)) {
				report((*at)->file, (*at)->line, failure.message);
				wrong++;
			}
			wrong += check.wrong;
		}
	return wrong;
}
