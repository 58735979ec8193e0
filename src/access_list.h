/* access_list.h: the accesses of an account for its page, newest first, each with the tokens that serve. */
#ifndef ACCESS_LIST_H
#define ACCESS_LIST_H

#include "web.h"

struct access_token_line {
	int64_t access_id, uses_left;
	const char *token; /* public id */
	bool unlimited;
	struct moment expires_at;
};
VIEW(access_token_line, access_id, uses_left, token, unlimited, expires_at);

struct access_line {
	int64_t id;
	const char *access; /* public id */
	const char *title, *price_title, *module, *level, *state, *state_label;
	bool is_open, is_later, unlimited;
	int64_t uses_left;
	struct moment starts_at, ends_at;
	struct list tokens;
};
VIEW(access_line, id, access, title, price_title, module, level, state, state_label, is_open, is_later,
	unlimited, uses_left, starts_at, OPT(ends_at), LIST(tokens, access_token_line));

/* Accesses with an id below ?before=…, a page of them; *older_href is the address of the rest ("": none).
 * Two queries. */
struct list access_page_of(struct request *req, const char **older_href);

#endif
