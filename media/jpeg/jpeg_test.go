package jpeg

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// TestLibraryIsPinned: what stands here is what build.sh made of libjpeg-turbo 2.1.5, and nothing else.
func TestLibraryIsPinned(t *testing.T) {
	t.Parallel()
	const want = "5593bff432c57a6df33f1d2c29bb563d61d9039103a7b4a8de7fbc862365dc7d"
	sum := sha256.Sum256(library)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("libjpeg.wasm is %s, want %s: after building it anew, write the new sum here", got, want)
	}
}
