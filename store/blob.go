package store

import (
	"context"
	"strings"

	"orbit360.app/store/pg"
)

// What is in the blob store and belongs to nothing.

// BlobTrash returns up to 100 prefixes of the blob store under which nothing is needed.
func (db *DB) BlobTrash(ctx context.Context) (prefixes []string, err error) {
	return pg.All[string](ctx, db, `SELECT prefix FROM blob_trash WHERE due_at <= now() ORDER BY due_at LIMIT 100`)
}

// BlobsSwept notes that there is nothing under a prefix now, with which what was reserved for it ends. It comes up once
// more where something may still be written.
func (db *DB) BlobsSwept(ctx context.Context, prefix string) error {
	b := db.Batch()
	if merchant, hash, ok := strings.Cut(strings.TrimSuffix(prefix, "-"), "/"); ok {
		b.Exec(`SELECT set_config('orbit.merchant_id', $1, true)`, merchant)
		b.Exec(`DELETE FROM media_reserved WHERE hash = $1`, hash)
	}
	b.Exec(`DELETE FROM blob_trash WHERE prefix = $1 AND due_at <= now() AND until <= now()`, prefix)
	b.Exec(`UPDATE blob_trash SET due_at = until WHERE prefix = $1 AND due_at <= now()`, prefix)
	return b.Run(ctx, db)
}
