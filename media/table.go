package media

import (
	"context"
	"encoding/binary"
	"image"
	"math"
)

// table is the way from a device's colors to the profile connection space by tables, as printers' profiles have it:
// curves, a grid of colors between which is interpolated, curves, a matrix, curves (ICC.1:2022, sections 10.10 to
// 10.12). It computes as skcms does, which Chromium shows such images with, so that merchants see in their shop what
// they see in their browser.
type table struct {
	in     [4][256]float32 // of each channel at its 256 values, times the grid's points less one
	grid   [4]int          // points of each channel; all 0 where there is no grid
	clut   []uint16        // three for each point, the last channel's points next to each other
	middle *[3]ramp
	matrix matrix
	offset [3]float64
	out    [3]ramp
	lab    bool // the space is L*a*b*, otherwise XYZ
	inks   bool
	stages bool // a lutAToBType
}

// ramp is a curve at 4097 places from 0 to 1.
type ramp []float32

const rampSteps = 4096

func rampOf(f func(float64) float64) ramp {
	r := make(ramp, rampSteps+2)
	for i := range rampSteps + 1 {
		y := f(float64(i) / rampSteps)
		if !(y > 0) { // NaN too
			y = 0
		}
		r[i] = float32(min(y, 1))
	}
	r[rampSteps+1] = r[rampSteps]
	return r
}

func (r ramp) at(x float64) float64 {
	x = max(0, min(x, 1)) * rampSteps
	i := int(x)
	return float64(r[i]) + (x-float64(i))*float64(r[i+1]-r[i])
}

// tableOf reads a profile's first table to the connection space, of a device with three channels or four inks.
func tableOf(p []byte, channels int) (*table, error) {
	tags, err := tagsOf(p)
	if err != nil {
		return nil, err
	}
	d, ok := tags["A2B0"]
	if !ok {
		d, ok = tags["A2B1"]
	}
	if !ok || len(d) < 32 || int(d[8]) != channels || d[9] != 3 {
		return nil, errProfile
	}
	t := &table{lab: string(p[20:24]) == "Lab ", inks: channels == 4, matrix: matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}
	switch kind := string(d[:4]); kind {
	case "mft1", "mft2":
		return t, t.readLUT(d, channels, kind == "mft2")
	case "mAB ":
		return t, t.readStages(d, channels)
	}
	return nil, errProfile
}

// readLUT reads a lut8Type or a lut16Type.
func (t *table) readLUT(d []byte, channels int, wide bool) error {
	at, ins, outs, size := 48, 256, 256, 1
	if wide {
		if len(d) < 52 {
			return errProfile
		}
		at, ins, outs, size = 52, int(binary.BigEndian.Uint16(d[48:])), int(binary.BigEndian.Uint16(d[50:])), 2
	}
	points := 3
	for i := range channels {
		t.grid[i] = int(d[10])
		points *= t.grid[i]
		if points > len(d) {
			return errProfile
		}
	}
	if d[10] < 2 || ins < 2 || outs < 2 || len(d)-at < size*(channels*ins+points+3*outs) {
		return errProfile
	}
	values := func(n int) []uint16 {
		out := numbers(d[at:], n, size)
		at += n * size
		return out
	}
	for i := range channels {
		t.setIn(i, between(values(ins)))
	}
	t.clut = values(points)
	for i := range t.out {
		t.out[i] = rampOf(between(values(outs)))
	}
	return nil
}

// readStages reads a lutAToBType. Its stages may be left out.
func (t *table) readStages(d []byte, channels int) error {
	t.stages = true
	var offsets [5]int // of the B curves, the matrix, the M curves, the grid, the A curves
	for i := range offsets {
		offsets[i] = int(binary.BigEndian.Uint32(d[12+4*i:]))
		if offsets[i] < 0 || offsets[i] > len(d) {
			return errProfile
		}
	}
	curves := func(at, n int) ([]func(float64) float64, error) {
		var out []func(float64) float64
		for range n {
			f, size, err := curveAt(d[min(at, len(d)):])
			if err != nil {
				return nil, err
			}
			out, at = append(out, f), at+(size+3)&^3
		}
		return out, nil
	}
	identity := func(x float64) float64 { return x }
	if at := offsets[3]; at != 0 {
		if len(d) < at+20 || offsets[4] == 0 {
			return errProfile
		}
		points := 3
		for i := range channels {
			t.grid[i] = int(d[at+i])
			points *= t.grid[i]
			if t.grid[i] < 2 || points > len(d) {
				return errProfile
			}
		}
		size := int(d[at+16])
		if size != 1 && size != 2 || len(d)-at-20 < size*points {
			return errProfile
		}
		t.clut = numbers(d[at+20:], points, size)
		fs, err := curves(offsets[4], channels)
		if err != nil {
			return err
		}
		for i, f := range fs {
			t.setIn(i, f)
		}
	} else if channels != 3 {
		return errProfile
	} else {
		for i := range 3 {
			t.setIn(i, identity)
		}
	}
	if at := offsets[1]; at != 0 {
		fs, err := curves(offsets[2], 3)
		if err != nil || offsets[2] == 0 || len(d) < at+48 {
			return errProfile
		}
		t.middle = &[3]ramp{}
		for i := range 3 {
			t.middle[i] = rampOf(fs[i])
			for j := range 3 {
				t.matrix[i][j] = fixed(d[at+4*(3*i+j):])
			}
			t.offset[i] = fixed(d[at+36+4*i:])
		}
	}
	fs, err := curves(offsets[0], 3)
	if err != nil || offsets[0] == 0 {
		return errProfile
	}
	for i := range 3 {
		t.out[i] = rampOf(fs[i])
	}
	return nil
}

// setIn keeps the curve of a channel at its 256 values. Files hold inks inverted.
func (t *table) setIn(channel int, f func(float64) float64) {
	steps := float64(max(1, t.grid[channel]-1))
	for v := range 256 {
		x := float64(v) / 255
		if t.inks {
			x = 1 - x
		}
		y := f(x)
		if !(y > 0) { // NaN too
			y = 0
		}
		t.in[channel][v] = float32(min(y, 1) * steps)
	}
}

// numbers returns n of one byte or two, as of two.
func numbers(d []byte, n, size int) []uint16 {
	out := make([]uint16, n)
	for i := range out {
		if size == 1 {
			out[i] = uint16(d[i]) * 257
		} else {
			out[i] = binary.BigEndian.Uint16(d[2*i:])
		}
	}
	return out
}

// between is the curve through values at equal distances.
func between(v []uint16) func(float64) float64 {
	return func(x float64) float64 {
		i := min(int(x*float64(len(v)-1)), len(v)-2)
		part := x*float64(len(v)-1) - float64(i)
		return (float64(v[i])*(1-part) + float64(v[i+1])*part) / 65535
	}
}

// space gives a pixel's color in the connection space, each number from 0 to 1.
func (t *table) space(p []byte) (c [3]float64) {
	if t.clut == nil {
		for i := range c {
			c[i] = float64(t.in[i][p[i]])
		}
	} else {
		n := 3
		if t.inks {
			n = 4
		}
		// The corners of the cell that the color lies in, each by its share.
		var at [16]int
		var share [16]float32
		share[0] = 1
		corners := 1
		for i := range n {
			x := t.in[i][p[i]]
			low := min(int(x), t.grid[i]-2)
			part := x - float32(low)
			for k := range corners {
				base := at[k]*t.grid[i] + low
				at[k], at[corners+k] = base, base+1
				share[k], share[corners+k] = share[k]*(1-part), share[k]*part
			}
			corners *= 2
		}
		for k := range corners {
			v := t.clut[3*at[k] : 3*at[k]+3]
			for i := range c {
				c[i] += float64(share[k]) * float64(v[i])
			}
		}
		for i := range c {
			c[i] /= 65535
		}
	}
	if t.middle != nil {
		var m [3]float64
		for i := range c {
			c[i] = t.middle[i].at(c[i])
		}
		for i, row := range t.matrix {
			m[i] = row[0]*c[0] + row[1]*c[1] + row[2]*c[2] + t.offset[i]
		}
		c = m
	}
	for i := range c {
		c[i] = t.out[i].at(c[i])
	}
	return c
}

// xyz is a color of the connection space as XYZ under D50.
func (t *table) xyz(c [3]float64) [3]float64 {
	if !t.lab {
		if t.stages { // of the older tables skcms takes the numbers as they are
			for i := range c {
				c[i] *= 65535.0 / 32768
			}
		}
		return c
	}
	// That white is 65280 in a lut16Type (section 10.10), not 65535, skcms doesn't heed; nor do we.
	l, a, b := c[0]*100, c[1]*255-128, c[2]*255-128
	y := (l + 16) / 116
	out := [3]float64{y + a/500, y, y - b/200}
	for i, white := range [3]float64{0.9642, 1, 0.8249} {
		if cube := out[i] * out[i] * out[i]; cube > 216.0/24389 {
			out[i] = cube
		} else {
			out[i] = (116*out[i] - 16) * 27 / 24389
		}
		out[i] *= white
	}
	return out
}

// convert makes sRGB of an image, in place, as conversion.convert does. Of inks the first three are where red, green
// and blue are, inverted, and there is no black.
func (t *table) convert(ctx context.Context, m *image.RGBA) error {
	light := srgb()
	var before [4]byte
	var after [3]byte
	known := false
	for y := range m.Rect.Dy() {
		if err := ctx.Err(); err != nil {
			return err
		}
		for p := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]; len(p) > 0; p = p[4:] {
			alpha := uint32(p[3])
			if alpha == 0 {
				continue
			}
			now := [4]byte{3: 255}
			for i := range 3 {
				now[i] = byte(min((uint32(p[i])*255+alpha/2)/alpha, 255))
			}
			if !known || now != before { // neighbors are often the same
				c := t.xyz(t.space(now[:]))
				for i, row := range fromXYZ {
					v := row[0]*c[0] + row[1]*c[1] + row[2]*c[2]
					after[i] = light[int(math.Max(0, math.Min(v, 1))*(1<<14)+0.5)]
				}
				before, known = now, true
			}
			for i, v := range after {
				p[i] = byte((uint32(v)*alpha + 127) / 255)
			}
		}
	}
	return nil
}
