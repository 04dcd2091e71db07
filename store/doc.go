// Package store is the platform's rows: people, merchants, plans, themes, runs, jobs, webhooks, the audit log. A shop's
// rows are in store/shop, but for the statements that set a shop up and undo it (step.go). Both work over store/pg, and
// neither knows the other. SQL stands nowhere else.
//
// There are two ways of SQL. A pg.Batch writes, in one round trip; pg.One, All and Reader return rows, and pg.Exec a
// count, of statements that are planned once per connection. bun is the reader's and writer's half that knows models:
// it maps them to columns, and builds the lists with conditions that vary (pg.Select), which are planned with their
// values.
package store
