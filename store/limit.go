package store

import (
	"context"
	"time"

	"orbit360.app/store/pg"
)

// Limits that must hold for all processes together, and past a restart, are here in the database: tries of passwords,
// emails, applications. They are few; each costs a statement. What protects one process from too many requests is
// counted in its memory (handlers/api).

// Bucket holds the tries of one key: Burst at once, then one every period/Burst.
type Bucket struct {
	Key   string
	Burst int
}

// Allow is AllowAll for one bucket.
func (db *DB) Allow(ctx context.Context, key string, burst int, period time.Duration) (ok bool, wait time.Duration,
	err error) {
	refused, wait, err := db.AllowAll(ctx, period, Bucket{key, burst})
	return refused == "" && err == nil, wait, err
}

// AllowAll takes one try from each bucket, or none from any: refused names one that is empty, and wait says when
// there will be a try in all of them again. A refusal writes nothing, so a client that is refused makes nothing grow,
// and takes nothing from a bucket that it shares with others. The rule is GCRA (ITU-T I.371), one timestamp a key.
func (db *DB) AllowAll(ctx context.Context, period time.Duration, buckets ...Bucket) (refused string,
	wait time.Duration, err error) {
	return allow(ctx, db, period, buckets...)
}

// allow is AllowAll, within a transaction too: a try that is rolled back with it wasn't taken.
func allow(ctx context.Context, on pg.Source, period time.Duration, buckets ...Bucket) (refused string,
	wait time.Duration, err error) {
	keys, steps := make([]string, len(buckets)), make([]float64, len(buckets))
	for i, b := range buckets {
		keys[i], steps[i] = b.Key, (period / time.Duration(b.Burst)).Seconds()
	}
	empty, err := pg.All[struct {
		Key  string
		Wait float64
	}](ctx, on, `WITH b AS (SELECT * FROM unnest($1::text[], $2::float8[]) AS b(key, step)),
		empty AS (SELECT b.key, extract(epoch FROM t.arrival - now())::float8 + b.step - $3::float8 AS wait FROM b
		JOIN throttles t ON t.key = b.key
			WHERE t.arrival + make_interval(secs => b.step) > now() + make_interval(secs => $3::float8)),
		taken AS (INSERT INTO throttles AS t (key, arrival)
			SELECT b.key, now() + make_interval(secs => b.step) FROM b WHERE NOT EXISTS (SELECT FROM empty) ORDER BY b.key
			ON CONFLICT (key) DO UPDATE SET arrival = greatest(t.arrival, now()) + (excluded.arrival - now())
			WHERE greatest(t.arrival, now()) + (excluded.arrival - now()) <= now() + make_interval(secs => $3::float8)
			RETURNING t.key)
		SELECT key, wait FROM empty
		UNION ALL SELECT b.key, 0 FROM b WHERE NOT EXISTS (SELECT FROM empty) AND b.key NOT IN (SELECT key FROM taken)`,
		keys, steps, period.Seconds())
	for _, b := range empty {
		if one := max(time.Duration(b.Wait*float64(time.Second)), time.Second); one > wait {
			refused, wait = b.Key, one
		}
	}
	return refused, wait, err
}
