// Package wire is the level below requests: listening, leaving without resetting connections, deadlines of connections,
// and what of a request's framing is refused before anything else of the program sees it. It knows no audience.
package wire
