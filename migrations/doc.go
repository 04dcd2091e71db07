// Package migrations holds the schema as numbered SQL files and nothing else. A file
// never changes once it has landed (SUMS holds its checksum); every up has a down that undoes it. package store
// runs them, each in a transaction of its own.
package migrations
