/* /admin/orders/{number}: all that is known of one order. What is done to it is in order_do.c. */
#include "desk_order.h"

ROUTE(GET, "/admin/orders/{number}", STAFF, desk_order_get)
{
	desk_order_show(req, 200, (struct desk_typed){ 0 });
}
