/* page.h: what every page knows besides its own view: {{page.…}} in the layout. */
#ifndef PAGE_H
#define PAGE_H

#include "web.h"

struct page_member {
	const char *email;
	const char *name;
	const char *initials;
	bool staff;
	bool seller;
};

struct page {
	const char *lang;
	const char *path;
	const char *lang_en_href;
	const char *lang_fr_href;
	bool is_en;
	bool is_fr;
	const char *assets; /* prefix of style.css and the like; changes with their content */
	const char *media;  /* prefix of covers */
	const char *shop_name;
	bool test_mode;
	const struct page_member *member;
	const char *csrf;
	const char *notice;
	bool notice_bad;
	int64_t year;
	int64_t refresh;
	const char *canonical;
	const char *request_id;
	const char *login_href;
};

struct page_frame {
	const struct page *page;
};

struct page_frame page_frame(struct request *req);
const struct shape *page_shape_outer(void);

/* Whether a POST carries the token of its cookie and, when the browser says where it comes from, our origin. */
bool csrf_good(struct request *req);

#endif
