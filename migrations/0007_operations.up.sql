-- What the Operations page and the metrics ask. No index here holds a column that a step changes: a run's row
-- and its steps stay updated in place (0001). error_log changes with a failure alone.
CREATE INDEX merchant_provisionings_created ON merchant_provisionings (created_at);
CREATE INDEX merchant_provisionings_failures ON merchant_provisionings (created_at DESC) WHERE error_log <> '[]'::jsonb;
-- The reconciler looks for these every few seconds, and there are few of them.
CREATE INDEX mails_queued ON mails (created_at) WHERE status = 'queued';

-- How long changes took from their commit to the pages that watch, counted by the hour: every process adds what
-- it has measured. at_most_ms is the upper bound of a bucket, 2147483647 for all that took longer than the largest.
CREATE TABLE live_update_times (
    hour timestamptz NOT NULL,
    at_most_ms integer NOT NULL CHECK (at_most_ms > 0),
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (hour, at_most_ms)
);
