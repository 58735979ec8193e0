/* page.c: the facts of the layout, gathered once per rendered page. */
#include "page.h"

#include <ctype.h>
#include <string.h>

#include "conf.h"
#include "moment.h"
#include "next.h"
#include "route.h"

#ifndef ASSETS_HASH
#define ASSETS_HASH "dev"
#endif

VIEW(page_member, email, name, initials, staff, seller);
VIEW(page, lang, path, lang_en_href, lang_fr_href, is_en, is_fr, assets, media, shop_name, test_mode,
	REF(member, page_member), csrf, OPT(notice), notice_bad, year, refresh, canonical, request_id, login_href);
VIEW(page_frame, REF(page, page));

const struct shape *page_shape_outer(void)
{
	return &page_frame_shape;
}

/* The first letters of the first two words of a name. */
static const char *initials_of(struct mem *mem, const char *name)
{
	struct buffer out = buffer_new(mem, 8);
	bool start = true;
	for (const char *p = name; *p && utf8_length(out.text) < 2; p++) {
		if (start && *p != ' ' && (*p & 0xC0) != 0x80) {
			size_t length = 1;
			while ((p[length] & 0xC0) == 0x80)
				length++;
			buffer_put(&out, p, length);
		}
		start = *p == ' ' || *p == '-';
	}
	return out.text;
}

static const struct page_member *member_of(struct request *req)
{
	if (!req->member)
		return NULL;
	struct page_member *member = mem_get(req->mem, sizeof *member);
	*member = (struct page_member){ .email = req->member->email, .name = req->member->name,
		.initials = initials_of(req->mem, req->member->name), .staff = req->member->staff,
		.seller = req->member->seller };
	return member;
}

/* This page in another language: the query as it is, but for lang and one-time notices. A refused form is shown where no query
 * is: where it leads to goes along. */
static const char *language_href(struct request *req, const char *path, const char *language)
{
	struct buffer href = buffer_new(req->mem, 128);
	buffer_format(&href, "%s?", path);
	for (const char *at = req->query; *at;) {
		size_t length = strcspn(at, "&");
		if (length && strncmp(at, "lang=", 5) && strncmp(at, "notice=", 7)) {
			buffer_put(&href, at, length);
			buffer_text(&href, "&");
		}
		at += length + (at[length] == '&');
	}
	const char *next = req->method == POST ? next_of(req) : "";
	if (*next)
		buffer_format(&href, "next=%s&", url_encode(req->mem, next));
	buffer_format(&href, "lang=%s", language);
	return href.text;
}

static const char *login_href(struct request *req, const char *path)
{
	bool auth = !strncmp(path, "/login", 6) || !strncmp(path, "/register", 9) || !strcmp(path, "/");
	return auth ? "/login" : mem_format(req->mem, "/login?next=%s", url_encode(req->mem, path));
}

struct page_frame page_frame(struct request *req)
{
	struct page *page = mem_get(req->mem, sizeof *page);
	const char *path = route_shown(req);
	*page = (struct page){
		.lang = req->language,
		.path = path,
		.lang_en_href = language_href(req, path, "en"),
		.lang_fr_href = language_href(req, path, "fr"),
		.is_en = !strcmp(req->language, "en"),
		.is_fr = !strcmp(req->language, "fr"),
		.assets = "/static/" ASSETS_HASH,
		.media = "/media",
		.shop_name = conf.shop_name,
		.test_mode = !conf.stripe_livemode,
		.member = member_of(req),
		.csrf = req->shared ? "" : csrf_token(req),
		.notice = req->notice,
		.notice_bad = req->notice_bad,
		.year = moment_civil(moment_now()).year,
		.refresh = req->refresh,
		.canonical = mem_format(req->mem, "%s%s", conf.base_url, path),
		.request_id = req->id,
		.login_href = login_href(req, path),
	};
	return (struct page_frame){ page };
}
