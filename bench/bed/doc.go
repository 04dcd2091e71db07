// Package bed is what measurements lie on: a PostgreSQL of their own, migrated, and the real program on it, asked for
// pages as browsers do. It knows nothing of what is measured.
package bed
