package media

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestPalette(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 200, 100)) // clear, with a red bar, a thin blue one, gray and paper
	fill := func(r image.Rectangle, c color.NRGBA) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				m.SetNRGBA(x, y, c)
			}
		}
	}
	fill(image.Rect(0, 0, 100, 40), color.NRGBA{200, 30, 40, 255})
	fill(image.Rect(0, 40, 100, 50), color.NRGBA{20, 40, 200, 255})
	fill(image.Rect(0, 50, 200, 80), color.NRGBA{120, 120, 120, 255})
	fill(image.Rect(100, 0, 200, 50), color.NRGBA{255, 255, 255, 255})
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	got := Palette(file.Bytes())
	if len(got) != 3 || got[0] != "#c81e28" || got[1] != "#1428c8" || got[2] != "#787878" {
		t.Error(got)
	}
	if got := Palette([]byte("<svg/>")); got != nil {
		t.Error(got)
	}
}

func TestLetter(t *testing.T) {
	t.Parallel()
	for letter, drawn := range map[string]bool{"J": true, "É": true, "": false, "字": false} {
		file, err := Letter(letter, 32, "#204060", "#ffffff")
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(file))
		if err != nil || m.Bounds().Dx() != 32 {
			t.Fatal(err)
		}
		white := 0
		for i := range 32 * 32 {
			if r, _, _, _ := m.At(i%32, i/32).RGBA(); r > 0xf000 {
				white++
			}
		}
		if (white > 20) != drawn {
			t.Errorf("%q: %d points", letter, white)
		}
	}
}
