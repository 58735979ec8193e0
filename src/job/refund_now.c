/* refund_now: asks Stripe for a refund that staff decided on; without an answer again, under the same key. */
#include "fail.h"
#include "job.h"
#include "refund.h"

JOB(refund_now)
{
	if (!refund_send(job->db, job->subject_id))
		fail("refund.unsure", "Stripe did not say what became of the refund; asked again under the same key");
}
