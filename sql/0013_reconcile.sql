-- What the reconciler has asked Stripe about, and the promises it counts.

CREATE TABLE reconcile (
	id       BIGINT NOT NULL COMMENT 'always 1',
	mark_at  DATETIME(6) NULL COMMENT 'every event of Stripe up to then has been looked for; NULL: never asked',
	ran_at   DATETIME(6) NULL COMMENT 'when the last run ended; NULL: none did',
	listed   BIGINT NOT NULL DEFAULT 0 COMMENT 'events Stripe named in the last run',
	missed   BIGINT NOT NULL DEFAULT 0 COMMENT 'of these, not heard of before',
	failed   BIGINT NOT NULL DEFAULT 0 COMMENT 'of those, not applied: failed, or held',
	sessions BIGINT NOT NULL DEFAULT 0 COMMENT 'open payment pages asked about in the last run',
	missed_ever BIGINT NOT NULL DEFAULT 0 COMMENT 'of all runs: how often the webhook was not enough',
	error    VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why the last run was cut short; empty: it was not',
	PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE invariant (
	name       VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the table in src/invariant.c',
	broken     BIGINT NOT NULL COMMENT 'rows that break it; 0: it holds',
	checked_at DATETIME(6) NOT NULL,
	PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
