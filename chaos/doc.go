// Package chaos breaks the real program on purpose and looks at what is left. Each test is one fault: it drives one
// or more processes over a real PostgreSQL, kills, freezes, cuts or starves something, and then holds every row against
// the promises of docs/reliability.md (check). It knows nothing of the program's inside but its database.
//
// go test ./chaos is the short form; CHAOS=long makes each fault as large as its promise is (task chaos).
// Whatever is random comes from -seed, which a failing test prints.
package chaos
