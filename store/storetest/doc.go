// Package storetest gives each test a migrated database of its own on a real PostgreSQL, one
// server per test binary. A database is a clone of a template, so making one takes milliseconds.
// Only tests import it.
package storetest
