package orbit

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// PictureID names a picture.
type PictureID = ID[Picture]

// Bounds of pictures.
const (
	MaxPictureBytes = 10 << 20 // of one upload
	MaxPictures     = 20       // of one product
	MaxShopPictures = 100      // of the shop's own
	MaxAlt          = 300      // characters
)

// PictureStatus is how far a picture is.
type PictureStatus string

// The statuses of a picture.
const (
	PictureProcessing PictureStatus = "processing" // its sizes are being made
	PictureReady      PictureStatus = "ready"      // shops show it
	PictureFailed     PictureStatus = "failed"     // its file couldn't be read after all; Error says why
)

// PictureLimit is how many pictures a product can have, or the shop (zero) of its own.
func PictureLimit(product ProductID) int {
	if product.IsZero() {
		return MaxShopPictures
	}
	return MaxPictures
}

// Picture is what a merchant uploaded for a product, or for the shop's theme.
type Picture struct {
	MerchantID MerchantID `bun:",pk"`
	ID         PictureID  `bun:",pk"`
	ProductID  ProductID  `bun:",nullzero"` // zero: the shop's own
	Hash       string     // 32 hexadecimal digits, of the upload and the id: part of the files' addresses
	Status     PictureStatus
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

// Image is the picture as products show it.
func (p Picture) Image() Image {
	return Image{Hash: p.Hash, Alt: p.Alt, Width: p.Width, Height: p.Height, Widths: p.Widths, JPEG: p.JPEG}
}

// Image is a picture that is ready to be shown. Its files never change: other content has another hash.
type Image struct {
	Hash   string `json:"hash"`
	Alt    string `json:"alt"` // "" is described by the product's title
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Widths []int  `json:"widths"`
	JPEG   int    `json:"jpeg"`
}

// MediaPrefix is where the addresses of pictures start on a shop's host.
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

// Fallback is the address of the JPEG, for whoever can't read WebP.
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

// Picture is the product's first picture that is ready.
func (p Product) Picture() (Image, bool) {
	if len(p.Images) == 0 {
		return Image{}, false
	}
	return p.Images[0], true
}

// CheckAlt gives the stored form of a description of a picture.
func CheckAlt(alt string) (string, error) {
	var f faults
	alt = f.line("alt", "The description", alt, 0, MaxAlt)
	return alt, f.err("The description needs another look.")
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
