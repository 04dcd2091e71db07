package orbit

import (
	"slices"
	"strconv"
	"strings"
)

// Image is an image that is ready to be shown. Its files never change: other content has another hash.
type Image struct {
	Hash   string `json:"hash"`
	Alt    string `json:"alt"` // "" is described by the product's title
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Widths []int  `json:"widths"`
	JPEG   int    `json:"jpeg"`
}

// Path is the address of the WebP file that is at least width pixels wide, or of the widest.
func (i Image) Path(width int) string {
	at := slices.IndexFunc(i.Widths, func(w int) bool { return w >= width })
	if at < 0 {
		at = len(i.Widths) - 1
	}
	if at < 0 {
		return i.Fallback()
	}
	return i.file(i.Widths[at], "webp")
}

// Fallback is the address of the JPEG, for clients that can't read WebP.
func (i Image) Fallback() string { return i.file(i.JPEG, "jpg") }

// SourceSet is the srcset of the WebP files.
func (i Image) SourceSet() string {
	var b strings.Builder
	for n, w := range i.Widths {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(i.file(w, "webp") + " " + strconv.Itoa(w) + "w")
	}
	return b.String()
}

func (i Image) file(width int, ext string) string {
	return MediaPrefix + i.Hash + "-" + strconv.Itoa(width) + "." + ext
}

// MediaPrefix is where the addresses of images start on a shop's host.
const MediaPrefix = "/media/"
