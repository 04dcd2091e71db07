package themes

import (
	"fmt"
	"math"
	"strconv"
)

// readable is the least contrast that text of any size needs (WCAG 2.2, 1.4.3 level AA).
const readable = 4.5

type rgb [3]float64

// parseHex reads #rrggbb; anything else is black.
func parseHex(s string) rgb {
	if len(s) != 7 {
		return rgb{}
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
}

func (c rgb) hex() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0])), int(math.Round(c[1])), int(math.Round(c[2])))
}

// luminance returns the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 {
	var l [3]float64
	for i, v := range c {
		v /= 255
		if v <= 0.04045 {
			l[i] = v / 12.92
		} else {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

// mix goes the given share of the way from c to other.
func (c rgb) mix(other rgb, share float64) rgb {
	for i := range c {
		c[i] += (other[i] - c[i]) * share
	}
	return c
}

// Contrast returns the contrast ratio of two #rrggbb colors, from 1 to 21 (WCAG 2.2).
func Contrast(a, b string) float64 {
	x, y := parseHex(a).luminance(), parseHex(b).luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Ink returns the color for text upon a background: white, or a near-black with a touch of the
// background in it. It is readable on any background.
func Ink(background string) string {
	if Contrast("#ffffff", background) >= readable {
		return "#ffffff"
	}
	tinted := parseHex(background).mix(rgb{}, 0.88).hex()
	if Contrast(tinted, background) >= 7 {
		return tinted
	}
	return "#000000"
}

// Readable returns the color itself where it can be read upon the background, else the nearest shade
// of it that can.
func Readable(color, background string) string {
	if Contrast(color, background) >= readable {
		return color
	}
	c, end := parseHex(color), parseHex("#ffffff")
	if Ink(background) != "#ffffff" {
		end = rgb{}
	}
	for share := 0.04; share < 1; share += 0.04 {
		if shade := c.mix(end, share).hex(); Contrast(shade, background) >= readable {
			return shade
		}
	}
	return end.hex()
}

// Soft returns a quieter form of a readable color: mixed with the background as far as 40 %, but never
// further than it can be read.
func Soft(color, background string) string {
	c, b := parseHex(Readable(color, background)), parseHex(background)
	for share := 0.40; share > 0; share -= 0.04 {
		if shade := c.mix(b, share).hex(); Contrast(shade, background) >= readable {
			return shade
		}
	}
	return c.hex()
}
