// Package webp writes lossy WebP with Google's libwebp, compiled to WebAssembly and run by wazero: no cgo, no process
// beside this one, and nothing within reach of the encoder but the pixels it is given. It knows nothing of shops.
// gen2brain/webp does the same without a bound on memory and without a context that ends an encoding: both are needed
// where strangers upload.
package webp
