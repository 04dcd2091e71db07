// Package command is the program's command line: which subcommand is meant, help, and the version that it was built as.
// It runs what it is given and knows nothing of what that does.
package command
