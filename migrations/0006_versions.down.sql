DROP TABLE drafts;
DROP TRIGGER shop_insert ON domains;
DROP TRIGGER shop_update ON domains;
DROP TRIGGER shop_delete ON domains;
DROP FUNCTION orbit_domain_changed();
DROP TRIGGER shop_update ON merchants;
DROP TRIGGER shop_delete ON merchants;
DROP FUNCTION orbit_merchant_changed();
DROP TRIGGER shop_update ON variants;
DROP FUNCTION orbit_variants_changed();
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['settings', 'products', 'collections', 'collection_products', 'pages', 'menus', 'variants'] LOOP
        EXECUTE format('DROP TRIGGER shop ON %I', t);
    END LOOP;
END
$$;
DROP FUNCTION orbit_shop_changed();
