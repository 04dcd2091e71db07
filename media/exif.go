package media

import (
	"bytes"
	"encoding/binary"
)

// segments walks a JPEG's marker segments up to its first scan (ITU-T T.81, annex B); fn returns false to stop.
func segments(b []byte, fn func(marker byte, data []byte) bool) {
	for at := 2; at+4 <= len(b); {
		if b[at] != 0xff {
			return
		}
		marker := b[at+1]
		if marker == 0xff { // fill
			at++
			continue
		}
		if marker == 0xd8 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7) {
			at += 2
			continue
		}
		n := int(binary.BigEndian.Uint16(b[at+2:]))
		if marker == 0xd9 || n < 2 || at+2+n > len(b) {
			return
		}
		if !fn(marker, b[at+4:at+2+n]) || marker == 0xda {
			return
		}
		at += 2 + n
	}
}

// chunksPNG walks a PNG's chunks (PNG, third edition, section 5); fn returns false to stop.
func chunksPNG(b []byte, fn func(kind string, data []byte) bool) {
	for at := 8; at+12 <= len(b); {
		n := int(binary.BigEndian.Uint32(b[at:]))
		if n < 0 || at+12+n > len(b) || !fn(string(b[at+4:at+8]), b[at+8:at+8+n]) {
			return
		}
		at += 12 + n
	}
}

// chunksWebP walks a WebP's chunks (RFC 9649, section 2.3); fn returns false to stop.
func chunksWebP(b []byte, fn func(kind string, data []byte) bool) {
	for at := 12; at+8 <= len(b); {
		n := int(binary.LittleEndian.Uint32(b[at+4:]))
		if n < 0 || at+8+n > len(b) || !fn(string(b[at:at+4]), b[at+8:at+8+n]) {
			return
		}
		at += 8 + n + n&1
	}
}

// markersJPEG walks a whole JPEG: every marker segment, scans' too, up to the marker that ends the image, and returns
// where that ends. In entropy-coded data 0xff is followed by stuffing or a restart, never by a marker. Images
// within APP segments (previews) are skipped.
func markersJPEG(b []byte, fn func(marker byte, data []byte)) (end int, ok bool) {
	for at := 2; at+2 <= len(b); {
		i := bytes.IndexByte(b[at:], 0xff)
		if i < 0 || at+i+1 >= len(b) {
			return 0, false
		}
		at += i
		marker := b[at+1]
		switch {
		case marker == 0xd9:
			return at + 2, true
		case marker == 0xff:
			at++
		case marker == 0 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8):
			at += 2
		default:
			if at+4 > len(b) {
				return 0, false
			}
			n := int(binary.BigEndian.Uint16(b[at+2:]))
			if n < 2 {
				return 0, false
			}
			fn(marker, b[at+4:min(at+2+n, len(b))])
			at += 2 + n
		}
	}
	return 0, false
}

func wholeJPEG(b []byte) (end int, ok bool) { return markersJPEG(b, func(byte, []byte) {}) }

// frameJPEG is what a JPEG's frame header says (ITU-T T.81, section B.2.2).
type frameJPEG struct {
	process       byte // of the marker: 0 baseline, 1 extended, 2 progressive; 9 and 10 with arithmetic coding
	precision     byte // bits of a sample
	width, height int
	components    []componentJPEG
}

type componentJPEG struct {
	id   byte
	h, v int // how finely it is sampled, in relation to the others
}

// isFrame tells the markers of frames, which lie between those of tables.
func isFrame(marker byte) bool {
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
}

func frameOf(b []byte) (f frameJPEG, ok bool) {
	segments(b, func(marker byte, d []byte) bool {
		if !isFrame(marker) && marker != 0xf7 {
			return true
		}
		if len(d) < 6 || len(d) < 6+3*int(d[5]) {
			return false
		}
		f = frameJPEG{process: marker - 0xc0, precision: d[0], height: int(binary.BigEndian.Uint16(d[1:])),
			width: int(binary.BigEndian.Uint16(d[3:]))}
		for i := range int(d[5]) {
			f.components = append(f.components, componentJPEG{d[6+3*i], int(d[7+3*i] >> 4), int(d[7+3*i] & 15)})
		}
		ok = true
		return false
	})
	return f, ok
}

// most returns the finest samplings of a frame.
func (f frameJPEG) most() (h, v int) {
	for _, c := range f.components {
		h, v = max(h, c.h), max(v, c.v)
	}
	return h, v
}

// unsupported says why a JPEG isn't decoded, "" where it is: what is left out no browser shows either.
func (f frameJPEG) unsupported() string {
	switch {
	case f.process != 0 && f.process != 1 && f.process != 2 && f.process != 9 && f.process != 10:
		return "Browsers can't show lossless or hierarchical JPEGs. Save the image as a standard JPEG or as PNG."
	case f.precision != 8:
		return "Browsers can't show JPEGs with 12 bits per color. Save it with 8 bits, or as PNG."
	case len(f.components) != 1 && len(f.components) != 3 && len(f.components) != 4:
		return "This JPEG isn't grayscale, RGB or CMYK. Save it as one of these."
	}
	h, v := f.most()
	blocks := 0
	for _, c := range f.components {
		if c.h < 1 || c.v < 1 || c.h > 4 || c.v > 4 {
			return "This JPEG can't be read: its header is damaged."
		}
		if h%c.h != 0 || v%c.v != 0 {
			return "Browsers can't show this JPEG's color sampling. Save it again with an image editor."
		}
		blocks += c.h * c.v
	}
	if blocks > 10 && len(f.components) > 1 {
		return "Browsers can't show this JPEG's color sampling. Save it again with an image editor."
	}
	return ""
}

// samples is how many of a component's samples are coded: of whole blocks.
func (f frameJPEG) samples(c componentJPEG) int64 {
	h, v := f.most()
	blocks := func(size, of, most int) int64 { return int64((size*of + 8*most - 1) / (8 * most)) }
	return 64 * blocks(f.width, c.h, h) * blocks(f.height, c.v, v)
}

// scanCost is what beginning a scan costs, in samples.
const scanCost = 20_000

// costJPEG is what decoding a JPEG takes. Work counts samples, as often as a scan visits them; memory is in bytes: the
// decoder keeps a coefficient of two bytes for each sample where there are several scans, otherwise some rows.
func costJPEG(b []byte, f frameJPEG) (work, memory int64) {
	var all int64
	several := f.process == 2 || f.process == 10
	for _, c := range f.components {
		all += f.samples(c)
	}
	work = int64(f.width) * int64(f.height) // the transform, the colors
	markersJPEG(b, func(marker byte, d []byte) {
		if marker != 0xda || len(d) < 1 {
			return
		}
		work += scanCost
		n := int(d[0])
		several = several || n < len(f.components)
		if len(d) < 3+2*n {
			return
		}
		band := int64(max(0, int(d[2+2*n])-int(d[1+2*n]))) + 4 // of a block's 64 coefficients, and some for the block
		for i := range n {
			for _, c := range f.components {
				if c.id == d[1+2*i] {
					work += f.samples(c) * band / 64
				}
			}
		}
	})
	memory = int64(f.width) * 1024 // rows of blocks in work, and rows of pixels
	if several {
		memory += 2 * all
	}
	return work, memory
}

// orientation is how an image has to be turned to stand upright (EXIF 2.32, tag 0x0112): 1 to 8, 1 where nothing says.
func orientation(name string, b []byte) int {
	turn := 1
	switch name {
	case "JPEG":
		segments(b, func(marker byte, d []byte) bool {
			if marker == 0xe1 && bytes.HasPrefix(d, []byte("Exif\x00\x00")) {
				turn = tiffOrientation(d[6:])
				return false
			}
			return true
		})
	case "PNG":
		chunksPNG(b, func(kind string, d []byte) bool {
			if kind == "eXIf" {
				turn = tiffOrientation(d)
			}
			return kind != "eXIf"
		})
	case "WebP":
		chunksWebP(b, func(kind string, d []byte) bool {
			if kind == "EXIF" {
				turn = tiffOrientation(bytes.TrimPrefix(d, []byte("Exif\x00\x00")))
			}
			return kind != "EXIF"
		})
	}
	return turn
}

// tiffOrientation reads one tag of the first directory of a TIFF (revision 6.0, section 2).
func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	entries := t[at+2:]
	for range order.Uint16(t[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			break
		}
		entries = entries[12:]
	}
	return 1
}
