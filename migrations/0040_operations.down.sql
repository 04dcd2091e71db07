DROP TABLE import_images, imports, operation_products, operations;
DROP DOMAIN operation_kind, operation_status, import_status, import_image_status;
ALTER TABLE products DROP COLUMN extra;
ALTER TABLE variants DROP COLUMN extra;

CREATE INDEX inventory_adjustments_newest ON inventory_adjustments (merchant_id, seq);
CREATE OR REPLACE FUNCTION orbit_ledger_opens() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.orbit_note_inventory(r.merchant_id, r.id, 0, r.stock, true) FROM rows r WHERE r.stock <> 0;
    RETURN NULL;
END
$$;

-- As in 0015, with people's drafts: those of half a year ago are forgotten.
CREATE OR REPLACE FUNCTION orbit_sweep_shops(p_after uuid, p_shops integer, p_rows integer,
    OUT resume uuid, OUT swept bigint)
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('orbit.merchant_id', true), '');
    merchant uuid;
    looked integer := 0;
    rest boolean := false; -- the shop that was looked at last has more
    carts bigint;
    drafts bigint;
    changes bigint;
BEGIN
    swept := 0;
    FOR merchant IN SELECT m.id FROM merchants m WHERE m.id > p_after AND m.status <> 'pending'
            ORDER BY m.id LIMIT p_shops LOOP
        PERFORM set_config('orbit.merchant_id', merchant::text, true);
        DELETE FROM carts c WHERE c.merchant_id = merchant AND c.id = ANY (ARRAY(
            SELECT o.id FROM carts o WHERE o.merchant_id = merchant AND o.expires_at < now()
            ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS carts = ROW_COUNT;
        DELETE FROM drafts d WHERE d.merchant_id = merchant AND d.id = ANY (ARRAY(
            SELECT o.id FROM drafts o WHERE o.merchant_id = merchant AND o.expires_at < now()
            ORDER BY o.expires_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS drafts = ROW_COUNT;
        DELETE FROM theme_drafts d WHERE d.ctid = ANY (ARRAY(
            SELECT o.ctid FROM theme_drafts o
            WHERE o.merchant_id = merchant AND o.saved_at < now() - interval '180 days'
            ORDER BY o.saved_at LIMIT p_rows FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS changes = ROW_COUNT;
        swept := swept + carts + drafts + changes;
        looked := looked + 1;
        rest := carts >= p_rows OR drafts >= p_rows OR changes >= p_rows;
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
