package orbit

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// MediaID names an image.
type MediaID = ID[Media]

// Bounds of images.
const (
	MaxImageBytes = 10 << 20 // of one upload
	MaxImages     = 20       // of one product
	MaxShopImages = 100      // of the shop's own
	MaxAlt        = 300      // characters
)

// MediaStatus is how far an image is.
type MediaStatus string

// The statuses of an image.
const (
	MediaProcessing MediaStatus = "processing" // its sizes are being made
	MediaReady      MediaStatus = "ready"      // shops show it
	MediaFailed     MediaStatus = "failed"     // its file couldn't be read after all; Error says why
)

// MediaStatuses returns all of them.
func MediaStatuses() Terms[MediaStatus] {
	return Terms[MediaStatus]{
		{MediaProcessing, "Processing"},
		{MediaReady, "Ready"},
		{MediaFailed, "Failed"},
	}
}

// ImageLimit is how many images a product can have, or the shop (zero) of its own.
func ImageLimit(product ProductID) int {
	if product.IsZero() {
		return MaxShopImages
	}
	return MaxImages
}

// Media is an image that a merchant uploaded for a product, or for the shop's theme.
type Media struct {
	MerchantID MerchantID `bun:",pk"`
	ID         MediaID    `bun:",pk"`
	ProductID  ProductID  `bun:",nullzero"` // zero: the shop's own
	Hash       string     // 32 hexadecimal digits, of the upload and the id: part of the files' addresses
	Status     MediaStatus
	Error      string // a sentence for the merchant
	Name       string // of the file as it came
	Alt        string
	Width      int // pixels, upright
	Height     int
	Widths     []int `bun:"type:jsonb"` // of the WebP files, ascending
	JPEG       int   `bun:"jpeg"`       // width of the JPEG
	Bytes      int64 // of all its files
	Position   int
	CreatedAt  time.Time
}

// Image is the image as products show it.
func (p Media) Image() Image {
	return Image{Hash: p.Hash, Alt: p.Alt, Width: p.Width, Height: p.Height, Widths: p.Widths, JPEG: p.JPEG}
}

// Image is an image that is ready to be shown. Its files never change: other content has another hash.
type Image struct {
	Hash   string `json:"hash"`
	Alt    string `json:"alt"` // "" is described by the product's title
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Widths []int  `json:"widths"`
	JPEG   int    `json:"jpeg"`
}

// MediaPrefix is where the addresses of images start on a shop's host.
const MediaPrefix = "/media/"

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

// Image is the product's first image that is ready.
func (p Product) Image() (Image, bool) {
	if len(p.Images) == 0 {
		return Image{}, false
	}
	return p.Images[0], true
}

// CheckAlt gives the stored form of a description of an image.
func CheckAlt(alt string) (string, error) {
	var f Faults
	alt = f.line("alt", "The description", alt, 0, MaxAlt)
	return alt, f.Err()
}

// Bytes says a size in words: "5 GB", "1.2 MB", "640 KB".
func Bytes(n int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if n >= u.size {
			return strings.TrimSuffix(strconv.FormatFloat(float64(n*10/u.size)/10, 'f', 1, 64), ".0") + " " + u.name
		}
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
