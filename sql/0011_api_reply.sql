-- The first answer under each Idempotency-Key, for calls of the API that keep no row of their own that could tell; and what
-- of an access's end was told.

CREATE TABLE api_reply (
	api_key_id      BIGINT NOT NULL,
	idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	request_hash    BINARY(32) NOT NULL COMMENT 'SHA-256 of path and fields: the same key for something else is refused',
	status          SMALLINT NOT NULL DEFAULT 0 COMMENT '0: only within the transaction that makes the answer',
	body            TEXT NOT NULL DEFAULT '',
	created_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (api_key_id, idempotency_key),
	KEY api_reply_age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE module_access
	ADD COLUMN end_told DATETIME(6) NULL COMMENT 'the end that module.expired told of; NULL: none yet' AFTER suspended_at,
	ADD COLUMN end_to_tell DATETIME(6) AS (IF(state = 'active' AND COALESCE(end_told < ends_at, TRUE), ends_at, NULL)) VIRTUAL
		COMMENT 'what the job looks for: it does not grow with what was told' AFTER end_told,
	ADD KEY module_access_end (end_to_tell);
