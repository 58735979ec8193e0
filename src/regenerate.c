/* regenerate.c: fulfilment asked for by the customer. */
#include "regenerate.h"

#include "audit.h"
#include "moment.h"
#include "subscription_settle.h"

bool orders_regenerate(struct db *db, int64_t account_id, struct fulfilment *done)
{
	struct moment since = moment_add_seconds(moment_now(), -60 * REGENERATE_MINUTES);
	if (db_int(db,
		"SELECT COUNT(*) FROM audit WHERE action = 'account.regenerated' AND subject_id = ? AND created_at > ?",
		account_id, since) >= REGENERATE_TIMES)
		return false;
	audit_put(db, account_id, account_id, "account.regenerated", account_id, "");
	*done = orders_fulfil_account(db, account_id);
	struct fulfilment recurring = subscriptions_mend_account(db, account_id);
	done->created += recurring.created;
	done->skipped += recurring.skipped;
	return true;
}
