package media

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// BenchmarkPicture is all that is made of a photograph of 12 megapixels.
func BenchmarkPicture(b *testing.B) {
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			v := 128 + 80*math.Sin(float64(x)/30)*math.Cos(float64(y)/50) + float64((x*7919+y*104729)%23)
			m.SetRGBA(x, y, color.RGBA{byte(v), byte(x / 16), byte(y / 12), 255})
		}
	}
	file := asJPEG(b, m)
	s := New(Config{})
	for b.Loop() {
		in, err := inspect(file)
		if err != nil {
			b.Fatal(err)
		}
		largest, err := s.decoded(b.Context(), file, in)
		if err != nil {
			b.Fatal(err)
		}
		for _, width := range widthsFor(in.size) {
			if _, err := s.webp.Encode(b.Context(), resized(largest, width, heightFor(largest.Rect.Max, width)), webpQuality); err != nil {
				b.Fatal(err)
			}
		}
	}
}
