/* payment_test.c: what is paid, given back, disputed and renewed, each packet cut. */
#include "story.h"

static void purchase_seed(struct cut *cut)
{
	story_seed(cut, false);
}

/* The second month alone: what becomes of the subscription afterwards is told elsewhere. */
static void renewal_seed(struct cut *cut)
{
	enum { SECOND_MONTH = 8 };
	story_seed(cut, true);
	cut->body_count = SECOND_MONTH;
}

SCENE(paid_is_cut, "paid", purchase_seed, events_told, .states = 5, .manual = true, .story = "one-off-purchase")
SCENE(refund_is_cut, "refund", purchase_seed, events_told, .states = 3, .manual = true,
	.story = "refund-full", .told = 1)
SCENE(dispute_lost_is_cut, "dispute lost", purchase_seed, events_told, .states = 3, .manual = true,
	.story = "dispute-lost", .told = 1)
SCENE(dispute_won_is_cut, "dispute won", purchase_seed, events_told, .states = 3, .manual = true,
	.story = "dispute-won", .told = 1)
SCENE(renewal_is_cut, "renewal", renewal_seed, events_told, .states = 5, .manual = true,
	.story = "monthly-subscription", .told = 4)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CUT_TEST(paid_is_cut),
		CUT_TEST(refund_is_cut),
		CUT_TEST(dispute_lost_is_cut),
		CUT_TEST(dispute_won_is_cut),
		CUT_TEST(renewal_is_cut),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
