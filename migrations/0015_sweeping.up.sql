-- What has had its time goes: store/tidy.go has the rules for the platform's own tables. This is for the tenants'.

-- Used and expired links are looked for by their time.
CREATE INDEX one_time_links_expires ON one_time_links (expires_at);

-- Deletes expired carts and drafts of up to p_shops merchants, those that come after p_after, with at most p_rows of
-- each table. It looks at one tenant after the other, each through row-level security as always. resume is where
-- the next call goes on, NULL after the last merchant; a shop that has more than p_rows is where it goes on.
-- Rows that somebody else holds are left for the next time: two replicas don't wait for each other.
CREATE FUNCTION orbit_sweep_shops(p_after uuid, p_shops integer, p_rows integer, OUT resume uuid, OUT swept bigint)
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    merchant uuid;
    looked integer := 0;
    rest boolean := false; -- the shop that was looked at last has more
    carts bigint;
    drafts bigint;
BEGIN
    swept := 0;
    FOR merchant IN SELECT m.id FROM merchants m WHERE m.id > p_after AND m.status <> 'pending' ORDER BY m.id LIMIT p_shops LOOP
        PERFORM set_config('orbit.merchant_id', merchant::text, true);
        DELETE FROM carts c WHERE c.merchant_id = merchant AND c.id = ANY (ARRAY(
            SELECT o.id FROM carts o WHERE o.merchant_id = merchant AND o.expires_at < now() ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS carts = ROW_COUNT;
        DELETE FROM drafts d WHERE d.merchant_id = merchant AND d.id = ANY (ARRAY(
            SELECT o.id FROM drafts o WHERE o.merchant_id = merchant AND o.expires_at < now() ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS drafts = ROW_COUNT;
        swept := swept + carts + drafts;
        looked := looked + 1;
        rest := carts >= p_rows OR drafts >= p_rows;
        EXIT WHEN rest;
        resume := merchant;
    END LOOP;
    IF rest THEN
        resume := coalesce(resume, p_after);
    ELSIF looked < p_shops THEN
        resume := NULL;
    END IF;
    PERFORM set_config('orbit.merchant_id', before, true);
END
$$;

-- The serving role can't delete from the audit log (store/roles.go). This deletes for it, as the owner, what is older
-- than 400 days and nothing else, whatever it is called with: orbit.AuditKept says so too. The search path is fixed, so
-- that no object of the caller's stands in for one of ours.
CREATE FUNCTION orbit_sweep_audit(p_rows integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    DELETE FROM public.audit_log a WHERE a.id = ANY (ARRAY(
        SELECT o.id FROM public.audit_log o WHERE o.at < now() - interval '400 days' ORDER BY o.at LIMIT least(p_rows, 10000) FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
REVOKE ALL ON FUNCTION orbit_sweep_audit(integer) FROM PUBLIC;

-- Emails that have their bodies still.
CREATE INDEX mails_bodies ON mails (created_at) WHERE html <> '' OR text <> '';
