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

// Claim is one request that carries an Idempotency-Key.
type Claim struct {
	Caller      string // who asks; keys of different callers never meet
	Key         string
	Fingerprint []byte // of method, address and body

	// Resource is an id for what the request makes. It stays the same when the request is taken over
	// after a crash, so that what was made before can be recognised.
	Resource uuid.UUID
	// TakenOver tells that an earlier holder died: its effects may be there already.
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
func (db *DB) ClaimKey(ctx context.Context, c *Claim) (*Answer, error) {
	c.Resource = uuid.Must(uuid.NewV7())
	for {
		won, err := db.tryClaim(ctx, c)
		if won || err != nil {
			return nil, err
		}
		var fingerprint []byte
		var status *int
		var wait float64
		var a Answer
		err = pg.MapError(db.Pool().QueryRow(ctx, `SELECT fingerprint, status, content_type, location, body, greatest(extract(epoch
		FROM locked_until - now()), 1)::float8
			FROM idempotency_keys WHERE caller = $1 AND key = $2`, c.Caller, c.Key).Scan(&fingerprint, &status, &a.ContentType, &a.Location, &a.Body, &wait))
		switch {
		case orbit.CodeOf(err) == orbit.NotFound:
			continue // released between the two statements
		case err != nil:
			return nil, err
		case !bytes.Equal(fingerprint, c.Fingerprint):
			return nil, orbit.Errorf(orbit.Invalid,
				"This Idempotency-Key was used for another request. Use a new key for a new request.")
		case status == nil:
			return nil, &orbit.Error{Code: orbit.Conflict,
				Message:    "The first request with this Idempotency-Key is still running. Ask again in a moment.",
				RetryAfter: min(time.Duration(wait*float64(time.Second)), time.Second)}
		}
		a.Status = *status
		return &a, nil
	}
}

// tryClaim enters the key, or takes over a row that is too old to count or whose holder is gone.
func (db *DB) tryClaim(ctx context.Context, c *Claim) (bool, error) {
	var resource string
	err := pg.MapError(db.Pool().QueryRow(ctx, `INSERT INTO idempotency_keys AS k (caller, key, fingerprint, resource,
	locked_until)
		VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
		ON CONFLICT (caller, key) DO UPDATE SET
			resource = CASE WHEN k.created_at < now() - make_interval(secs => $6) THEN excluded.resource ELSE k.resource END,
			created_at = CASE WHEN k.created_at < now() - make_interval(secs => $6) THEN now() ELSE k.created_at END,
			fingerprint = excluded.fingerprint, attempt = k.attempt + 1, locked_until = excluded.locked_until, status = NULL
		WHERE k.created_at < now() - make_interval(secs => $6) OR (k.status IS NULL AND k.locked_until < now()
		AND k.fingerprint = excluded.fingerprint)
		RETURNING resource::text, attempt, created_at`,
		c.Caller, c.Key, c.Fingerprint, c.Resource.String(), idempotencyLease.Seconds(),
		idempotencyKept.Seconds()).Scan(&resource, &c.attempt, &c.Since))
	if orbit.CodeOf(err) == orbit.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c.TakenOver = resource != c.Resource.String()
	c.Resource, err = uuid.Parse(resource)
	return true, err
}

// KeepAnswer ends a claim with its answer, unless somebody else has taken it over meanwhile.
func (db *DB) KeepAnswer(ctx context.Context, c *Claim, a Answer) error {
	_, err := db.Pool().Exec(ctx, `UPDATE idempotency_keys SET status = $1, content_type = $2, location = $3, body = $4
		WHERE caller = $5 AND key = $6 AND attempt = $7
		AND status IS NULL`, a.Status, a.ContentType, a.Location, a.Body, c.Caller, c.Key, c.attempt)
	return pg.MapError(err)
}

// ReleaseKey ends a claim without an answer: the next request with the key begins afresh.
func (db *DB) ReleaseKey(ctx context.Context, c *Claim) error {
	_, err := db.Pool().Exec(ctx, `DELETE FROM idempotency_keys WHERE caller = $1 AND key = $2 AND attempt = $3
		AND status IS NULL`, c.Caller, c.Key, c.attempt)
	return pg.MapError(err)
}
