// Package postgres runs PostgreSQL as a child process where no DATABASE_URL is given.
//
// One Server is one cluster in one folder: it finds (or downloads) the binaries, initializes
// the cluster, cleans up what a crash left behind, starts the postmaster, brings it back when
// it dies and takes it down with the program. It listens on a private Unix socket only.
// It knows nothing of ORBIT360's tables: it hands out a URL, and everything above uses that.
package postgres
