/* tokens_expire: every five minutes, lots whose time is over. Balances are right without it (token.h): it
 * writes the ledger of those who do nothing meanwhile, and tells events. */
#include "job.h"
#include "token.h"

enum { ACCOUNTS = 500 };

JOB_EVERY(tokens_expire, 300)
{
	while (token_lots_expire(job->db, ACCOUNTS) == ACCOUNTS)
		continue;
}
