-- Adds to a line of the audit log that counts (0011), or begins it. The serving role may add to the log and change nothing in
-- it, so this is the owner's: it changes the count of such lines alone. p_lines bounds how many an action gets in an
-- hour; what comes beyond is counted in one more, of no target and no address.
CREATE FUNCTION orbit_count_refusal(p_action text, p_target text, p_network text, p_address text, p_at timestamptz, p_count bigint, p_lines bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    hour timestamptz := date_trunc('hour', p_at);
    line text := concat_ws(' ', p_action, extract(epoch FROM hour)::bigint, p_target, p_network);
BEGIN
    IF p_count < 1 OR p_action NOT IN ('session.refused', 'password.refused', 'throttle.hit') THEN
        RAISE EXCEPTION 'this isn''t counted: %', p_action;
    END IF;
    IF NOT EXISTS (SELECT FROM public.audit_log WHERE once = line)
        AND (SELECT count(*) FROM public.audit_log WHERE at >= hour AND action = p_action AND once IS NOT NULL) >= p_lines THEN
        line := concat_ws(' ', p_action, extract(epoch FROM hour)::bigint);
        p_target := '';
        p_address := '';
    END IF;
    INSERT INTO public.audit_log AS a (at, actor, action, target, detail, address, once)
        VALUES (p_at, 'public', p_action, p_target, jsonb_build_object('count', p_count), p_address, line)
        ON CONFLICT (once) WHERE once IS NOT NULL DO UPDATE
            SET at = greatest(a.at, excluded.at), address = excluded.address, detail = jsonb_build_object('count', (a.detail ->> 'count')::bigint + p_count);
END
$$;
REVOKE ALL ON FUNCTION orbit_count_refusal(text, text, text, text, timestamptz, bigint, bigint) FROM PUBLIC;
