/* web.h: what a page sees: the request, the guards, the outcomes, render().
 *
 *	ROUTE(GET, "/account/orders/{number}", MEMBER, order_show)
 *	{
 *		const struct order *order = order_of(req->db, req->account_id, path_text(req, "number"));
 *		if (!order)
 *			not_found(req);
 *		render(req, "account/order", order_page, .order = order);
 *	}
 *
 * A page is load, guard, decide, render. Everything it takes lives in req->mem, until the last byte is sent. Its response is
 * buffered: after an error a whole error page goes out, never half of this one. After a database conflict it runs again. */
#ifndef WEB_H
#define WEB_H

#include "db.h"
#include "form.h"
#include "mem.h"
#include "shape.h"

enum method { GET, POST };

/* Who may come in. SIGNED routes check a provider's signature themselves; KEY is programs with an API key (api.h). These two
 * alone are free of the form token: no cookie lets anyone in there. MONITOR is staff, or a program that bears metrics_token. */
enum guard { ANYONE, MEMBER, SELLER, STAFF, SIGNED, KEY, MONITOR };

/* The person of the session, read anew for each request. */
struct member {
	int64_t account_id;
	const char *email;
	const char *name;
	const char *language;
	bool staff;
	bool seller;
	struct bytes token_hash;
	struct moment proved_at; /* when the password was last typed */
	struct moment seen_at;
};

struct response {
	int status;
	struct buffer headers; /* whole lines, CR LF each */
	struct buffer body;
	int file;          /* stream this descriptor after the headers; -1: the body */
	int64_t file_from; /* bytes [from, from + length) of it */
	int64_t file_length;
};

struct route;
struct api_key;

struct request {
	struct mem *mem;
	struct db *db;
	enum method method;
	bool head;                  /* HEAD: as GET, without the body */
	const char *path;           /* decoded once, valid UTF-8, no "..", no control characters */
	const char *query;          /* as it came */
	const char *cookies;        /* as they came */
	const char *id;             /* of the front end, for the log */
	const char *address;        /* of the visitor */
	const char *user_agent;
	const char *origin;         /* Origin header, "" when absent */
	const char *range;
	const char *if_range;
	const char *signature;      /* Stripe-Signature */
	const char *authorization;  /* "Bearer …", "" when absent, as the next */
	const char *idempotency_key;
	bool programmatic;          /* below /api/: errors are problems (problem.h), not pages */
	const char *accept_language;
	const char *language;       /* "en" or "fr" */
	struct bytes body;
	const char *content_type;
	int64_t account_id;         /* 0: a visitor */
	const struct member *member; /* NULL: a visitor */
	const struct api_key *key;  /* of guard KEY; otherwise NULL */
	const char *visitor;        /* the cookie that form tokens of visitors hang on; NULL: none yet */
	const struct route *route;
	const char *notice;         /* what the page says above its content, translated; NULL: nothing */
	bool notice_bad;
	bool shared;                /* a cache may keep the page: it carries nothing of one visitor */
	int64_t refresh;            /* the page asks for itself again after so many seconds; 0: never */
	struct form_state form;     /* what the form was and which of its fields were wrong */
	struct response response;
	const char *path_names[8];
	const char *path_values[8];
	size_t path_count;
};

struct route {
	enum method method;
	const char *pattern;
	enum guard guard;
	void (*run)(struct request *req);
	const char *file;
	int line;
};

#define ROUTE(method, pattern, guard, name)                                                                          \
	static void name(struct request *req);                                                                           \
	static const struct route name##_route = { method, pattern, guard, name, __FILE__, __LINE__ };                   \
	static const struct route *const name##_route_at __attribute__((used, section("routes"))) = &name##_route;       \
	static void name(struct request *req)

/* What stands in the place of {name} of the route; what the query says of name, or NULL (also when it is not UTF-8). */
const char *path_text(const struct request *req, const char *name);
const char *query_text(const struct request *req, const char *name);
const char *cookie_text(const struct request *req, const char *name);

/* Outcomes: each ends the page. Paths are of this site. After see_other the transaction must be committed. */
void see_other(struct request *req, const char *path, ...) __attribute__((noreturn, format(printf, 2, 3)));
/* To another site: the payment page. */
void see_elsewhere(struct request *req, const char *url) __attribute__((noreturn));
void not_found(struct request *req) __attribute__((noreturn));
void forbidden(struct request *req) __attribute__((noreturn));
/* Any status with its error page: 400, 410, 413, 429, 503 … */
void refuse(struct request *req, int status) __attribute__((noreturn));
/* The log-in page, and back here afterwards. */
void log_in_first(struct request *req) __attribute__((noreturn));
/* Ends the page with what is in the response already. */
void done(struct request *req) __attribute__((noreturn));

/* Adds a header line; refuses CR, LF and NUL in either (fail). */
void header(struct request *req, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void cookie_set(struct request *req, const char *name, const char *value, int64_t seconds);
/* Plain text or JSON answers. */
void answer(struct request *req, int status, const char *content_type, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A shared cache may keep the page for a second: only pages that are the same for every visitor of a language. */
void cacheable(struct request *req);

/* The name of the session cookie: __Host- when the shop is https. */
const char *session_cookie(void);

/* The token a form of this page carries. Gives a visitor the cookie it hangs on. */
const char *csrf_token(struct request *req);

/* The visitor's cookie, which forms of people without a session hang on; "" when there is none. */
const char *visitor_id(const struct request *req);

/* A text of the catalogue in the language of the request; the key itself when there is none. */
const char *word(const struct request *req, const char *key);
/* The same for prefix.name, for states and kinds that come from the database. */
const char *word_of(const struct request *req, const char *prefix, const char *name);

/* Renders a template with its view into the response. Leaves a record that --check walks. */
#define render(req, template, type, ...)                                                                             \
	render_status(req, 200, template, type, __VA_ARGS__)
#define render_status(req, status, template, type, ...)                                                              \
	do {                                                                                                             \
		static struct render_site site_ = { "" template, &type##_shape, __FILE__, __LINE__, { 0 } };                   \
		static struct render_site *const site_at_ __attribute__((used, section("renders"))) = &site_;                \
		render_(req, status, site_at_, &(const struct type){ __VA_ARGS__ });                                       \
	} while (0)

struct render_site {
	const char *name;
	const struct shape *shape;
	const char *file;
	int line;
	const struct tpl *loaded[2]; /* by language */
};

void render_(struct request *req, int status, struct render_site *site, const void *view);

/* Walks every template rendered in this program. Returns how many faults it reported. */
size_t render_check(void (*report)(const char *file, int line, const char *message));

#endif
