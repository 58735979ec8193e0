-- A program's idempotency keys are its own: two programs that both call their work "job-1" pay for it each. What was answered
-- before keeps its answer, whichever program asks again.

ALTER TABLE token_debit
	ADD COLUMN api_key_id BIGINT NOT NULL DEFAULT 0 COMMENT 'whose idempotency key it is; 0: of before, any program''s' AFTER idempotency_key,
	DROP PRIMARY KEY,
	ADD PRIMARY KEY (account_id, idempotency_key, api_key_id);
