/* access_end: every five minutes, accesses to modules whose time is over. They are closed without it (access.h): it tells. */
#include "access.h"
#include "job.h"

enum { AT_ONCE = 500 };

JOB_EVERY(access_end, 300)
{
	while (access_ends_tell(job->db, AT_ONCE) == AT_ONCE)
		continue;
}
