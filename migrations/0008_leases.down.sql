ALTER TABLE workers DROP COLUMN seen_at;
