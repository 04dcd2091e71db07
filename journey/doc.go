// Package journey uses the real program as people do, from outside: by browser, by HTTP and by its environment. Each
// test starts an installation of its own (program) and tells a story, or holds what documents promise of the program.
// It knows nothing of the program's inside but its database.
//
// SHOTS=folder keeps images of the pages; WEBKIT_TESTS=1 and NPM_TESTS=1 also run WebKit and npm's
// validators; -make-release keeps the database of a release for TestReleases.
package journey
