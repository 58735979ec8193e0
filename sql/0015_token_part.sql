-- What a refund of a part of a line took of the lots of its tokens: when that refund fails after all, it comes back.

CREATE TABLE token_part (
	refund_id  BIGINT NOT NULL,
	lot_id     BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	amount     BIGINT NOT NULL COMMENT 'taken of what remained; 0: given back',
	PRIMARY KEY (refund_id, lot_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
