DELETE FROM one_time_links WHERE purpose = 'invitation';
ALTER TABLE one_time_links DROP COLUMN invitation_id;
ALTER DOMAIN link_purpose DROP CONSTRAINT link_purpose_check;
ALTER DOMAIN link_purpose ADD CHECK (VALUE IN ('set_password', 'first_admin'));
DROP TABLE invitations;
ALTER TABLE memberships DROP COLUMN seen_at, DROP COLUMN version, DROP COLUMN updated_at;
ALTER TABLE merchants DROP COLUMN two_step_required;
ALTER TABLE sessions DROP COLUMN id, DROP COLUMN audience, DROP COLUMN address, DROP COLUMN agent;
DROP TABLE recovery_codes;
ALTER TABLE users
    DROP CONSTRAINT users_two_step_check,
    DROP COLUMN two_step_at,
    DROP COLUMN two_step_secret,
    DROP COLUMN two_step_used;
