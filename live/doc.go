// Package live hears what any process of the platform commits and passes it on inside this one: to caches
// that a change makes stale, to River's client, and to the pages that watch merchants and runs. One LISTEN
// connection serves the whole process. It knows the store; it doesn't know who subscribes, jobs, HTTP or pages.
package live
