package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"orbit360.app/browsertest"
)

// inkModel is what a printer of ours makes of ink, as XYZ under D50: each takes some of the light, none a single
// color's alone.
func inkModel(v []float64) [3]float64 {
	light := [3]float64{0.95, 0.93, 0.9} // paper
	takes := [][3]float64{{0.95, 0.35, 0.15}, {0.15, 0.9, 0.35}, {0.02, 0.12, 0.9}, {0.97, 0.97, 0.96}}
	for i, ink := range v {
		for j := range light {
			light[j] *= 1 - takes[i][j]*math.Pow(ink, 0.8)
		}
	}
	var out [3]float64
	for row := range out {
		for i := range 3 {
			out[row] += sRGBspace[i][row] * light[i]
		}
	}
	return out
}

// screenModel is a screen's, of red, green and blue that aren't sRGB's.
func screenModel(v []float64) (out [3]float64) {
	for row := range out {
		for i := range 3 {
			out[row] += displayP3[i][row] * math.Pow(v[i], 2)
		}
	}
	return out
}

func labOf(xyz [3]float64) (out [3]float64) {
	var f [3]float64
	for i, white := range [3]float64{0.9642, 1, 0.8249} {
		if x := xyz[i] / white; x > 216.0/24389 {
			f[i] = math.Cbrt(x)
		} else {
			f[i] = (x*24389/27 + 16) / 116
		}
	}
	return [3]float64{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

// tableProfile is a profile with a grid of that many points for each channel.
func tableProfile(space, pcs, kind string, points int, model func([]float64) [3]float64) []byte {
	channels := map[string]int{"CMYK": 4, "RGB ": 3}[space]
	number := func(b []byte, v float64) []byte { // from 0 to 1
		v = max(0, min(v, 1))
		if kind == "mft1" {
			return append(b, byte(math.Round(v*255)))
		}
		return binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	encode := func(b []byte, xyz [3]float64) []byte {
		for i, v := range xyz {
			v *= 32768.0 / 65535
			if pcs == "Lab " {
				v = labOf(xyz)[i]
				if i == 0 {
					v /= 100
				} else {
					v = (v + 128) / 255
				}
				if kind == "mft2" {
					v *= 65280.0 / 65535
				}
			}
			b = number(b, v)
		}
		return b
	}
	var grid []byte
	total := 1
	for range channels {
		total *= points
	}
	for i := range total {
		v := make([]float64, channels)
		for c, rest := channels-1, i; c >= 0; c-- {
			v[c] = float64(rest%points) / float64(points-1)
			rest /= points
		}
		grid = encode(grid, model(v))
	}
	bent := func(n int) (out []byte) {
		for i := range n {
			out = number(out, math.Pow(float64(i)/float64(n-1), 1.15))
		}
		return out
	}
	straight := func(n int) (out []byte) {
		for i := range n {
			out = number(out, float64(i)/float64(n-1))
		}
		return out
	}
	unit := []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0,
		0}
	var t []byte
	switch kind {
	case "mft1", "mft2":
		t = slices.Concat([]byte(kind), []byte{0, 0, 0, 0, byte(channels), 3, byte(points), 0}, unit)
		in, out := 256, 256
		if kind == "mft2" {
			in, out = 33, 2
			t = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(t, uint16(in)), uint16(out))
		}
		t = append(t, bytes.Repeat(bent(in), channels)...)
		t = append(t, grid...)
		t = append(t, bytes.Repeat(straight(out), 3)...)
	case "mAB ":
		linear := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00")
		pow := append(parametric(0, 1.15), 0, 0, 0, 0)[:16]
		b := bytes.Repeat(linear, 3)
		a := bytes.Repeat(pow, channels)
		head := append([]byte(kind), 0, 0, 0, 0, byte(channels), 3, 0, 0)
		clut := append(append(bytes.Repeat([]byte{byte(points)}, channels), make([]byte, 16-channels)...), 2, 0, 0, 0)
		clut = append(clut, grid...)
		for len(clut)%4 != 0 {
			clut = append(clut, 0)
		}
		atB := 32
		atMatrix := atB + len(b)
		atM := atMatrix + 48
		atCLUT := atM + len(b)
		atA := atCLUT + len(clut)
		for _, at := range []int{atB, atMatrix, atM, atCLUT, atA} {
			head = binary.BigEndian.AppendUint32(head, uint32(at))
		}
		shift := make([]byte, 12)
		t = slices.Concat(head, b, unit, shift, b, clut, a)
	}
	head := make([]byte, 128)
	head[8] = map[bool]byte{true: 4, false: 2}[kind == "mAB "]
	copy(head[12:], map[string]string{"CMYK": "prtr", "RGB ": "scnr"}[space]+space+pcs)
	copy(head[36:], "acsp")
	copy(head[68:], []byte{0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d})
	table := binary.BigEndian.AppendUint32(nil, 1)
	table = append(table, "A2B0"...)
	table = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(table, 144), uint32(len(t)))
	out := slices.Concat(head, table, t)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// withProfile puts a profile into a JPEG, in as many segments as it needs.
func withProfile(file, profile []byte) []byte {
	const most = 65_000
	parts := slices.Collect(slices.Chunk(profile, most))
	out := slices.Clone(file[:2])
	for i, part := range parts {
		out = append(out, segment(0xe2, slices.Concat([]byte("ICC_PROFILE\x00"), []byte{byte(i + 1), byte(len(parts))},
			part)...)...)
	}
	return append(out, file[2:]...)
}

func TestTablesAsABrowserUsesThem(t *testing.T) {
	t.Parallel()
	b := browsertest.New(t)
	jpegs := samples(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	tones := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for i := range tones.Pix {
		tones.Pix[i] = byte(rnd.UintN(256)) | map[bool]byte{true: 255}[i%4 == 3]
	}
	gray := image.NewGray(image.Rect(0, 0, 256, 1))
	for i := range gray.Pix {
		gray.Pix[i] = byte(i)
	}
	dots := slices.Clone(iccProfile(sRGBspace, parametric(0, 1.7)))
	copy(dots[16:], "GRAY")
	dots = bytes.Replace(dots, []byte("rTRC"), []byte("kTRC"), 1)
	files := map[string][]byte{
		"CMYK, 16 bits, Lab":   withProfile(jpegs["cmyk"], tableProfile("CMYK", "Lab ", "mft2", 7, inkModel)),
		"CMYK, 8 bits, Lab":    withProfile(jpegs["cmyk"], tableProfile("CMYK", "Lab ", "mft1", 6, inkModel)),
		"CMYK, stages, Lab":    withProfile(jpegs["cmyk-progressive"], tableProfile("CMYK", "Lab ", "mAB ", 5, inkModel)),
		"CMYK, large":          withProfile(jpegs["cmyk"], tableProfile("CMYK", "Lab ", "mft2", 17, inkModel)),
		"CMYK, 16 bits, XYZ":   withProfile(jpegs["cmyk"], tableProfile("CMYK", "XYZ ", "mft2", 9, inkModel)),
		"RGB, stages, XYZ":     pngWithICC(t, tones, tableProfile("RGB ", "XYZ ", "mAB ", 9, screenModel)),
		"CMYK, of a screen":    withProfile(jpegs["cmyk"], iccProfile(displayP3, sRGBCurve())),
		"RGB, of a printer":    withProfile(jpegs["sampled-1x1"], tableProfile("CMYK", "Lab ", "mft2", 3, inkModel)),
		"RGB, 16 bits, Lab":    pngWithICC(t, tones, tableProfile("RGB ", "Lab ", "mft2", 9, screenModel)),
		"RGB, 8 bits, Lab":     pngWithICC(t, tones, tableProfile("RGB ", "Lab ", "mft1", 9, screenModel)),
		"RGB, stages, Lab":     pngWithICC(t, tones, tableProfile("RGB ", "Lab ", "mAB ", 9, screenModel)),
		"gray":                 withProfile(jpegs["gray"], dots),
		"gray, PNG":            pngWithICC(t, gray, dots),
		"gray, of a screen":    withProfile(jpegs["gray"], iccProfile(displayP3, parametric(0, 1.7))),
		"colors, of gray":      withProfile(jpegs["sampled-1x1"], dots),
		"colors, of gray, PNG": pngWithICC(t, tones, dots),
	}
	for name, file := range files {
		got := ours(t, file)
		want := shown(b, file)
		if len(want) != len(got.Pix) {
			t.Errorf("%s: %d bytes, wanted %d", name, len(got.Pix), len(want))
			continue
		}
		if worst, mean := off(got.Pix, want); worst > 2 || mean > 0.3 {
			t.Errorf("%s: %d off at most, %.2f on the average", name, worst, mean)
		}
		// A profile of what the file holds changes it, another one doesn't.
		plain := map[string][]byte{"CMYK": jpegs["cmyk"], "gray": jpegs["gray"],
			"RGB": asPNG(t, tones)}[strings.Split(name, ",")[0]]
		if name == "gray, PNG" {
			plain = asPNG(t, gray)
		}
		if plain == nil || name == "RGB, of a printer" {
			continue
		}
		if worst, _ := off(ours(t, plain).Pix, want); (worst < 10) != (name == "CMYK, of a screen") {
			t.Errorf("%s: without its profile it is %d off", name, worst)
		}
	}
}

// Whatever the bytes: an error or a table, and no panic.
func FuzzTable(f *testing.F) {
	for _, kind := range []string{"mft1", "mft2", "mAB "} {
		f.Add(tableProfile("CMYK", "Lab ", kind, 2, inkModel))
		f.Add(tableProfile("RGB ", "XYZ ", kind, 2, screenModel))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, channels := range []int{3, 4} {
			table, err := tableOf(p, channels)
			if err != nil {
				continue
			}
			if err := table.convert(t.Context(), quarters(4, 4)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
