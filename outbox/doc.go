// Package outbox works the queue of emails: it sends what other rooms have written into the database, and answers
// requests for a new password with an email of its own. It knows the store, jobs and package mail; it doesn't know
// HTTP, pages, or why an email was written.
package outbox
