-- Customers as merchants edit them, beside what the checkout knows of them. Columns have constant defaults, so no row
-- is written here: a name is split where it is read, and a customer without an address has the latest order's.
-- The release before goes on adding customers, and renaming those that order again: a trigger keeps what is there.

-- Others may hold the table, so the lock is let go and tried again before it would hold up selling.
DO $$
BEGIN
    SET LOCAL lock_timeout = '300ms';
    FOR i IN 1..100 LOOP
        BEGIN
            ALTER TABLE customers
                ADD COLUMN first_name text NOT NULL DEFAULT '', -- both empty: they are parts of name
                ADD COLUMN last_name text NOT NULL DEFAULT '',
                ADD COLUMN address jsonb, -- NULL: that of the latest order; {}: none
                ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
                ADD COLUMN note text NOT NULL DEFAULT '',
                ADD COLUMN accepts_marketing boolean NOT NULL DEFAULT false,
                ADD COLUMN tax_exempt boolean NOT NULL DEFAULT false,
                ADD COLUMN version integer NOT NULL DEFAULT 1,
                ADD COLUMN erased_at timestamptz; -- what is left keeps the orders, and names nobody
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF i = 100 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.1);
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$;

-- Who orders fills in what isn't known yet; everybody can type somebody's email address. Edits count the version.
CREATE FUNCTION orbit_keep_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := coalesce(nullif(OLD.name, ''), NEW.name);
    NEW.phone := coalesce(nullif(OLD.phone, ''), NEW.phone);
    IF (NEW.name, NEW.phone) IS DISTINCT FROM (OLD.name, OLD.phone) THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep BEFORE UPDATE OF name, phone ON customers FOR EACH ROW
    WHEN (NEW.version = OLD.version AND (NEW.name, NEW.phone) IS DISTINCT FROM (OLD.name, OLD.phone))
    EXECUTE FUNCTION orbit_keep_customer();
