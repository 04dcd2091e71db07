// Package jobstest works queues over a test's database, as the program does.
// Only tests import it.
package jobstest
