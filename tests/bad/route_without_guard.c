/* expect: undeclared */
#include "web.h"
ROUTE(GET, "/x", EVERYONE, show)
{
	not_found(req);
}
