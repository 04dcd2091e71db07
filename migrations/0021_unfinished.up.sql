-- The watch over jobs asks one question across shops: which images are still to be made. It says so, and sees those
-- alone. Two arms of an OR: each has its index.
CREATE POLICY unfinished ON media FOR SELECT
    USING (status = 'processing' AND current_setting('orbit.unfinished', true) = 'on');
CREATE INDEX media_processing ON media (created_at) WHERE status = 'processing';
