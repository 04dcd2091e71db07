// Package logs keeps what says the same thing many times from filling the disk: it writes the first few and counts the
// rest. It must not know what is logged, or where to.
package logs
