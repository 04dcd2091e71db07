// Package pg is the database engine under the platform's rows (store) and the shops' (store/shop): pools, roles,
// migrations, transactions, the writer (Batch), the readers (One, All, Reader), notifications, and the errors that
// PostgreSQL gives, mapped to orbit's. It knows no table but those that both worlds write to: the audit log, jobs,
// emails.
package pg
