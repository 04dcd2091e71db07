package store

import (
	"context"

	"orbit360.app/store/pg"
)

// DB is the platform's half of the database over the engine.
type DB struct{ *pg.DB }

// Open connects as the serving role; see pg.Open.
func Open(ctx context.Context, url string) (*DB, error) {
	db, err := pg.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	return &DB{db}, nil
}

// Storefronts is the same over the connections for all that shoppers ask for.
func (db *DB) Storefronts() *DB { return &DB{db.DB.Storefronts()} }
