// Package embedded runs PostgreSQL as a child process for whoever gives no DATABASE_URL.
//
// One Server is one cluster in one folder: it finds (or downloads) the binaries, initialises
// the cluster, cleans up what a crash left behind, starts the postmaster, brings it back when
// it dies and takes it down with the program. It listens on a private unix socket only.
// It knows nothing of ORBIT360's tables: it hands out a URL, and everything above uses that.
package embedded
