package webp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"testing"
)

// TestLibraryIsPinned: what stands here is what build.sh made of libwebp 1.2.4, and nothing else.
func TestLibraryIsPinned(t *testing.T) {
	const want = "53a5d391e3025f0302025eb5cc92792beec49f1c14e87eab363be2a978fada9c"
	sum := sha256.Sum256(library)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("libwebp.wasm is %s, want %s: when it is built anew, put the new sum here", got, want)
	}
}

// Encoding ends with its context, in the middle of an image too.
func TestEncodingEnds(t *testing.T) {
	t.Parallel()
	e, m := new(Encoder), image.NewRGBA(image.Rect(0, 0, 400, 400))
	for i := range m.Pix {
		m.Pix[i] = byte(i*i>>3) | 0x80
	}
	for _, clear := range []bool{true, false} {
		for i := 3; i < len(m.Pix) && !clear; i += 4 {
			m.Pix[i] = 255
		}
		for _, looks := range []int{0, 1, 3, 12} {
			if _, err := e.Encode(&ending{t.Context(), looks}, m, 80); !errors.Is(err, context.Canceled) {
				t.Errorf("after %d looks: %v", looks, err)
			}
		}
		if file, err := e.Encode(t.Context(), m, 80); err != nil || len(file) == 0 {
			t.Error(err)
		}
	}
}

// ending is a context that ends after some looks at it.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}
