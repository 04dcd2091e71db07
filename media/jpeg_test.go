package media

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/media/jpeg"
	"orbit360.app/orbit"
)

// bits writes entropy-coded data, with its stuffing.
type bits struct {
	out  []byte
	last uint32
	n    int
}

func (b *bits) put(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		b.last = b.last<<1 | v>>i&1
		if b.n++; b.n == 8 {
			b.out = append(b.out, byte(b.last))
			if byte(b.last) == 0xff {
				b.out = append(b.out, 0)
			}
			b.n = 0
		}
	}
}

func (b *bits) end() []byte {
	for b.n != 0 {
		b.put(1, 1)
	}
	return b.out
}

func segment(marker byte, d ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(d)+2)), d...)
}

// scans is a gray progressive JPEG of few bytes that is read as many times as it has scans: each says of all blocks,
// in runs as long as there can be, that nothing is added to them.
func scans(side, n int) []byte {
	var runs bits
	for blocks := (side + 7) / 8 * ((side + 7) / 8); blocks > 0; {
		if blocks >= 1<<14 {
			run := min(blocks, 1<<15-1)
			runs.put(0, 1) // EOB14, and how much longer than 1<<14 the run is
			runs.put(uint32(run-1<<14), 14)
			blocks -= run
			continue
		}
		runs.put(2, 2) // EOB0: one block
		blocks--
	}
	data := runs.end()
	quant := append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)
	dcTable := append([]byte{0, 1}, make([]byte, 15)...)
	acTable := append([]byte{0x10, 1, 1}, make([]byte, 14)...)
	size := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, uint16(side)), uint16(side))
	dc := bits{}
	for range (side + 7) / 8 * ((side + 7) / 8) {
		dc.put(0, 1)
	}
	out := slices.Concat([]byte{0xff, 0xd8}, segment(0xdb, quant...),
		segment(0xc2, slices.Concat([]byte{8}, size, []byte{1, 1, 0x11, 0})...),
		segment(0xc4, append(dcTable, 0)...), segment(0xc4, append(acTable, 0xe0, 0)...),
		segment(0xda, 1, 1, 0, 0, 0, 0x01), dc.end(), segment(0xda, 1, 1, 0, 1, 63, 0x01), data)
	again := append(segment(0xda, 1, 1, 0, 1, 63, 0x10), data...)
	return slices.Concat(out, bytes.Repeat(again, n-2), []byte{0xff, 0xd9})
}

// What an image takes is known before it is decoded: its pixels, once for each scan that visits them.
func TestScans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ side, scans int }{{4000, 200}, {4000, 450}, {1000, 1_500}, {16, 100_000}} {
		_, err := inspect(scans(c.side, c.scans))
		if e, ok := errors.AsType[*orbit.Error](err); !ok || e.Code != orbit.TooLarge ||
			!strings.Contains(e.Message, "progressive") {
			t.Errorf("%d scans of %d x %d: %v", c.scans, c.side, c.side, err)
		}
	}
	// What cameras and programs write stays far below.
	for name, file := range samples(t) {
		f, ok := frameOf(file)
		if work, _ := costJPEG(file, f); !ok || work > 8*int64(f.width*f.height)+20*scanCost {
			t.Errorf("%s: %d for %d x %d", name, work, f.width, f.height)
		}
	}
}

// A decoder ends with its context, in the middle of an image too; what has run out of its own time is refused with
// the reason.
func TestDecodingEnds(t *testing.T) {
	t.Parallel()
	file := scans(2000, 60)
	in, err := inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, turns := range []int{0, 1, 40, 400} {
		ctx := &ending{Context: t.Context(), left: turns}
		if _, err := drawer().master(ctx, file, in); !errors.Is(err, context.Canceled) {
			t.Errorf("after %d looks: %v", turns, err)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	// not the image's fault: the job is done again
	if _, err := drawer().decoded(over, file, in); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for name, file := range map[string][]byte{"JPEG": asJPEG(t, quarters(900, 900)), "PNG": asPNG(t, quarters(900, 900)),
		"GIF": asGIF(t, 1)} {
		in, err := inspect(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drawer().master(&ending{Context: t.Context(), left: 1}, file, in); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		late, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		if _, err := in.format.open(late, drawer(), file, 100); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ending is a context that ends after some looks at it.
type ending struct {
	context.Context
	mu   sync.Mutex
	left int
}

func (e *ending) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

// samples returns the JPEGs of testdata/jpeg, by their names.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	files, err := filepath.Glob("testdata/jpeg/*.jpg")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(name), ".jpg")] = file
	}
	return out
}

// shown is what Chromium makes of a file, in its true size: four bytes a pixel; nil where it shows nothing.
func shown(b *browsertest.Browser, file []byte) []int {
	b.On(`document`, fmt.Sprintf(`window.pixels = null; const i = new Image();
		i.onerror = () => { window.pixels = [] }; i.onload = () => {
		const c = new OffscreenCanvas(i.width, i.height).getContext("2d"); c.drawImage(i, 0, 0);
		window.pixels = [...c.getImageData(0, 0, i.width, i.height).data] };
		i.src = "data:;base64,%s"`, base64.StdEncoding.EncodeToString(file)))
	b.Until(`window.pixels`)
	return browsertest.Eval[[]int](b, `window.pixels`)
}

// off is how far two images are from each other at most, and on the average, in a channel.
func off(got []byte, want []int) (worst int, mean float64) {
	for i, v := range want {
		d := max(v-int(got[i]), int(got[i])-v)
		worst, mean = max(worst, d), mean+float64(d)/float64(len(want))
	}
	return worst, mean
}

func TestJPEGsAsABrowserShowsThem(t *testing.T) {
	t.Parallel()
	b := browsertest.New(t)
	for name, file := range samples(t) {
		in, err := inspect(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := drawer().decoded(t.Context(), file, in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := shown(b, file)
		if len(want) != len(got.Pix) {
			t.Errorf("%s: %d bytes, wanted %d", name, len(got.Pix), len(want))
			continue
		}
		if worst, mean := off(got.Pix, want); worst > 2 || mean > 0.3 {
			t.Errorf("%s: %d off at most, %.2f on the average", name, worst, mean)
		}
	}
}

// What we don't draw is refused before it is kept, with the reason, and browsers don't show it either.
func TestJPEGsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := browsertest.New(t)
	file := samples(t)["sampled-1x1"]
	frame := bytes.Index(file, []byte{0xff, 0xc0})
	change := func(bytes map[int]byte) []byte {
		out := slices.Clone(file)
		for at, v := range bytes {
			out[frame+at] = v
		}
		return out
	}
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"fractional":   {change(map[int]byte{11: 0x31, 14: 0x21}), "color sampling"},
		"many blocks":  {change(map[int]byte{11: 0x44}), "color sampling"},
		"12 bits":      {change(map[int]byte{1: 0xc1, 4: 12}), "12 bits"},
		"lossless":     {change(map[int]byte{1: 0xc3}), "lossless or hierarchical"},
		"hierarchical": {change(map[int]byte{1: 0xc5}), "lossless or hierarchical"},
		"no sampling":  {change(map[int]byte{11: 0x01}), "damaged"},
		"no height":    {change(map[int]byte{5: 0, 6: 0}), "no size"},
	} {
		if _, err := inspect(c.file); orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range shown(b, c.file) {
			if v != 0 {
				t.Errorf("%s: Chromium shows it", name)
				break
			}
		}
	}
}

// Data that is cut or garbled is an error, not gray stripes; so is a file that needs more memory than there is.
func TestJPEGsThatAreDamaged(t *testing.T) {
	t.Parallel()
	for name, file := range samples(t) {
		// zeros that are left out at the end aren't written (ITU-T T.81, section D.1.8)
		if strings.HasPrefix(name, "arithmetic") {
			continue
		}
		at := bytes.LastIndex(file, []byte{0xff, 0xda})
		cut := append(slices.Clone(file[:at+(len(file)-at)/2]), 0xff, 0xd9)
		in, err := inspect(cut)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := drawer().decoded(t.Context(), cut, in); orbit.CodeOf(err) != orbit.Invalid ||
			!strings.Contains(orbit.Sentence(err), "damaged") {
			t.Errorf("%s: %v", name, err)
		}
	}
	large := slices.Clone(samples(t)["cmyk-progressive"])
	copy(large[bytes.Index(large, []byte{0xff, 0xc2})+5:], []byte{0x3f, 0xff, 0x3f, 0xff})
	if _, err := drawer().jpeg.Open(t.Context(), large, 1); !errors.Is(err, jpeg.ErrMemory) {
		t.Error(err)
	}
}
