// Package schedule does what a shop has set a time for: it publishes scheduled versions of themes. Whether something is
// due, and that it happens once, is the store's; this room only works the queue. It knows no pages and no mail.
package schedule
