package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // logos come as any of these
	"image/png"
	"io"
	"math"
	"slices"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	point "golang.org/x/image/math/fixed"
	_ "golang.org/x/image/webp"

	"orbit360.app/orbit"
)

// Bounds of looking for a logo's colors.
const (
	paletteArea = 12 << 20 // pixels of a file that is looked at
	paletteSize = 5        // colors at most
	paletteGrid = 160      // points across
)

// Palette returns the colors that an uploaded logo is made of, as #rrggbb, the most telling one first. There are none
// in a file that can't be read, or that is so large that looking would take long.
func Palette(file []byte) []string {
	if in, err := inspect(file); err != nil || in.size.X*in.size.Y > paletteArea {
		return nil
	}
	m, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	return paletteOf(m)
}

// bin collects the points of an image that have about the same color.
type bin struct{ n, r, g, b int }

// weight is how much a color says about a brand: how much of the logo it is, and how far it is from gray.
func (c bin) weight() float64 {
	r, g, b := c.r/c.n, c.g/c.n, c.b/c.n
	chroma := float64(max(r, g, b)-min(r, g, b)) / 255
	return math.Sqrt(float64(c.n)) * (0.08 + chroma)
}

func (c bin) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.r/c.n, c.g/c.n, c.b/c.n) }

func (c bin) far(o bin) bool {
	dr, dg, db := c.r/c.n-o.r/o.n, c.g/c.n-o.g/o.n, c.b/c.n-o.b/o.n
	return dr*dr+dg*dg+db*db > 48*48
}

func paletteOf(m image.Image) (colors []string) {
	bins := map[[3]uint8]*bin{}
	b := m.Bounds()
	step := max(1, max(b.Dx(), b.Dy())/paletteGrid)
	for y := b.Min.Y; y < b.Max.Y; y += step {
		for x := b.Min.X; x < b.Max.X; x += step {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			if c.A < 128 || min(c.R, c.G, c.B) > 236 { // nothing, or paper
				continue
			}
			key := [3]uint8{c.R >> 4, c.G >> 4, c.B >> 4}
			if bins[key] == nil {
				bins[key] = &bin{}
			}
			in := bins[key]
			in.n, in.r, in.g, in.b = in.n+1, in.r+int(c.R), in.g+int(c.G), in.b+int(c.B)
		}
	}
	all := make([]bin, 0, len(bins))
	for _, c := range bins {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b bin) int {
		if d := b.weight() - a.weight(); d != 0 {
			return int(math.Copysign(1, d))
		}
		return slices.Compare([]int{a.r, a.g, a.b}, []int{b.r, b.g, b.b})
	})
	var chosen []bin
	for _, c := range all {
		if len(chosen) < paletteSize && !slices.ContainsFunc(chosen, func(o bin) bool { return !c.far(o) }) {
			chosen = append(chosen, c)
			colors = append(colors, c.hex())
		}
	}
	return colors
}

// Icon returns a square PNG of one of a merchant's images, as a file of it is named: whole, in the middle. ground is
// what is behind it, #rrggbb, or "" for nothing.
func (s *Service) Icon(ctx context.Context, m orbit.MerchantID, name string, size int, ground string) ([]byte, error) {
	f, err := s.File(ctx, m, name)
	if err != nil {
		return nil, err
	}
	r, err := f.Open(ctx, 0, -1)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, orbit.MaxImageBytes))
	if closed := r.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, away(err)
	}
	src, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("icon of %s: %w", name, err)
	}
	canvas := square(size, ground)
	b := src.Bounds()
	scale := float64(size) / float64(max(b.Dx(), b.Dy()))
	w, h := max(1, int(float64(b.Dx())*scale+0.5)), max(1, int(float64(b.Dy())*scale+0.5))
	at := image.Rect((size-w)/2, (size-h)/2, (size-w)/2+w, (size-h)/2+h)
	xdraw.CatmullRom.Scale(canvas, at, src, b, draw.Over, nil)
	return encoded(canvas)
}

// Letter returns a square PNG with a letter upon a color. Letters that the font lacks leave the square empty.
func Letter(letter string, size int, ground, ink string) ([]byte, error) {
	canvas := square(size, ground)
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(size) * 0.62, DPI: 72,
		Hinting: font.HintingFull})
	if err != nil {
		return nil, err
	}
	if r := []rune(letter); len(r) == 1 {
		if box, _, ok := face.GlyphBounds(r[0]); ok {
			d := font.Drawer{Dst: canvas, Src: image.NewUniform(hexColor(ink)), Face: face}
			d.Dot = point.Point26_6{X: (point.I(size) - box.Min.X - box.Max.X) / 2,
				Y: (point.I(size) - box.Min.Y - box.Max.Y) / 2}
			d.DrawString(letter)
		}
	}
	return encoded(canvas)
}

func square(size int, ground string) *image.NRGBA {
	canvas := image.NewNRGBA(image.Rect(0, 0, size, size))
	if ground != "" {
		draw.Draw(canvas, canvas.Bounds(), image.NewUniform(hexColor(ground)), image.Point{}, draw.Src)
	}
	return canvas
}

// hexColor reads #rrggbb; anything else is black.
func hexColor(s string) color.NRGBA {
	c := color.NRGBA{A: 255}
	_, _ = fmt.Sscanf(s, "#%02x%02x%02x", &c.R, &c.G, &c.B)
	return c
}

func encoded(m image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, m)
	return out.Bytes(), err
}
