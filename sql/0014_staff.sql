-- What staff decide, and what becomes of each refund once: its credit note, its mail, its undoing.

ALTER TABLE orders
	ADD KEY orders_review (review, id);

ALTER TABLE payment
	ADD COLUMN transferred BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'the charge passed money on to a seller: a refund fetches it back';

ALTER TABLE refund
	ADD COLUMN error VARCHAR(100) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'why Stripe refused it, its code; empty: it did not',
	ADD COLUMN settled_at DATETIME(6) NULL COMMENT 'it succeeded: credit note issued, buyer told; NULL: not yet',
	ADD COLUMN undone_at DATETIME(6) NULL COMMENT 'it failed after all: order held, credit note taken back; NULL: it did not';

ALTER TABLE dispute
	ADD COLUMN alerted BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'an inquiry: the event that tells of it is written';

ALTER TABLE entitlement
	ADD COLUMN kept_for VARCHAR(48) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'reason of a revocation that staff took back: it does not revoke again';
