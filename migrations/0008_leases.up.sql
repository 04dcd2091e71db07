-- A process that is frozen, or whose machine is gone, keeps its session and its lock: only that it says nothing shows.
-- Each renews this every second; others take over after 15 s (store/operations.go).
ALTER TABLE workers ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();
