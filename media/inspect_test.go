package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// quarters returns an image with a red, a green, a blue and a white corner.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, [2][2]color.RGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}},
				{{0, 0, 255, 255}, {255, 255, 255, 255}}}[min(1, 2*y/h)][min(1, 2*x/w)])
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, frames int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exifTIFF says how an image was held, and where: 51° 30' north.
func exifTIFF(turn int) []byte {
	var t bytes.Buffer
	write := func(v ...any) {
		for _, x := range v {
			_ = binary.Write(&t, binary.BigEndian, x) // into memory
		}
	}
	write([]byte("MM"), uint16(42), uint32(8), uint16(2))
	write(uint16(0x0112), uint16(3), uint32(1), uint16(turn), uint16(0))
	write(uint16(0x8825), uint16(4), uint32(1), uint32(38), uint32(0))
	write(uint16(1), uint16(1), uint16(2), uint32(2), []byte("N\x00\x00\x00"), uint32(0), []byte("GPS 51.5074 north"))
	return t.Bytes()
}

func withEXIF(file []byte, turn int) []byte {
	data := append([]byte("Exif\x00\x00"), exifTIFF(turn)...)
	segment := append([]byte{0xff, 0xe1, byte((len(data) + 2) >> 8), byte(len(data) + 2)}, data...)
	return slices.Concat(file[:2], segment, file[2:])
}

// chunk is one of a PNG.
func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// bomb is a PNG of 33 bytes that claims to be enormous.
func bomb(w, h uint32, depth byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, depth, 6, 0, 0, 0))...)
}

func TestBadUploads(t *testing.T) {
	t.Parallel()
	good := asJPEG(t, quarters(64, 48))
	goodPNG := asPNG(t, quarters(64, 48))
	wide := slices.Clone(good)
	at := bytes.Index(wide, []byte{0xff, 0xc0})
	copy(wide[at+5:], []byte{0xff, 0xff, 0xff, 0xff})
	animated := []byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x07\x00\x00\x07\x00\x00" +
		"ANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	for name, tt := range map[string]struct {
		file []byte
		code orbit.Code
		says string
	}{
		"empty": {nil, orbit.Invalid, "empty"},
		"too many bytes": {append(slices.Clone(good), make([]byte, orbit.MaxImageBytes)...), orbit.TooLarge,
			"at most 10 MB"},
		"svg": {
			[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
			orbit.Invalid, "SVG"},
		"html":           {[]byte("\xef\xbb\xbf <!DOCTYPE html><script>alert(1)</script>"), orbit.Invalid, "web page"},
		"pdf":            {[]byte("%PDF-1.7 ..."), orbit.Invalid, "PDF"},
		"heic":           {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), orbit.Invalid, "HEIC"},
		"avif":           {[]byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), orbit.Invalid, "AVIF"},
		"film":           {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41"), orbit.Invalid, "video"},
		"text":           {[]byte("hello"), orbit.Invalid, "can't read this file"},
		"png bomb":       {bomb(60_000, 60_000, 8), orbit.TooLarge, "60000 × 60000"},
		"png of 16 bits": {bomb(7_000, 7_000, 16), orbit.TooLarge, "7000 × 7000"},
		"jpeg bomb":      {wide, orbit.TooLarge, "65535 × 65535"},
		"truncated jpeg": {good[:len(good)-12], orbit.Invalid, "damaged or incomplete"},
		"truncated png":  {goodPNG[:len(goodPNG)-9], orbit.Invalid, "damaged or incomplete"},
		"flipped png":    {flip(goodPNG, len(goodPNG)-20), orbit.Invalid, "damaged or incomplete"},
		"truncated gif":  {asGIF(t, 3)[:40], orbit.Invalid, "damaged"},
		"frames":         {asGIF(t, 1_001), orbit.Invalid, "damaged"},
		"animated webp":  {animated, orbit.Invalid, "Animated"},
		"jpeg and page": {append(slices.Clone(good), "<html><script>alert(1)</script>"...), orbit.Invalid,
			"extra data"},
		"png and archive": {append(slices.Clone(goodPNG), "PK\x03\x04archive"...), orbit.Invalid, "extra data"},
		"gif and script":  {append(asGIF(t, 1), "/*<script>*/"...), orbit.Invalid, "extra data"},
		"gif of no image": {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), orbit.Invalid, ""},
	} {
		_, err := inspect(tt.file)
		if orbit.CodeOf(err) != tt.code || !strings.Contains(orbit.Sentence(err), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, file := range map[string][]byte{"jpeg": good, "png": goodPNG, "gif": asGIF(t, 2),
		"jpeg of a telephone": append(withEXIF(good, 1), bytes.Repeat([]byte("SEFT"), 99)...)} {
		if _, err := inspect(file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func flip(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 1
	return b
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	// Where the first row's two corners and the last row's are, for each way to hold a camera.
	s := drawer()
	want := map[int]string{1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb"}
	for turn, corners := range want {
		file := withEXIF(asJPEG(t, quarters(80, 40)), turn)
		in, err := inspect(file)
		if err != nil || in.turn != turn {
			t.Fatal(turn, in.turn, err)
		}
		m, err := s.master(t.Context(), file, in)
		if err != nil || m.Rect.Max != in.size {
			t.Fatal(turn, m.Rect, in.size, err)
		}
		if got := cornersOf(m); got != corners {
			t.Errorf("%d: %s, want %s", turn, got, corners)
		}
		if got := orientation("PNG", slices.Concat(bomb(8, 8, 8), chunk("eXIf", exifTIFF(turn)))); got != turn {
			t.Errorf("PNG %d: %d", turn, got)
		}
	}
}

func cornersOf(m image.Image) string {
	b := m.Bounds()
	out := ""
	for _, p := range []image.Point{{b.Dx() / 5, b.Dy() / 5}, {b.Dx() * 4 / 5, b.Dy() / 5}, {b.Dx() / 5, b.Dy() * 4 / 5},
		{b.Dx() * 4 / 5, b.Dy() * 4 / 5}} {
		r, g, bl, _ := m.At(b.Min.X+p.X, b.Min.Y+p.Y).RGBA()
		switch {
		case r > 0xc000 && g > 0xc000 && bl > 0xc000:
			out += "w"
		case r > g && r > bl:
			out += "r"
		case g > bl:
			out += "g"
		default:
			out += "b"
		}
	}
	return out
}

func TestWidths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		w, h int
		want []int
	}{
		{4000, 3000, []int{160, 320, 640, 960, 1280, 1920}}, {1920, 1080, []int{160, 320, 640, 960, 1280, 1920}},
		{1500, 1500, []int{160, 320, 640, 960, 1280, 1500}},
		{1300, 900, []int{160, 320, 640, 960, 1280}}, {100, 100, []int{100}}, {1, 1, []int{1}},
		{1000, 16000, []int{160, 320, 640}}, {10, 16000, []int{10}},
		{800, 8000, []int{160, 320, 640, 800}}, {3000, 16000, []int{160, 320, 640, 960, 1175}},
		{16000, 100, []int{160, 320, 640, 960, 1280, 1920}}, {16383, 1, []int{160, 320, 640, 960, 1280, 1920}},
		{1, 16383, []int{1}}, {maxSide, 3000, []int{160, 320, 640, 960, 1280, 1920}},
	} {
		if got := widthsFor(image.Pt(tt.w, tt.h)); !slices.Equal(got, tt.want) {
			t.Errorf("%d x %d: %v", tt.w, tt.h, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := image.Pt(rapid.IntRange(1, maxSide).Draw(t, "w"), rapid.IntRange(1, maxSide).Draw(t, "h"))
		made := widthsFor(size)
		for _, w := range made {
			if w < 1 || w > size.X || w*heightFor(size, w) > maxArea+w || heightFor(size, w) > maxSide {
				t.Fatalf("%v: %v", size, made)
			}
		}
		if !slices.IsSorted(made) || !slices.Contains(made, jpegWidth(made)) {
			t.Fatal(made)
		}
	})
}

// One color stays the same color at every size: weights add up to one.
func TestResizeKeepsColor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 200)
		src := image.NewRGBA(image.Rect(0, 0, side.Draw(t, "w"), side.Draw(t, "h")))
		c := color.RGBA{rapid.Byte().Draw(t, "r"), rapid.Byte().Draw(t, "g"), rapid.Byte().Draw(t, "b"), 255}
		for i := 0; i < len(src.Pix); i += 4 {
			copy(src.Pix[i:], []byte{c.R, c.G, c.B, c.A})
		}
		m := resized(src, rapid.IntRange(1, src.Rect.Dx()).Draw(t, "to"), rapid.IntRange(1, src.Rect.Dy()).Draw(t, "by"))
		for i := 0; i < len(m.Pix); i += 4 {
			if got := (color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]}); got != c {
				t.Fatalf("%v became %v", c, got)
			}
		}
	})
}

// Whatever the bytes: no panic, and what may be decoded takes no more than its bound says.
func FuzzInspect(f *testing.F) {
	f.Add(withEXIF(asJPEG(f, quarters(16, 8)), 6))
	f.Add(asPNG(f, quarters(16, 8)))
	f.Add(asGIF(f, 2))
	f.Add(bomb(60_000, 60_000, 8))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	s := drawer()
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := inspect(b)
		if err != nil {
			return
		}
		if in.memory > maxMemory || in.size.X > maxSide || in.size.Y > maxSide || in.turn < 1 || in.turn > 8 {
			t.Fatal(in)
		}
		if in.size.X*in.size.Y < 1<<20 {
			_, _ = s.decoded(t.Context(), b, in) // an error is fine, a panic isn't
		}
	})
}

// A GIF's first frame may be smaller than its canvas: it stands at its place, and the rest is clear.
func TestFrameOnItsCanvas(t *testing.T) {
	t.Parallel()
	frame := image.NewPaletted(image.Rect(4, 2, 12, 10), color.Palette{color.RGBA{200, 30, 40, 255}, color.White})
	var file bytes.Buffer
	err := gif.EncodeAll(&file, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0},
		Config: image.Config{Width: 20, Height: 16}})
	if err != nil {
		t.Fatal(err)
	}
	got := ours(t, file.Bytes())
	if got.Rect.Max != image.Pt(20, 16) {
		t.Fatal(got.Rect)
	}
	for y := range 16 {
		for x := range 20 {
			want := color.RGBA{}
			if image.Pt(x, y).In(frame.Rect) {
				want = color.RGBA{200, 30, 40, 255}
			}
			if got.RGBAAt(x, y) != want {
				t.Fatalf("%d, %d: %v, wanted %v", x, y, got.RGBAAt(x, y), want)
			}
		}
	}
}
