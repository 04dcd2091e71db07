DROP FUNCTION orbit_count_refusal(text, text, text, text, timestamptz, bigint, bigint);
