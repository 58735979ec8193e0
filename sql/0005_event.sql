-- What Stripe told us, what happened here, what is still to be done, and the mails to be sent.

CREATE TABLE stripe_event (
	id          VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	type        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	object_id   VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	account     VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Connect; empty: our own',
	api_version VARCHAR(40) CHARACTER SET ascii NOT NULL,
	livemode    BOOLEAN NOT NULL,
	state       VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'applied, ignored, review, failed, dead',
	note        VARCHAR(400) NOT NULL DEFAULT '' COMMENT 'why it was ignored, held or failed',
	tries       BIGINT NOT NULL DEFAULT 0,
	payload     MEDIUMBLOB NOT NULL COMMENT 'the exact body received',
	created_at  DATETIME(6) NOT NULL COMMENT 'by Stripe''s clock, whole seconds',
	received_at DATETIME(6) NOT NULL,
	retry_at    DATETIME(6) NULL COMMENT 'NULL: nothing to retry',
	PRIMARY KEY (id),
	KEY stripe_event_retry (retry_at),
	KEY stripe_event_state (state, received_at),
	KEY stripe_event_object (object_id, type)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE event (
	id         BIGINT NOT NULL AUTO_INCREMENT,
	topic      VARCHAR(48) CHARACTER SET ascii NOT NULL,
	account_id BIGINT NOT NULL,
	subject_id BIGINT NOT NULL,
	payload    MEDIUMTEXT NOT NULL COMMENT 'JSON, printed by the shape',
	request_id VARCHAR(40) CHARACTER SET ascii NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY event_subject (topic, subject_id),
	KEY event_account (account_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE job (
	id         BIGINT NOT NULL AUTO_INCREMENT,
	reaction   VARCHAR(48) CHARACTER SET ascii NOT NULL COMMENT 'the function in src/job/',
	unique_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one open job of a reaction and key at a time',
	event_id   BIGINT NOT NULL DEFAULT 0 COMMENT '0: not from an event',
	subject_id BIGINT NOT NULL DEFAULT 0,
	state      VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'ready, leased, dead; done jobs are deleted',
	tries      BIGINT NOT NULL DEFAULT 0,
	error      VARCHAR(400) NOT NULL DEFAULT '',
	run_at     DATETIME(6) NOT NULL,
	lease_id   CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	lease_until DATETIME(6) NULL COMMENT 'NULL: nobody holds it',
	request_id VARCHAR(40) CHARACTER SET ascii NOT NULL DEFAULT '',
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY job_unique (reaction, unique_key),
	KEY job_due (state, run_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE mail (
	id         BIGINT NOT NULL AUTO_INCREMENT,
	account_id BIGINT NOT NULL,
	unique_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the fact it tells of: a receipt goes out once',
	recipient  VARCHAR(254) COLLATE utf8mb4_bin NOT NULL,
	subject    VARCHAR(200) NOT NULL,
	body       MEDIUMTEXT NOT NULL COMMENT 'plain text; emptied once sent when it held a secret link',
	secret     BOOLEAN NOT NULL DEFAULT FALSE,
	state      VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'ready, sent, dead',
	tries      BIGINT NOT NULL DEFAULT 0,
	error      VARCHAR(200) NOT NULL DEFAULT '',
	created_at DATETIME(6) NOT NULL,
	send_at    DATETIME(6) NOT NULL,
	sent_at    DATETIME(6) NULL COMMENT 'NULL: not sent',
	PRIMARY KEY (id),
	UNIQUE KEY mail_unique (unique_key),
	KEY mail_due (state, send_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
