-- People, how they prove who they are, and what was done in their name.

CREATE TABLE account (
	id              BIGINT NOT NULL AUTO_INCREMENT,
	public_id       CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	email           VARCHAR(254) COLLATE utf8mb4_bin NOT NULL COMMENT 'trimmed, lower case',
	name            VARCHAR(100) NOT NULL,
	language        CHAR(2) CHARACTER SET ascii NOT NULL,
	password        VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'argon2id, encoded; empty: cannot log in with one',
	staff           BOOLEAN NOT NULL DEFAULT FALSE,
	seller          BOOLEAN NOT NULL DEFAULT FALSE,
	stripe_customer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: never went to a checkout',
	verified_at     DATETIME(6) NULL COMMENT 'NULL: the address is not proven yet',
	created_at      DATETIME(6) NOT NULL,
	updated_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY account_public (public_id),
	UNIQUE KEY account_email (email),
	UNIQUE KEY account_customer (stripe_customer)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE session (
	token_hash  BINARY(32) NOT NULL COMMENT 'SHA-256 of the cookie; the cookie itself is nowhere kept',
	public_id   CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	account_id  BIGINT NOT NULL,
	user_agent  VARCHAR(200) NOT NULL,
	address     VARCHAR(45) CHARACTER SET ascii NOT NULL,
	proved_at   DATETIME(6) NOT NULL COMMENT 'when the password was last typed in this session',
	created_at  DATETIME(6) NOT NULL,
	seen_at     DATETIME(6) NOT NULL,
	expires_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (token_hash),
	UNIQUE KEY session_public (public_id),
	KEY session_account (account_id, created_at),
	KEY session_expiry (expires_at),
	CONSTRAINT session_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE account_token (
	token_hash BINARY(32) NOT NULL,
	account_id BIGINT NOT NULL,
	purpose    VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'verify, reset, email',
	email      VARCHAR(254) COLLATE utf8mb4_bin NOT NULL COMMENT 'the address the link was sent to',
	next       VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'path to go on to; empty: the portal',
	created_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	used_at    DATETIME(6) NULL COMMENT 'NULL: not used yet',
	PRIMARY KEY (token_hash),
	KEY account_token_account (account_id, purpose),
	KEY account_token_expiry (expires_at),
	CONSTRAINT account_token_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE throttle (
	bucket     BINARY(32) NOT NULL COMMENT 'SHA-256 of what is counted: "login:address:…"',
	tries      BIGINT NOT NULL,
	started_at DATETIME(6) NOT NULL COMMENT 'when this window began',
	PRIMARY KEY (bucket),
	KEY throttle_age (started_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE audit (
	id         BIGINT NOT NULL AUTO_INCREMENT,
	account_id BIGINT NOT NULL COMMENT 'whose things were touched; 0: nobody''s',
	actor_id   BIGINT NOT NULL COMMENT 'who did it; 0: the program itself',
	action     VARCHAR(48) CHARACTER SET ascii NOT NULL COMMENT 'order.paid, entitlement.revoked …',
	subject_id BIGINT NOT NULL COMMENT 'row of the noun before the dot',
	detail     VARCHAR(500) NOT NULL COMMENT 'why; never keys, passwords or addresses',
	request_id VARCHAR(40) CHARACTER SET ascii NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY audit_account (account_id, id),
	KEY audit_subject (action, subject_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
