// Package provision sets merchants up: seven steps, each done exactly once, with attempts, backoff, retry and rollback.
// A run is a job of its queue. It knows the store, themes, mail's composer and jobs; it doesn't know HTTP or SQL.
package provision
