-- Which browser asked for a mailed link: there it serves at a press, elsewhere with the password (src/login.h).

ALTER TABLE account_token
	ADD COLUMN browser VARBINARY(32) NOT NULL DEFAULT '' COMMENT 'SHA-256 of the visitor''s cookie; empty: none' AFTER next;
