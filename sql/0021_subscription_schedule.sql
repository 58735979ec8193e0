-- A change to a lesser plan stands at Stripe from the moment it is chosen, as a schedule of the subscription: it is Stripe that
-- begins it, with the next period. Both columns tell what stands there, next_price_id what the member wants.

ALTER TABLE subscription
	ADD stripe_schedule VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
		COMMENT 'as mirrored: what plans its next periods; empty: nothing does',
	ADD scheduled_price_id BIGINT NOT NULL DEFAULT 0 COMMENT 'the plan our schedule there begins next; 0: none',
	ADD KEY subscription_scheduled (scheduled_price_id);
