// Package traffic counts the bytes that shops' hosts send, in memory, and adds them to the database every few seconds.
// It knows the store alone: what sends tells it how much, and never waits for it.
package traffic
