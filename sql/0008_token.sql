-- The ledger of tokens: lots with a remainder and an expiry, entries that are only ever added (domain.md §4).

CREATE TABLE token_account (
	account_id BIGINT NOT NULL,
	balance    BIGINT NOT NULL DEFAULT 0 COMMENT 'equals the sum of the remainders of lots that stand; the row every change locks',
	PRIMARY KEY (account_id),
	CONSTRAINT token_account_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE token_lot (
	account_id      BIGINT NOT NULL,
	id              BIGINT NOT NULL AUTO_INCREMENT,
	kind            VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'pack, quota, trial, upgrade, staff',
	entitlement_id  BIGINT NOT NULL DEFAULT 0 COMMENT 'the right it comes from; 0: staff',
	subscription_id BIGINT NOT NULL DEFAULT 0 COMMENT 'quota: whose; 0: none',
	period_start    DATETIME(6) NOT NULL COMMENT 'quota: the month it is for; otherwise when granted',
	granted         BIGINT NOT NULL,
	remaining       BIGINT NOT NULL COMMENT 'never below 0',
	state           VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'active, frozen (dispute), void, expired',
	expires_at      DATETIME(6) NULL COMMENT 'NULL: never',
	created_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE KEY token_lot_id (id),
	UNIQUE KEY token_lot_period (subscription_id, period_start, kind, entitlement_id, account_id),
	KEY token_lot_expiry (state, expires_at),
	KEY token_lot_right (entitlement_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE token_entry (
	account_id BIGINT NOT NULL,
	id         BIGINT NOT NULL AUTO_INCREMENT,
	kind       VARCHAR(24) CHARACTER SET ascii NOT NULL COMMENT 'subscription_initial, subscription_renewal, subscription_trial, pack_purchase, upgrade, debit, expiry, refund, dispute_freeze, dispute_unfreeze, adjustment',
	lot_id     BIGINT NOT NULL DEFAULT 0 COMMENT '0: a debit over several lots (its parts are token_spend rows)',
	amount     BIGINT NOT NULL COMMENT 'signed',
	balance    BIGINT NOT NULL COMMENT 'after it',
	note       VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'the consumer''s words, or the staff''s reason',
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE KEY token_entry_id (id),
	KEY token_entry_usage (account_id, kind, created_at, amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE token_spend (
	entry_id BIGINT NOT NULL,
	lot_id   BIGINT NOT NULL,
	amount   BIGINT NOT NULL,
	PRIMARY KEY (entry_id, lot_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE token_debit (
	account_id      BIGINT NOT NULL,
	idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	amount          BIGINT NOT NULL,
	entry_id        BIGINT NOT NULL DEFAULT 0 COMMENT '0: refused for want of tokens',
	balance         BIGINT NOT NULL COMMENT 'in the answer given first; a replay gives the same',
	created_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, idempotency_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
