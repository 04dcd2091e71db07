-- An activation is one round trip: what it has to ask is asked where it writes.

-- Turns a merchant to activating and gives theme and plan of an activation, each by slug or id; refuses (OR004) where the
-- merchant isn't pending, or theme or plan isn't on offer. The merchant's row stays locked: two admins, one answer.
CREATE FUNCTION orbit_accept(p_merchant uuid, p_theme text, p_plan text, OUT theme uuid, OUT plan uuid)
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE merchants SET status = 'activating', updated_at = now() WHERE id = p_merchant AND status = 'pending';
    IF FOUND THEN
        SELECT id INTO theme FROM themes WHERE active AND (slug = p_theme OR id::text = p_theme);
        SELECT id INTO plan FROM plans WHERE active AND (slug = p_plan OR id::text = p_plan);
    END IF;
    IF theme IS NULL OR plan IS NULL THEN
        RAISE EXCEPTION 'the activation of merchant % is refused', p_merchant USING ERRCODE = 'OR004';
    END IF;
END
$$;

-- River makes these for searching jobs by their arguments, which nothing here does. Each job would be written into them
-- three times: when it is added, taken and done.
DROP INDEX IF EXISTS river_job_args_index, river_job_metadata_index;
