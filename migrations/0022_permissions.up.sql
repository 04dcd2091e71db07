-- What staff of a shop may do there: a list of the words in orbit.Permissions. Owners have none and may do everything.

CREATE DOMAIN permissions AS text[] CHECK (VALUE <@ ARRAY['orders', 'products', 'customers', 'discounts', 'content',
    'analytics', 'online_store', 'settings', 'payments', 'developers']::text[]);
ALTER TABLE memberships ADD COLUMN permissions permissions NOT NULL DEFAULT '{}';
