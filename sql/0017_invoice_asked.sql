-- Of an invoice only its first lines may be told: the others are asked for.

ALTER TABLE stripe_invoice
	ADD COLUMN lines_told BIGINT NOT NULL DEFAULT 0 COMMENT '0: all that were told; 1: there are more, to be read from Stripe; 2: all were read',
	ADD KEY stripe_invoice_lines (lines_told);

-- What was asked for is not what money paid, where the customer had credit. Before it was told, the best that is known.

ALTER TABLE stripe_invoice
	ADD COLUMN total BIGINT NOT NULL DEFAULT 0 COMMENT 'asked for, tax within; credit of the customer may have paid a part; negative: given as credit' AFTER amount_due;

UPDATE stripe_invoice SET total = GREATEST(amount_due, amount_paid);

-- What staff decided about a hold stands, whatever is told again.

ALTER TABLE orders
	ADD COLUMN decision VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'of staff about the last doubt of its money: release, close; empty: none' AFTER review,
	ADD COLUMN decided VARCHAR(48) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'the review that it was about' AFTER decision;

-- A dispute may name its charge alone.

ALTER TABLE payment ADD KEY payment_charge (charge);
