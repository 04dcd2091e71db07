// Package hooks holds the pages and forms of webhooks: the platform's for admins, and a shop's own for its members. Who
// may come and what stands around a page is decided by those who add its routes. It knows the service of webhooks; it
// doesn't know sessions, memberships or other pages.
package hooks
