// Package metrics is what Prometheus reads of the program: the names, labels and buckets, on a registry of its own.
// Rooms above call the methods of a *Metrics; a nil one counts nothing, at the cost of a comparison.
// It knows orbit alone: what it asks at a scrape comes from functions that main gives it.
package metrics
