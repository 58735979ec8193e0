-- What `comptoir migrate` keeps about itself. Run before every migration: everything here may be run again.

CREATE TABLE IF NOT EXISTS migration (
	name        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the file below sql/',
	sha256      BINARY(32) NOT NULL COMMENT 'of the file when it was applied: it may not change any more',
	state       VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'started, finished',
	statement   BIGINT NOT NULL COMMENT 'begun last, counted from 1; DDL cannot be rolled back',
	statements  BIGINT NOT NULL COMMENT 'of the file',
	started_at  DATETIME(6) NOT NULL,
	finished_at DATETIME(6) NULL COMMENT 'NULL: not finished',
	PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS migration_lease (
	id       BIGINT NOT NULL COMMENT 'always 1',
	holder   CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'random; empty: free',
	until_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO migration_lease (id, holder, until_at) VALUES (1, '', '2000-01-01') ON DUPLICATE KEY UPDATE id = id;
