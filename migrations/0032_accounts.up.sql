-- A token of the API carries the marks of its person and, where it is for a shop, of their membership. It holds while
-- both are as they were: what ends a person's tokens renews a mark, here and nowhere else.
ALTER TABLE users ADD COLUMN tokens_since timestamptz NOT NULL DEFAULT now();
ALTER TABLE memberships ADD COLUMN tokens_since timestamptz NOT NULL DEFAULT now();

CREATE FUNCTION orbit_end_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.tokens_since := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER end_tokens BEFORE UPDATE ON users FOR EACH ROW
    WHEN ((OLD.password_changed_at, OLD.two_step_at, OLD.disabled_at, OLD.role)
        IS DISTINCT FROM (NEW.password_changed_at, NEW.two_step_at, NEW.disabled_at, NEW.role))
    EXECUTE FUNCTION orbit_end_tokens();
-- A member who may do less than before. One who is taken away and comes back has a mark of their own.
CREATE TRIGGER end_tokens BEFORE UPDATE ON memberships FOR EACH ROW
    WHEN (OLD.role IS DISTINCT FROM NEW.role OR NOT OLD.permissions <@ NEW.permissions)
    EXECUTE FUNCTION orbit_end_tokens();
