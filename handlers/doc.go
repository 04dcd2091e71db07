// Package handlers is the platform's front door: one server that looks at the Host header for which
// audience's app answers. It believes no forwarded host, refuses what isn't a host name, and
// never builds a link from one.
package handlers
