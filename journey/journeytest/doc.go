// Package journeytest is how tests use the real program: an installation of a test's own, its database, people who
// come to it by HTTP or by browser, and the server that takes its emails. What goes wrong on the way fails the test.
//
// It holds what both people's tests (journey) and operators' (journey/operators) need, and knows nothing of the
// program's inside but its database.
package journeytest
