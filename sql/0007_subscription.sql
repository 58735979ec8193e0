-- Subscriptions: a mirror of Stripe's, our plan beside it, and one row per period that was paid.

ALTER TABLE price
	ADD COLUMN stripe_price VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'recurring: made at Stripe when first needed; NULL: not yet',
	ADD COLUMN trial_days BIGINT NOT NULL DEFAULT 0 COMMENT '0: no trial',
	ADD COLUMN trial_card BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'a trial asks for a payment method first',
	ADD COLUMN trial_percent BIGINT NOT NULL DEFAULT 10 COMMENT 'of the token quota during the trial',
	ADD KEY price_stripe (stripe_price);

CREATE TABLE subscription (
	id                   BIGINT NOT NULL AUTO_INCREMENT,
	public_id            CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	stripe_subscription  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	stripe_customer      VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	stripe_item          VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	stripe_price         VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'as mirrored; the plan in force is price_id',
	account_id           BIGINT NOT NULL DEFAULT 0 COMMENT '0: not linked yet (its session or metadata has not been told)',
	order_id             BIGINT NOT NULL DEFAULT 0 COMMENT 'the order it was bought with; 0: not linked yet',
	price_id             BIGINT NOT NULL DEFAULT 0 COMMENT 'our plan in force: that of the newest paid period; 0: not known yet',
	next_price_id        BIGINT NOT NULL DEFAULT 0 COMMENT 'downgrade that begins with the next period; 0: none',
	status               VARCHAR(24) CHARACTER SET ascii NOT NULL COMMENT 'as Stripe says; empty: not told yet; unknown ones give no access; canceled and incomplete_expired are final',
	started_at           DATETIME(6) NULL COMMENT 'NULL: not told yet',
	anchor_at            DATETIME(6) NULL COMMENT 'billing anchor; NULL: not told yet',
	period_start         DATETIME(6) NULL COMMENT 'as mirrored; NULL: not told yet',
	period_end           DATETIME(6) NULL,
	paid_until           DATETIME(6) NULL COMMENT 'greatest end of a paid period; NULL: nothing paid yet',
	trial_start          DATETIME(6) NULL COMMENT 'NULL: no trial',
	trial_end            DATETIME(6) NULL COMMENT 'NULL: no trial',
	cancel_at            DATETIME(6) NULL COMMENT 'NULL: goes on',
	canceled_at          DATETIME(6) NULL,
	ended_at             DATETIME(6) NULL COMMENT 'NULL: not ended',
	past_due_at          DATETIME(6) NULL COMMENT 'since when payment is overdue, for the grace; NULL: it is not',
	pause_behavior       VARCHAR(24) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'of pause_collection; empty: not paused so',
	pause_resumes_at     DATETIME(6) NULL COMMENT 'NULL: until told',
	changing_at          DATETIME(6) NULL COMMENT 'a change was asked of Stripe then and is not mirrored yet; NULL: none',
	told_at              DATETIME(6) NOT NULL COMMENT 'Stripe''s time of the event the mirror comes from',
	told_rank            VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'settles which of two events of one second is later',
	created_at           DATETIME(6) NOT NULL,
	updated_at           DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY subscription_public (public_id),
	UNIQUE KEY subscription_stripe (stripe_subscription),
	KEY subscription_account (account_id, id),
	KEY subscription_status (status, paid_until),
	KEY subscription_order (order_id),
	KEY subscription_next (next_price_id, period_end)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE stripe_invoice (
	id                  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	stripe_subscription VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'empty: of no subscription',
	stripe_price        VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the line that is no proration; of a change without one, the new price',
	from_price          VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'change of plan: the price left; empty: none',
	status              VARCHAR(24) CHARACTER SET ascii NOT NULL COMMENT 'empty: only its payment was told; paid is final',
	billing_reason      VARCHAR(48) CHARACTER SET ascii NOT NULL,
	amount_due          BIGINT NOT NULL DEFAULT 0,
	amount_paid         BIGINT NOT NULL DEFAULT 0,
	tax                 BIGINT NOT NULL DEFAULT 0,
	currency            CHAR(3) CHARACTER SET ascii NOT NULL,
	period_start        DATETIME(6) NULL COMMENT 'of the lines that are no proration; NULL: there are none',
	period_end          DATETIME(6) NULL,
	change_at           DATETIME(6) NULL COMMENT 'change of plan: from when its lines are prorated; NULL: none',
	change_end          DATETIME(6) NULL,
	attempts            BIGINT NOT NULL DEFAULT 0 COMMENT 'payments tried',
	next_attempt_at     DATETIME(6) NULL COMMENT 'NULL: none to come',
	hosted_url          VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	created_at          DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY stripe_invoice_subscription (stripe_subscription, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE subscription_period (
	id              BIGINT NOT NULL AUTO_INCREMENT,
	subscription_id BIGINT NOT NULL,
	stripe_invoice  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	price_id        BIGINT NOT NULL,
	changed         BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'a change of plan, prorated: it brings no quota, only the share of an upgrade',
	from_price_id   BIGINT NOT NULL DEFAULT 0 COMMENT 'of a change: the plan left; 0: not ours',
	trial           BOOLEAN NOT NULL DEFAULT FALSE,
	starts_at       DATETIME(6) NOT NULL,
	ends_at         DATETIME(6) NOT NULL,
	amount          BIGINT NOT NULL,
	currency        CHAR(3) CHARACTER SET ascii NOT NULL,
	state           VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'active, suspended (dispute open), revoked (refunded, dispute lost)',
	created_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY subscription_period_invoice (stripe_invoice),
	KEY subscription_period_time (subscription_id, ends_at),
	CONSTRAINT subscription_period_subscription FOREIGN KEY (subscription_id) REFERENCES subscription (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE trial_claim (
	account_id      BIGINT NOT NULL,
	product_id      BIGINT NOT NULL,
	subscription_id BIGINT NOT NULL COMMENT 'that had it',
	created_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (account_id, product_id)
) ENGINE=InnoDB COMMENT='a trial is one per person and product';
