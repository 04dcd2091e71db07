package account

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quietZone is how many modules around a QR code stay empty (ISO/IEC 18004, section 9.1).
const quietZone = 4

// qrPath returns a text as a QR code: the path of its dark modules, each a square of one unit, and the width of it all.
func qrPath(text string) (path string, width int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("account: a QR code can't be drawn: %w", err)
	}
	var b strings.Builder
	size := code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	return b.String(), size + 2*quietZone, nil
}
