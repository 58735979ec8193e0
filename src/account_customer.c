/* account_customer.c: the customer at Stripe that an account was, and is no longer. */
#include "account.h"
#include "audit.h"
#include "moment.h"

bool account_customer_forget(struct db *db, const char *stripe_customer)
{
	int64_t id = db_int(db, "SELECT id FROM account WHERE stripe_customer = ?", stripe_customer);
	if (!id || !db_run(db, "UPDATE account SET stripe_customer = NULL WHERE id = ? AND stripe_customer = ?", id, stripe_customer))
		return false;
	audit_put(db, id, 0, "account.customer_gone", id, stripe_customer);
	return true;
}
