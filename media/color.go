package media

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math"
	"sync"

	"golang.org/x/image/webp"
)

// Shops' images carry no color profile, so browsers take them for sRGB. What telephones take is mostly Display P3,
// and would look pale that way: it is converted as its profile says, as is what was made for a printer.

// Bounds of a profile, and of what one unpacks to. Those of matrices have a few kilobytes, those of printers up to
// some megabytes.
const (
	maxProfile  = 10 << 20
	maxInflated = 1 << 20
)

// profileOf is a file's ICC profile, nil where it has none: JPEG in APP2 segments (ICC.1:2022, annex B.4), PNG in
// iCCP, WebP in ICCP.
func profileOf(name string, b []byte) (p []byte) {
	switch name {
	case "JPEG":
		p = profileOfJPEG(b)
	case "PNG":
		chunksPNG(b, func(kind string, d []byte) bool {
			if kind == "iCCP" { // name, NUL, method 0, zlib
				if i := bytes.IndexByte(d, 0); i >= 0 && i+2 <= len(d) {
					p = inflated(d[i+2:])
				}
			}
			return kind != "iCCP" && kind != "sRGB" && kind != "IDAT"
		})
	case "WebP":
		chunksWebP(b, func(kind string, d []byte) bool {
			if kind == "ICCP" {
				p = d
			}
			return kind != "ICCP"
		})
	}
	return p
}

// profileOfJPEG puts the parts of a profile together; they say their number, from 1 on, and how many there are.
func profileOfJPEG(b []byte) []byte {
	parts := map[byte][]byte{}
	count := byte(0)
	segments(b, func(marker byte, d []byte) bool {
		if d, ok := bytes.CutPrefix(d, []byte("ICC_PROFILE\x00")); ok && marker == 0xe2 && len(d) > 2 {
			parts[d[0]], count = d[2:], d[1]
		}
		return true
	})
	var p []byte
	for i := range int(count) {
		part, ok := parts[byte(i+1)]
		if !ok {
			return nil
		}
		p = append(p, part...)
	}
	return p
}

func inflated(b []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	p, err := io.ReadAll(io.LimitReader(r, maxInflated))
	if err != nil {
		return nil
	}
	return p
}

// decodeWebP decodes a WebP. The video format within it has black at 16 and white at 235 (RFC 6386, section 9.2,
// after ITU-R BT.601), which x/image/webp leaves so, and package image takes YCbCr for JPEG's, from 0 to 255.
func decodeWebP(r io.Reader) (image.Image, error) {
	m, err := webp.Decode(r)
	switch m := m.(type) {
	case *image.YCbCr:
		widen(m)
	case *image.NYCbCrA:
		widen(&m.YCbCr)
	}
	return m, err
}

func widen(m *image.YCbCr) {
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = byte(math.Round(max(0, min(float64(i-16)*255/219, 255))))
		chroma[i] = byte(math.Round(max(0, min(float64(i-128)*255/224+128, 255))))
	}
	for i, v := range m.Y {
		m.Y[i] = luma[v]
	}
	for _, plane := range [][]byte{m.Cb, m.Cr} {
		for i, v := range plane {
			plane[i] = chroma[v]
		}
	}
}

// matrix takes three numbers to three: m[row][column].
type matrix [3][3]float64

// conversion makes sRGB of the colors of another space: each channel through its curve, the three through a matrix.
type conversion struct {
	curves [3][256]float64 // to linear light, 0 to 1
	matrix matrix          // to linear sRGB
}

var errProfile = errors.New("media: not a profile of a matrix and three curves")

// conversionOf reads a profile (ICC.1:2022, sections 7.2, 9.2.4, 10.6, 10.18, 10.31, F.3).
func conversionOf(p []byte) (c conversion, err error) {
	tags, err := tagsOf(p)
	if err != nil || string(p[16:24]) != "RGB XYZ " {
		return c, errProfile
	}
	var space matrix
	for i, channel := range []string{"r", "g", "b"} {
		xyz, trc := tags[channel+"XYZ"], tags[channel+"TRC"]
		if len(xyz) < 20 || string(xyz[:4]) != "XYZ " {
			return c, errProfile
		}
		for row := range 3 {
			space[row][i] = fixed(xyz[8+4*row:])
		}
		if c.curves[i], err = curveOf(trc); err != nil {
			return c, err
		}
	}
	c.matrix = times(fromXYZ, space)
	return c, nil
}

// tagsOf returns a profile's tags by their names (ICC.1:2022, sections 7.2, 7.3).
func tagsOf(p []byte) (map[string][]byte, error) {
	if len(p) < 132 || len(p) > maxProfile || string(p[36:40]) != "acsp" {
		return nil, errProfile
	}
	tags := map[string][]byte{}
	for at, n := 132, binary.BigEndian.Uint32(p[128:]); n > 0 && at+12 <= len(p); at, n = at+12, n-1 {
		from, size := uint64(binary.BigEndian.Uint32(p[at+4:])), uint64(binary.BigEndian.Uint32(p[at+8:]))
		if from+size > uint64(len(p)) || size < 12 {
			return nil, errProfile
		}
		tags[string(p[at:at+4])] = p[from : from+size]
	}
	return tags, nil
}

// grayOf reads the profile of a gray device: one curve.
func grayOf(p []byte) (c conversion, err error) {
	tags, err := tagsOf(p)
	if err != nil || string(p[16:20]) != "GRAY" {
		return c, errProfile
	}
	if c.curves[0], err = curveOf(tags["kTRC"]); err != nil {
		return c, err
	}
	c.curves[1], c.curves[2] = c.curves[0], c.curves[0]
	c.matrix = matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	return c, nil
}

// fixed is an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// curveOf is a curve at the 256 values that a channel can have.
func curveOf(t []byte) (out [256]float64, err error) {
	at, _, err := curveAt(t)
	if err != nil {
		return out, err
	}
	for i := range out {
		y := at(float64(i) / 255)
		if !(y > 0) { // NaN too
			y = 0
		}
		out[i] = min(y, 1)
	}
	return out, nil
}

// curveAt reads a curveType or a parametricCurveType: it maps 0 to 1, and has size bytes.
func curveAt(t []byte) (at func(x float64) float64, size int, err error) {
	if len(t) < 12 {
		return nil, 0, errProfile
	}
	switch string(t[:4]) {
	case "curv":
		n := int(binary.BigEndian.Uint32(t[8:]))
		if n < 0 || len(t) < 12+2*n {
			return nil, 0, errProfile
		}
		size = 12 + 2*n
		value := func(i int) float64 { return float64(binary.BigEndian.Uint16(t[12+2*i:])) }
		switch n {
		case 0:
			at = func(x float64) float64 { return x }
		case 1:
			at = func(x float64) float64 { return math.Pow(x, value(0)/256) }
		default:
			at = func(x float64) float64 {
				i := min(int(x*float64(n-1)), n-2)
				part := x*float64(n-1) - float64(i)
				return (value(i)*(1-part) + value(i+1)*part) / 65535
			}
		}
	case "para":
		kind := int(binary.BigEndian.Uint16(t[8:]))
		if kind > 4 {
			return nil, 0, errProfile
		}
		number := []int{1, 3, 4, 5, 7}[kind]
		if len(t) < 12+4*number {
			return nil, 0, errProfile
		}
		size = 12 + 4*number
		// Y = (aX+b)^g + e where X ≥ d, else cX + f; the kinds leave some of it out.
		var v [7]float64
		for i := range number {
			v[i] = fixed(t[12+4*i:])
		}
		g, a, b, c, d, e, f := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
		switch kind {
		case 0:
			a, b, c, d = 1, 0, 0, 0
		case 1:
			c, d = 0, -b/a
		case 2:
			c, d, e, f = 0, -b/a, v[3], v[3]
		}
		at = func(x float64) float64 {
			if x >= d {
				return math.Pow(a*x+b, g) + e
			}
			return c*x + f
		}
	default:
		return nil, 0, errProfile
	}
	return at, size, nil
}

// fromXYZ takes the profile connection space, XYZ under D50, to linear sRGB: the inverse of the colorants of the sRGB
// profile.
var fromXYZ = inverse(matrix{
	{0.436065674, 0.385147095, 0.143066406},
	{0.222488403, 0.716873169, 0.060607910},
	{0.013916016, 0.097076416, 0.714096069},
})

func inverse(m matrix) (out matrix) {
	det := 0.0
	for i := range 3 {
		det += m[0][i] * (m[1][(i+1)%3]*m[2][(i+2)%3] - m[1][(i+2)%3]*m[2][(i+1)%3])
	}
	for r := range 3 {
		for c := range 3 {
			a, b := (c+1)%3, (c+2)%3
			d, e := (r+1)%3, (r+2)%3
			out[r][c] = (m[a][d]*m[b][e] - m[a][e]*m[b][d]) / det
		}
	}
	return out
}

func times(a, b matrix) (out matrix) {
	for r := range 3 {
		for c := range 3 {
			for i := range 3 {
				out[r][c] += a[r][i] * b[i][c]
			}
		}
	}
	return out
}

// srgb is linear light, in steps of 1/16384, as sRGB has it (IEC 61966-2-1).
var srgb = sync.OnceValue(func() *[1<<14 + 1]byte {
	var out [1<<14 + 1]byte
	for i := range out {
		v := float64(i) / (1 << 14)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		out[i] = byte(math.Round(v * 255))
	}
	return &out
})

// convert makes sRGB of an image, in place. Colors that sRGB lacks become the nearest it has, channel by channel.
func (c conversion) convert(m *image.RGBA) {
	table := srgb()
	for y := range m.Rect.Dy() {
		line := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for p := line; len(p) > 0; p = p[4:] {
			alpha := uint32(p[3])
			if alpha == 0 {
				continue
			}
			var linear [3]float64
			for i := range linear {
				v := uint32(p[i])
				if alpha < 255 {
					v = min((v*255+alpha/2)/alpha, 255)
				}
				linear[i] = c.curves[i][v]
			}
			for i, row := range c.matrix {
				v := row[0]*linear[0] + row[1]*linear[1] + row[2]*linear[2]
				out := uint32(table[int(max(0, min(v, 1))*(1<<14)+0.5)])
				p[i] = byte((out*alpha + 127) / 255)
			}
		}
	}
}

// idle is whether the other space is sRGB too, as in most files.
func (c conversion) idle() bool {
	table := srgb()
	for i, curve := range c.curves {
		for v, linear := range curve {
			if got := int(table[int(linear*(1<<14)+0.5)]); got < v-1 || got > v+1 {
				return false
			}
		}
		for j, v := range c.matrix[i] {
			if i == j {
				v--
			}
			if math.Abs(v) > 0.002 {
				return false
			}
		}
	}
	return true
}

// asSRGB makes sRGB of an image that was decoded from a file, as the file's profile says, where it is one of what the
// file holds.
func asSRGB(ctx context.Context, m *image.RGBA, name string, file []byte, cmyk bool) error {
	p := profileOf(name, file)
	if len(p) < 132 {
		return nil
	}
	switch space := string(p[16:20]); {
	case space == "CMYK" && cmyk:
		if t, err := tableOf(p, 4); err == nil {
			return t.convert(ctx, m)
		}
	case space == "RGB " && !cmyk:
		if t, err := tableOf(p, 3); err == nil {
			return t.convert(ctx, m)
		}
		if c, err := conversionOf(p); err == nil && !c.idle() {
			c.convert(m)
		}
	case space == "GRAY" && isGray(name, file):
		if c, err := grayOf(p); err == nil && !c.idle() {
			c.convert(m)
		}
	}
	return nil
}

// isGray reports whether a file holds no colors.
func isGray(name string, file []byte) bool {
	switch name {
	case "JPEG":
		f, ok := frameOf(file)
		return ok && len(f.components) == 1
	case "PNG":
		return len(file) > 25 && file[25]&^4 == 0
	}
	return false
}

// inked makes colors of a row of inks, in place. Files hold them inverted, as Photoshop writes them: 255 is paper.
// Black is made part of the other three, as Chromium does it, which asks the file's profile only afterwards, for
// three inks without black (measured: TestTablesAsABrowserUsesThem). To ask it for the four would be what a printer's
// proof shows, and not what browsers do.
func inked(row []byte) {
	for p := row; len(p) > 0; p = p[4:] {
		k := uint32(p[3])
		for i := range 3 {
			p[i] = byte(uint32(p[i]) * k / 255)
		}
		p[3] = 255
	}
}
