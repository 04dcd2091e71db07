DROP TABLE payment_methods, shipping_rates, menus, pages, collection_products, collections, variants, products,
    integrations, onboarding, settings;
DROP FUNCTION orbit_merchant();
DROP DOMAIN integration_kind, integration_status, product_status;
