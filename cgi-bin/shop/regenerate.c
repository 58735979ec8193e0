/* /account/regenerate: puts back every right that a paid order or subscription should have brought, and says what it did. It is
 * answered by the shop, whose database user may settle subscriptions already; the portal's may not. */
#include "regenerate.h"
#include "web.h"

ROUTE(POST, "/account/regenerate", MEMBER, regenerate_run)
{
	struct fulfilment done = { 0 };
	if (!orders_regenerate(req->db, req->account_id, &done))
		see_other(req, "/account/downloads?notice=regenerated");
	see_other(req, "/account/downloads?created=%lld&skipped=%lld&orders=%lld", (long long)done.created,
		(long long)done.skipped, (long long)done.orders);
}
