/* expect: no member named|does not refer to any field */
#include "web.h"
struct page { const char *title; };
VIEW(page, title);
ROUTE(GET, "/x", ANYONE, show)
{
	render(req, "page", page, .titel = "Night Walk");
}
