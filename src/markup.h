/* markup.h: Markdown (GitHub's, with tables, ~~strikethrough~~ and bare links) to HTML that may stand in a
 * page. */
#ifndef MARKUP_H
#define MARKUP_H

#include "mem.h"
#include "shape.h"

enum { MARKUP_CAP = 256 * 1024 };

/* The only maker of struct html; the result lives in mem, NULL gives "". Whatever the input, the HTML
 * holds no raw HTML of the author, no style, no script, and no address but http, https, mailto and
 * relative ones (images: http, https and relative). Headings start at h2, because the page has its own h1.
 * Input beyond MARKUP_CAP bytes is cut at a character. Input built to cost time or space gets less: lines
 * that open more than 100 quotes or lists, or HTML beyond four times the cap, and the whole prints as
 * <pre>; with more than 50,000 table cells in sight tables are not recognised. So the result stays under
 * 1.6 MB. fail() only for lack of memory in mem.
 *
 * A long text costs milliseconds (a hostile one up to 0.6 s): render it when it is written, not when it is
 * read. */
struct html markup_html(struct mem *mem, const char *markdown);

#endif
