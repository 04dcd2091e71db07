// Package store is the only SQL of the platform: bun over one pgx pool, river's insert in
// the same transactions. A tenant's data is reached through For(merchant) alone. It knows
// no HTTP, no HTML and no rules beyond those of orbit; it maps SQLSTATEs to orbit errors.
package store
