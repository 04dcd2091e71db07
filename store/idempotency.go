package store

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// How long a key's answer is kept, and how long one request may take before another may take its place:
// a process that died in the middle must not block its caller for a day.
const (
	idempotencyKept  = 24 * time.Hour
	idempotencyLease = 15 * time.Second
)

// KeyClaim is one request that carries an Idempotency-Key.
type KeyClaim struct {
	Caller      string // who asks; keys of different callers never meet
	Key         string
	Fingerprint []byte // of method, address and body

	// Resource is an id for what the request makes. It stays the same when the request is taken over
	// after a crash, so that what was made before can be recognized.
	Resource uuid.UUID
	// TakenOver reports that an earlier holder died: its effects may be there already.
	TakenOver bool
	// Since is when the key was first used.
	Since time.Time

	attempt int
}

// Answer is what a claim's request was answered.
type Answer struct {
	Status      int
	ContentType string
	Location    string
	Body        []byte
}

// ClaimKey makes the caller the one who works on a key, or gives the answer that was given before.
// Conflict while another works on it, Invalid where it was used for something else.
func (db *DB) ClaimKey(ctx context.Context, c *KeyClaim) (*Answer, error) {
	c.Resource = uuid.Must(uuid.NewV7())
	for {
		won, err := db.tryClaim(ctx, c)
		if won || err != nil {
			return nil, err
		}
		kept, err := pg.One[struct {
			Fingerprint           []byte
			Status                *int
			ContentType, Location string
			Body                  []byte
			Wait                  float64
		}](ctx, db, `SELECT fingerprint, status, content_type, location, body,
				greatest(extract(epoch FROM locked_until - now()), 1)::float8 AS wait
			FROM idempotency_keys WHERE caller = $1 AND key = $2`, c.Caller, c.Key)
		switch {
		case orbit.CodeOf(err) == orbit.NotFound:
			continue // released between the two statements
		case err != nil:
			return nil, err
		case !bytes.Equal(kept.Fingerprint, c.Fingerprint):
			return nil, orbit.Errorf(orbit.Invalid,
				"This Idempotency-Key was used for another request. Use a new key for a new request.")
		case kept.Status == nil:
			return nil, orbit.Errorf(orbit.Conflict,
				"The first request with this Idempotency-Key is still running. Ask again in a moment.").
				After(min(time.Duration(kept.Wait*float64(time.Second)), time.Second))
		}
		return &Answer{*kept.Status, kept.ContentType, kept.Location, kept.Body}, nil
	}
}

// tryClaim enters the key, or takes over a row that is too old to count or has lost its holder.
func (db *DB) tryClaim(ctx context.Context, c *KeyClaim) (bool, error) {
	type claimed struct {
		Resource  string
		Attempt   int
		CreatedAt time.Time
	}
	now, err := pg.One[claimed](ctx, db, `INSERT INTO idempotency_keys AS k (caller, key, fingerprint, resource,
		locked_until)
		VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
		ON CONFLICT (caller, key) DO UPDATE SET
			resource = CASE WHEN k.created_at < now() - make_interval(secs => $6) THEN excluded.resource ELSE k.resource END,
			created_at = CASE WHEN k.created_at < now() - make_interval(secs => $6) THEN now() ELSE k.created_at END,
			fingerprint = excluded.fingerprint, attempt = k.attempt + 1, locked_until = excluded.locked_until, status = NULL
		WHERE k.created_at < now() - make_interval(secs => $6) OR (k.status IS NULL AND k.locked_until < now()
		AND k.fingerprint = excluded.fingerprint)
		RETURNING resource, attempt, created_at`,
		c.Caller, c.Key, c.Fingerprint, c.Resource.String(), idempotencyLease.Seconds(), idempotencyKept.Seconds())
	if orbit.CodeOf(err) == orbit.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c.attempt, c.Since, c.TakenOver = now.Attempt, now.CreatedAt, now.Resource != c.Resource.String()
	c.Resource, err = uuid.Parse(now.Resource)
	return true, err
}

// KeepAnswer ends a claim with its answer, unless another request has taken it over since.
func (db *DB) KeepAnswer(ctx context.Context, c *KeyClaim, a Answer) error {
	_, err := pg.Exec(ctx, db, `UPDATE idempotency_keys SET status = $1, content_type = $2, location = $3, body = $4
		WHERE caller = $5 AND key = $6 AND attempt = $7
		AND status IS NULL`, a.Status, a.ContentType, a.Location, a.Body, c.Caller, c.Key, c.attempt)
	return err
}

// ReleaseKey ends a claim without an answer: the next request with the key begins afresh.
func (db *DB) ReleaseKey(ctx context.Context, c *KeyClaim) error {
	_, err := pg.Exec(ctx, db, `DELETE FROM idempotency_keys WHERE caller = $1 AND key = $2 AND attempt = $3
		AND status IS NULL`, c.Caller, c.Key, c.attempt)
	return err
}
