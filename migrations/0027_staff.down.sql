ALTER TABLE sessions DROP COLUMN id, DROP COLUMN audience, DROP COLUMN address, DROP COLUMN agent;
DROP TABLE recovery_codes;
ALTER TABLE users
    DROP CONSTRAINT users_two_step_check,
    DROP COLUMN two_step_at,
    DROP COLUMN two_step_secret,
    DROP COLUMN two_step_used;
