/* subscription_check: asks Stripe how a subscription stands: after each change, and when events could not tell. */
#include "fail.h"
#include "job.h"
#include "subscription_ask.h"

enum { ROUNDS = 3 };

JOB(subscription_check)
{
	for (int i = 0; i < ROUNDS; i++)
		switch (subscription_ask(job->db, job->subject_id)) {
		case ASKED_APPLIED:
			return;
		case ASKED_LATER:
			continue;
		case ASKED_NONE:
			fail("subscription.unasked", "no answer about subscription %lld", (long long)job->subject_id);
		}
}
