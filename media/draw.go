package media

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
)

// Widths of the files that shops show, in pixels. None is wider than the upload.
var widths = []int{160, 320, 640, 960, 1280, 1920}

// maxArea bounds the pixels of a file: of what is very tall the widest files are left out. It leaves an image of 800
// x 8000 as wide as it is, and gives one of 1000 x 16000, ten screens of a telephone, 640.
const maxArea = 1920 * 3840

// widthsFor returns the widths made of an image of that size, ascending: those of the list that it is wide enough for,
// and its own where it lies well between two of them.
func widthsFor(size image.Point) []int {
	most := min(size.X, widths[len(widths)-1], max(1, int(math.Sqrt(maxArea*float64(size.X)/float64(size.Y)))))
	var out []int
	for _, w := range widths {
		if w <= most {
			out = append(out, w)
		}
	}
	if len(out) == 0 || most*100 > out[len(out)-1]*115 {
		out = append(out, most)
	}
	return out
}

// jpegWidth is the width of the one JPEG: enough for a phone and for what social networks show.
func jpegWidth(made []int) int {
	w := made[0]
	for _, m := range made {
		if m <= 1280 {
			w = m
		}
	}
	return w
}

func heightFor(size image.Point, width int) int {
	return max(1, int(math.Round(float64(width)*float64(size.Y)/float64(size.X))))
}

// rows holds an image that comes row by row, four bytes a pixel: red, green, blue, multiplied by the fourth, alpha.
type rows struct {
	width, height int
	next          func() ([]byte, error) // valid until the next call
	cmyk          bool                   // the colors were inks
	close         func() error
}

// rowsOf gives a decoded image's rows.
func rowsOf(src image.Image) rows { return rowsOn(src, src.Bounds()) }

// rowsOn gives the rows of a canvas with an image on it, which is clear elsewhere.
func rowsOn(src image.Image, canvas image.Rectangle) rows {
	row := image.NewRGBA(image.Rect(0, 0, canvas.Dx(), 1))
	b := src.Bounds().Intersect(canvas)
	whole, ok := src.(*image.RGBA)
	ok = ok && b == canvas
	y := canvas.Min.Y - 1
	return rows{width: canvas.Dx(), height: canvas.Dy(), close: func() error { return nil }, next: func() ([]byte, error) {
		y++
		switch {
		case ok:
			return whole.Pix[whole.PixOffset(b.Min.X, y):], nil
		case y < b.Min.Y || y >= b.Max.Y:
			clear(row.Pix)
		default:
			draw.Draw(row, image.Rect(b.Min.X-canvas.Min.X, 0, b.Max.X-canvas.Min.X, 1), src, image.Pt(b.Min.X, y), draw.Src)
		}
		return row.Pix, nil
	}}
}

// resized draws an image smaller, or as large as it is, as shrunk does.
func resized(src image.Image, width, height int) *image.RGBA {
	m, _ := shrunk(context.Background(), rowsOf(src), width, height) // neither the context nor these rows fail
	return m
}

// shrunk draws an image smaller, or as large as it is, filtered with a cubic (Catmull-Rom, as wide as it must be). It
// takes a row of the source at a time, and holds as many of the new width as one new row is made of.
func shrunk(ctx context.Context, src rows, width, height int) (*image.RGBA, error) {
	across, down := kernels(width, src.width), kernels(height, src.height)
	stride, deep := 4*width, 0
	for _, k := range down {
		deep = max(deep, len(k.weights))
	}
	held := make([]byte, 2*deep*stride) // rows of the new width, from first on
	first, n := 0, 0
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	for y, k := range down {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for first+n < k.from+len(k.weights) {
			line, err := src.next()
			if err != nil {
				return nil, err
			}
			if n == 2*deep { // what lies before this new row is needed no longer
				drop := k.from - first
				copy(held, held[drop*stride:])
				first, n = k.from, n-drop
			}
			out := held[n*stride : (n+1)*stride]
			for x, k := range across {
				k.sum(line[4*k.from:], 4, out[4*x:4*x+4])
			}
			n++
		}
		at := (k.from - first) * stride
		for x := range width {
			k.sum(held[at+4*x:], stride, dst.Pix[y*dst.Stride+4*x:y*dst.Stride+4*x+4])
		}
	}
	return dst, nil
}

// kernel holds the weights of the pixels that make one pixel, beginning at from, in 1/16384; their sum is 1.
type kernel struct {
	from    int
	weights []int32
}

func (k kernel) sum(pix []byte, step int, out []byte) {
	var r, g, b, a int32 = 1 << 13, 1 << 13, 1 << 13, 1 << 13
	for i, w := range k.weights {
		p := pix[i*step : i*step+4 : i*step+4]
		r += w * int32(p[0])
		g += w * int32(p[1])
		b += w * int32(p[2])
		a += w * int32(p[3])
	}
	alpha := clamp(a>>14, 255)
	// Sharpening may overshoot; a color can't be more than its alpha.
	out[0], out[1], out[2], out[3] = byte(clamp(r>>14, alpha)), byte(clamp(g>>14, alpha)), byte(clamp(b>>14, alpha)),
		byte(alpha)
}

func clamp(v, most int32) int32 { return max(0, min(v, most)) }

// kernels returns those of n pixels made of from.
func kernels(n, from int) []kernel {
	scale := float64(from) / float64(n)
	wide := max(scale, 1) // how far a unit of the cubic reaches
	out := make([]kernel, n)
	for i := range out {
		center := (float64(i)+0.5)*scale - 0.5
		first, last := max(0, int(math.Ceil(center-2*wide))), min(from-1, int(math.Floor(center+2*wide)))
		weights := make([]float64, last-first+1)
		sum := 0.0
		for j := range weights {
			weights[j] = catmullRom(math.Abs(float64(first+j)-center) / wide)
			sum += weights[j]
		}
		k := kernel{first, make([]int32, len(weights))}
		left, largest := int32(1<<14), 0
		for j, w := range weights {
			k.weights[j] = int32(math.Round(w / sum * (1 << 14)))
			left -= k.weights[j]
			if k.weights[j] > k.weights[largest] {
				largest = j
			}
		}
		k.weights[largest] += left // rounding must not darken
		out[i] = k
	}
	return out
}

func catmullRom(t float64) float64 {
	switch {
	case t < 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((-0.5*t+2.5)*t-4)*t + 2
	}
	return 0
}

// upright turns an image as EXIF says it was held.
func upright(src *image.RGBA, turn int) *image.RGBA {
	if turn <= 1 || turn > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if turn >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var to image.Point
			switch turn {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			copy(dst.Pix[dst.PixOffset(to.X, to.Y):], src.Pix[src.PixOffset(x, y):src.PixOffset(x, y)+4])
		}
	}
	return dst
}

// onWhite is an image without transparency.
func onWhite(src *image.RGBA) *image.RGBA {
	if src.Opaque() {
		return src
	}
	dst := image.NewRGBA(src.Rect)
	draw.Draw(dst, dst.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, src, src.Rect.Min, draw.Over)
	return dst
}

// master decodes a file and gives the largest image that is made of it, upright and in sRGB. It ends with its context.
func (s *Service) master(ctx context.Context, file []byte, in inspected) (_ *image.RGBA, err error) {
	w := slices.Max(widthsFor(in.size))
	h := heightFor(in.size, w)
	if in.turn >= 5 {
		w, h = h, w
	}
	src, err := in.format.open(ctx, s, file, w)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	m, err := shrunk(ctx, src, w, h)
	if err != nil {
		return nil, err
	}
	if err := asSRGB(ctx, m, in.format.name, file, src.cmyk); err != nil {
		return nil, err
	}
	return upright(m, in.turn), nil
}
