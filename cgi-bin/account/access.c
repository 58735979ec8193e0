/* /account/access, also /encours: which modules are open until when, and tokens for their servers, each
 * shown once. */
#include "access.h"
#include "access_list.h"
#include "checked.h"
#include "conf.h"
#include "web.h"

enum { USES_MAX = 1000000 };

struct make_form {
	const char *access; /* public id */
	const char *uses;   /* "": as many as the access has */
};
FORM(make_form, ID(access), LINE(uses, 0, 7));

struct access_page {
	struct list accesses;
	const char *older_href, *token;
	bool is_continued;
	int64_t hours;
};
VIEW(access_page, LIST(accesses, access_line), older_href, OPT(token), is_continued, hours);

static void show(struct request *req, int status, const char *token)
{
	const char *older_href;
	struct list accesses = access_page_of(req, &older_href);
	render_status(req, status, "account/access", access_page, .accesses = accesses, .older_href = older_href,
		.token = token, .is_continued = query_text(req, "before") != NULL,
		.hours = conf.access_token_hours);
}

ROUTE(GET, "/account/access", MEMBER, access_show)
{
	show(req, 200, NULL);
}

ROUTE(GET, "/encours", MEMBER, encours_show)
{
	show(req, 200, NULL);
}

ROUTE(POST, "/account/access", MEMBER, access_make)
{
	int64_t uses = 0;
	const char *token = NULL;
	const struct make_form *form = form_read(req, make_form);
	if (*form->uses && !parse_int(form->uses, 1, USES_MAX, &uses))
		form_error(req, "uses", "error.number");
	if (form_ok(req)) {
		switch (access_token_make(req->db, req->account_id, form->access, uses, &token)) {
		case ACCESS_TOKEN_MADE:
			break;
		case ACCESS_TOKEN_NO_ACCESS:
			not_found(req);
		case ACCESS_TOKEN_TOO_MANY:
			form_error(req, "summary", "error.tokens_many");
			break;
		}
	}
	show(req, token ? 200 : 422, token);
}
