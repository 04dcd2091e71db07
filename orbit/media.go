package orbit

import "time"

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

// CheckAlt gives the stored form of a description of an image.
func CheckAlt(alt string) (string, error) {
	var f Faults
	alt = f.line("alt", "The description", alt, 0, MaxAlt)
	return alt, f.Err()
}
