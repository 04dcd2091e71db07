// Package jpeg reads JPEG with libjpeg-turbo, compiled to WebAssembly and run by wazero: what Chromium reads, it
// reads, in the same way. No cgo, no process beside this one; an image's decoder reaches nothing but its own memory,
// which has a bound, and ends with its context. It knows nothing of shops.
package jpeg
