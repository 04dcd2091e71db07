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

// wholeJPEG looks for the marker that ends the picture: in its entropy-coded data 0xff is never followed by one, but by
// stuffing or a restart. Pictures within APP segments (previews) are passed over.
func wholeJPEG(b []byte) (end int, ok bool) {
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
			at += 2 + n
		}
	}
	return 0, false
}

// jpegMemory is what image/jpeg takes for a picture: its planes, and, where it is progressive, a coefficient of four bytes
// for each sample besides.
func jpegMemory(b []byte, pixels int64) int64 {
	perPixel := int64(300) // hundredths of a byte: three full planes
	segments(b, func(marker byte, d []byte) bool {
		if marker < 0xc0 || marker > 0xc2 {
			return true
		}
		if len(d) < 6 || len(d) < 6+3*int(d[5]) {
			return false
		}
		n := int(d[5])
		var most, sum int64
		for i := range n {
			area := int64(d[7+3*i]>>4) * int64(d[7+3*i]&15)
			most, sum = max(most, area), sum+area
		}
		if most > 0 {
			perPixel = 100 * sum / most
		}
		if n == 4 {
			perPixel += 400 // becomes CMYK
		}
		if marker == 0xc2 {
			perPixel += 400 * sum / max(most, 1)
		}
		return false
	})
	return pixels * perPixel / 100
}

// orientation is how a picture has to be turned to stand upright (EXIF 2.32, tag 0x0112): 1 to 8, 1 where nothing says.
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
