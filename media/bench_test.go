package media

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"
)

// BenchmarkImage is all that is made of a photograph of 12 megapixels.
func BenchmarkImage(b *testing.B) {
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
			if _, err := s.webp.Encode(b.Context(), resized(largest, width, heightFor(largest.Rect.Max, width)),
				webpQuality); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkDecode compares libjpeg-turbo, row by row, with image/jpeg and the colors that it leaves to be computed.
func BenchmarkDecode(b *testing.B) {
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for i := range m.Pix {
		m.Pix[i] = byte(i/4%4000/16 + i*i>>7&15)
	}
	file := asJPEG(b, m)
	b.Run("libjpeg-turbo", func(b *testing.B) {
		for b.Loop() {
			src, err := openJPEG(b.Context(), drawer(), file, 4000)
			if err != nil {
				b.Fatal(err)
			}
			for range src.height {
				if _, err := src.next(); err != nil {
					b.Fatal(err)
				}
			}
			if err := src.close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("image-jpeg", func(b *testing.B) {
		for b.Loop() {
			src, err := jpeg.Decode(bytes.NewReader(file))
			if err != nil {
				b.Fatal(err)
			}
			rows := rowsOf(src)
			for range rows.height {
				if _, err := rows.next(); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
