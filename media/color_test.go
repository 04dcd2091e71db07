package media

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/media/webp"
)

// iccProfile is a profile of three colorants (XYZ under D50) and one curve for all channels.
func iccProfile(colorants [3][3]float64, curve []byte) []byte {
	number := func(v float64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536)))) }
	type tag struct {
		name string
		data []byte
	}
	white := slices.Concat([]byte("XYZ \x00\x00\x00\x00"), number(0.9642), number(1), number(0.8249))
	tags := []tag{{"wtpt", white}}
	for i, name := range []string{"r", "g", "b"} {
		xyz := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range colorants[i] {
			xyz = append(xyz, number(v)...)
		}
		tags = append(tags, tag{name + "XYZ", xyz}, tag{name + "TRC", curve})
	}
	head := make([]byte, 128)
	head[8] = 4
	copy(head[12:], "mntrRGB XYZ ")
	copy(head[36:], "acsp")
	copy(head[68:], white[8:])
	table, data := binary.BigEndian.AppendUint32(nil, uint32(len(tags))), []byte{}
	for _, t := range tags {
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
		table = append(table, t.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(128+4+12*len(tags)+len(data)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
		data = append(data, t.data...)
	}
	out := slices.Concat(head, table, data)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

func parametric(kind uint16, v ...float64) []byte {
	out := binary.BigEndian.AppendUint16([]byte("para\x00\x00\x00\x00"), kind)
	out = append(out, 0, 0)
	for _, x := range v {
		out = binary.BigEndian.AppendUint32(out, uint32(int32(math.Round(x*65536))))
	}
	return out
}

func tabular(n int, f func(float64) float64) []byte {
	out := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(n))
	for i := range n {
		out = binary.BigEndian.AppendUint16(out, uint16(math.Round(f(float64(i)/float64(max(n-1, 1)))*65535)))
	}
	return out
}

var (
	displayP3 = [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}}
	adobeRGB  = [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}
	sRGBspace = [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}}
)

func sRGBCurve() []byte { return parametric(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045) }

// light is sRGB's curve.
func light(x float64) float64 {
	if x < 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

func profiles() map[string][]byte {
	return map[string][]byte{
		"Display P3":                iccProfile(displayP3, sRGBCurve()),
		"Display P3, the last kind": iccProfile(displayP3, parametric(4, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045, 0, 0)),
		"a table":                   iccProfile(displayP3, tabular(1024, light)),
		"Adobe RGB":                 iccProfile(adobeRGB, append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), 2, 51)),
		"one gamma":                 iccProfile(adobeRGB, parametric(0, 2.2)),
		"sRGB":                      iccProfile(sRGBspace, sRGBCurve()),
	}
}

func pngWithICC(t testing.TB, m image.Image, profile []byte) []byte {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	if _, err := w.Write(profile); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := asPNG(t, m)
	const head = 8 + 25 // signature and IHDR
	return slices.Concat(file[:head], chunk("iCCP", append([]byte("some profile\x00\x00"), z.Bytes()...)), file[head:])
}

// TestColorsAsABrowserShowsThem compares what we make of an image's colors with what Chromium makes of them.
func TestColorsAsABrowserShowsThem(t *testing.T) {
	t.Parallel()
	b := browsertest.New(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	const side = 16 // of a field of one color: formats that save on colors do so within it
	src := image.NewRGBA(image.Rect(0, 0, 20*side, 15*side))
	for y := range 15 {
		for x := range 20 {
			c := color.RGBA{byte(rnd.UintN(256)), byte(rnd.UintN(256)), byte(rnd.UintN(256)), 255}
			draw.Draw(src, image.Rect(x*side, y*side, (x+1)*side, (y+1)*side), image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
	encoder := new(webp.Encoder)
	lossy, err := encoder.Encode(t.Context(), src, 100)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"JPEG": asJPEG(t, src), "WebP": lossy}
	for name, profile := range profiles() {
		files[name] = pngWithICC(t, src, profile)
	}
	for name, file := range files {
		got := ours(t, file)
		b.On(`document`, fmt.Sprintf(`window.pixels = null; const i = new Image(); i.onload = () => {
			const c = new OffscreenCanvas(i.width, i.height).getContext("2d"); c.drawImage(i, 0, 0);
			window.pixels = [...c.getImageData(0, 0, i.width, i.height).data] };
			i.src = "data:;base64,%s"`, base64.StdEncoding.EncodeToString(file)))
		b.Until(`window.pixels`)
		want := browsertest.Eval[[]int](b, `window.pixels`)
		if len(want) != len(got.Pix) {
			t.Fatal(name, len(want), len(got.Pix))
		}
		worst, changed := 0, 0
		for y := side / 2; y < src.Rect.Dy(); y += side {
			for x := side / 2; x < src.Rect.Dx(); x += side {
				for i := src.PixOffset(x, y); i < src.PixOffset(x+1, y); i++ {
					worst = max(worst, want[i]-int(got.Pix[i]), int(got.Pix[i])-want[i])
					changed = max(changed, want[i]-int(src.Pix[i]), int(src.Pix[i])-want[i])
				}
			}
		}
		t.Logf("%s: %d off, the browser changed it by %d", name, worst, changed)
		if worst > 3 || (changed < 20) != slices.Contains([]string{"sRGB", "JPEG", "WebP"}, name) {
			t.Errorf("%s: %d off, the browser changed it by %d", name, worst, changed)
		}
	}
}

// drawer compiles its libraries once for all tests.
var drawer = sync.OnceValue(func() *Service { return New(Config{}) })

// ours is what a file is shown as.
func ours(t *testing.T, file []byte) *image.RGBA {
	t.Helper()
	in, err := inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := drawer().decoded(t.Context(), file, in)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every kind of file says its colors in a way of its own; a reddish tone of Display P3 is a stronger one of sRGB.
func TestProfileOfEachFormat(t *testing.T) {
	t.Parallel()
	tone := color.RGBA{200, 120, 80, 255}
	flat := image.NewRGBA(image.Rect(0, 0, 32, 32))
	draw.Draw(flat, flat.Rect, image.NewUniform(tone), image.Point{}, draw.Src)
	profile := iccProfile(displayP3, sRGBCurve())

	segment := func(number byte, part []byte) []byte {
		d := slices.Concat([]byte("ICC_PROFILE\x00"), []byte{number, 2}, part)
		return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe2}, uint16(len(d)+2)), d...)
	}
	photo := asJPEG(t, flat)
	half := len(profile) / 2
	encoder := new(webp.Encoder)
	lossy, err := encoder.Encode(t.Context(), flat, 95)
	if err != nil {
		t.Fatal(err)
	}
	vp8x := slices.Concat([]byte("VP8X\x0a\x00\x00\x00\x20\x00\x00\x00\x1f\x00\x00\x1f\x00\x00"), []byte("ICCP"),
		binary.LittleEndian.AppendUint32(nil, uint32(len(profile))), profile, make([]byte, len(profile)%2), lossy[12:])
	container := slices.Concat([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(4+len(vp8x))), []byte("WEBP"),
		vp8x)

	for name, c := range map[string]struct {
		file []byte
		want color.RGBA
	}{
		"PNG": {pngWithICC(t, flat, profile), color.RGBA{213, 116, 70, 255}},
		"JPEG, in two parts backwards": {slices.Concat(photo[:2], segment(2, profile[half:]), segment(1, profile[:half]),
			photo[2:]), color.RGBA{213, 116, 70, 255}},
		"JPEG, a part is missing": {slices.Concat(photo[:2], segment(2, profile[half:]), photo[2:]), tone},
		"WebP without":            {lossy, tone},
		"WebP":                    {container, color.RGBA{213, 116, 70, 255}},
		"PNG without":             {asPNG(t, flat), tone},
		"PNG, a printer's": {pngWithICC(t, flat, bytes.Replace(profile, []byte("RGB XYZ "), []byte("CMYKLab "),
			1)), tone},
		"PNG, cut off": {pngWithICC(t, flat, profile[:200]), tone},
		"PNG, no curve": {pngWithICC(t, flat, bytes.Replace(profile, []byte("gTRC"), []byte("xTRC"), 1)),
			tone},
	} {
		got := ours(t, c.file).RGBAAt(16, 16)
		for _, d := range []int{int(got.R) - int(c.want.R), int(got.G) - int(c.want.G), int(got.B) - int(c.want.B)} {
			if d < -4 || d > 4 {
				t.Errorf("%s: %v, wanted %v", name, got, c.want)
				break
			}
		}
	}
}

// What can be seen through stays so, and keeps its color.
func TestColorsOfTransparentImages(t *testing.T) {
	t.Parallel()
	src := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	for x, a := range []byte{0, 128, 255} {
		src.SetNRGBA(x, 0, color.NRGBA{200, 120, 80, a})
	}
	m := ours(t, pngWithICC(t, src, iccProfile(displayP3, sRGBCurve())))
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	opaque := color.NRGBAModel.Convert(m.At(2, 0)).(color.NRGBA)
	half := color.NRGBAModel.Convert(m.At(1, 0)).(color.NRGBA)
	if m.Pix[3] != 0 || half.A != 128 || opaque.A != 255 || opaque.R < 208 ||
		math.Abs(float64(half.R)-float64(opaque.R)) > 2 || math.Abs(float64(half.B)-float64(opaque.B)) > 2 {
		t.Errorf("%v %v, alpha %d", half, opaque, m.Pix[3])
	}
}

// Whatever the bytes: no panic, and every channel's curve within its bounds.
func FuzzProfile(f *testing.F) {
	for _, p := range profiles() {
		f.Add(p)
	}
	f.Add(iccProfile(displayP3, parametric(1, 2.4, 0, 1)))
	f.Add(iccProfile(displayP3, parametric(2, -2.4, 0.5, -1, 3)))
	f.Fuzz(func(t *testing.T, p []byte) {
		c, err := conversionOf(p)
		if err != nil {
			return
		}
		for _, curve := range c.curves {
			for _, v := range curve {
				if !(v >= 0 && v <= 1) {
					t.Fatal(v)
				}
			}
		}
		c.idle()
		c.convert(quarters(4, 4))
	})
}
