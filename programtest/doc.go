// Package programtest builds and starts the real program, for what looks at it from outside: journey, chaos and bench.
//
// A Program is a folder and a port, and the processes started there one after another. Its database is its own, or one
// made with StartDatabase, which outlives it. What is asked of the program and what must hold is its users' affair.
package programtest
