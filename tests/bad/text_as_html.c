/* expect: missing braces */
/* only gcc: clang takes the text for the only member of the struct. */
#include "web.h"
struct page { struct html text; };
VIEW(page, text);
ROUTE(GET, "/x", ANYONE, show)
{
	render(req, "page", page, .text = query_text(req, "q"));
}
