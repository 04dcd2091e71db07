package webp

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// TestLibraryIsPinned: what stands here is what build.sh made of libwebp 1.2.4, and nothing else.
func TestLibraryIsPinned(t *testing.T) {
	const want = "05f593411ff9aba5ae9e87ef63dcda70baf1ef64b8fac9a93bdfdf405a0d7988"
	sum := sha256.Sum256(library)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("libwebp.wasm is %s, want %s: whoever makes it anew writes down what came of it", got, want)
	}
}
