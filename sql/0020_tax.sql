-- Tax as Stripe works it out: whether it comes on top of an order's prices or is in them, as it was when the order was made,
-- and what it is of each line. 0 of every line of a taxed order: never told.

ALTER TABLE orders ADD tax_behavior VARCHAR(9) CHARACTER SET ascii NOT NULL DEFAULT ''
	COMMENT 'exclusive, inclusive; empty: made without Stripe Tax' AFTER tax;

ALTER TABLE order_line ADD tax BIGINT NOT NULL DEFAULT 0
	COMMENT 'as Stripe told it; counts when those of all lines are the order''s' AFTER amount;
