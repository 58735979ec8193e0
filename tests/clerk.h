/* clerk.h: somebody of the staff at the desk, and who is turned away there, for tests. */
#ifndef CLERK_H
#define CLERK_H

#include "buyer.h"
#include "conf.h"

/* Logged in, the password typed just now. Named to be found on a page. */
static inline int64_t a_clerk(struct fixture *f)
{
	int64_t clerk = a_member(f, "clerk@example.com");
	db_run(&f->db, "UPDATE account SET staff = TRUE, name = 'Clara Clerk' WHERE id = ?", clerk);
	log_in(f, clerk);
	return clerk;
}

/* The password was typed too long ago for what moves money or rights. */
static inline void proof_is_old(struct fixture *f)
{
	db_run(&f->db, "UPDATE session SET proved_at = ?", moment_add_seconds(moment_now(), -16 * 60));
}

/* A guest is sent to log in and back here, a customer is refused. */
static inline void shown_to_staff_alone(struct fixture *f, const char *path)
{
	log_out(f);
	struct page page = get(f, path);
	assert_int_equal(page.status, 303);
	assert_int_equal(strncmp(page.location, "/login?next=%2F", 15), 0);
	log_in(f, a_member(f, "customer@example.com"));
	assert_int_equal(get(f, path).status, 403);
	log_out(f);
}

/* The same for a form, with a good token or none; staff need the token of their own page, and to be on this site. */
static inline void posted_by_staff_alone(struct fixture *f, const char *path, const char *form)
{
	static const char type[] = "application/x-www-form-urlencoded";
	log_out(f);
	assert_int_equal(strncmp(post(f, path, form).location, "/login", 6), 0); /* with a way back where a page is */
	assert_int_equal(strncmp(post_raw(f, path, type, form, NULL).location, "/login", 6), 0);
	log_in(f, a_member(f, "customer@example.com"));
	assert_int_equal(post(f, path, form).status, 403);
	log_out(f);
	a_clerk(f);
	assert_int_equal(post_raw(f, path, type, form, conf.base_url).status, 403);
	assert_int_equal(post_raw(f, path, type, mem_format(f->mem, "%s&csrf=AAAA", form), conf.base_url).status, 403);
	const char *token = strstr(get(f, "/admin/health").body, "name=\"csrf\" value=\"") + strlen("name=\"csrf\" value=\"");
	const char *body = mem_format(f->mem, "%s&csrf=%.*s", form, (int)strcspn(token, "\""), token);
	assert_int_equal(post_raw(f, path, type, body, "https://elsewhere.example").status, 403);
}

/* An input of that name as it stands on a page: with this value; ticked or chosen. */
static inline const char *input_of(struct fixture *f, struct page page, const char *name)
{
	const char *at = strstr(page.body, mem_format(f->mem, "name=\"%s\"", name));
	return at ? mem_textn(f->mem, at, strcspn(at, ">")) : "";
}

static inline const char *choice_of(struct fixture *f, struct page page, const char *name, const char *value)
{
	const char *at = strstr(page.body, mem_format(f->mem, "name=\"%s\" value=\"%s\"", name, value));
	return at ? mem_textn(f->mem, at, strcspn(at, ">")) : "";
}

#endif
