// Package provision sets merchants up: seven steps on river, each exactly once, with attempts,
// backoff, retry and rollback; it keeps the promise that no run stands still, sends mail as jobs
// of their own, and tells who watches that something changed. It knows no HTTP and no SQL.
package provision
