/* expect: format (string is )?not a string literal */
#include "web.h"
ROUTE(GET, "/x", ANYONE, show)
{
	header(req, "X-Name", query_text(req, "name"));
}
