// Package store is the platform's rows: people, merchants, plans, themes, runs, jobs, webhooks, the audit log. A shop's
// rows are in store/shop; both work over store/pg, and neither knows the other. SQL stands nowhere else.
//
// There are two ways of SQL. A pg.Batch writes: statements of $1 placeholders whose text doesn't depend on data, sent in
// one round trip and planned once per connection. Everything else reads, into models that bun maps: its query builder
// where conditions vary, Reader and Scan where the text is fixed.
package store
