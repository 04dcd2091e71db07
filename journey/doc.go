// Package journey uses the real program as people do, from outside, mostly by browser. Each test starts an installation
// of its own (journeytest) and tells a story, or looks at all pages. It knows nothing of the program's inside but its
// database. What operators do is tested in journey/operators.
//
// SHOTS=folder keeps images of the pages; WEBKIT_TESTS=1 and NPM_TESTS=1 also run WebKit and npm's validators.
package journey
