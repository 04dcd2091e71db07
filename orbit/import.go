package orbit

import (
	"slices"
	"strings"
	"time"
)

// ImportStatus says how far an import is.
type ImportStatus string

// The statuses of an import.
const (
	ImportChecking ImportStatus = "checking"
	ImportChecked  ImportStatus = "checked"
	ImportRunning  ImportStatus = "running"
	ImportDone     ImportStatus = "done"
	ImportFailed   ImportStatus = "failed"
)

// ImportStatuses returns all of them.
func ImportStatuses() Terms[ImportStatus] {
	return Terms[ImportStatus]{
		{ImportChecking, "Checking"},
		{ImportChecked, "Checked"},
		{ImportRunning, "Importing"},
		{ImportDone, "Done"},
		{ImportFailed, "Failed"},
	}
}

// ImportImageStatus says whether an image that a file names is there.
type ImportImageStatus string

// The statuses of an image of a file.
const (
	ImportImageWaiting ImportImageStatus = "waiting"
	ImportImageReady   ImportImageStatus = "ready"
	ImportImageFailed  ImportImageStatus = "failed"
)

// ImportImageStatuses returns all of them.
func ImportImageStatuses() Terms[ImportImageStatus] {
	return Terms[ImportImageStatus]{
		{ImportImageWaiting, "Waiting"},
		{ImportImageReady, "Ready"},
		{ImportImageFailed, "Failed"},
	}
}

// Bounds of imports.
const (
	MaxImportBytes  = 50 << 20
	MaxImportFaults = 1000 // that are listed
	MaxImports      = 100  // of a shop, the oldest are forgotten
	ImportsKept     = 30 * 24 * time.Hour
)

// ImportID names an import.
type ImportID = ID[Import]

// Import is a file of products, and what came of it. Rows and lines are the file's, the header being line 1; the other
// counts are of products.
type Import struct {
	MerchantID MerchantID `bun:",pk"`
	ID         ImportID   `bun:",pk"`
	Status     ImportStatus
	FileName   string
	Hash       string // names the file in the blob store
	Bytes      int64
	Overwrite  bool   // whether products that are there are updated
	Erase      bool   // whether blank cells erase what is there
	RunAtOnce  bool   // once it is checked
	ActorID    UserID `bun:",nullzero"`

	Rows, Done                        int
	Created, Updated, Skipped, Failed int
	Blanks                            int           // cells that would erase something
	Columns                           []string      `bun:",array"` // those that the program doesn't know
	Errors                            []ImportFault `bun:"type:jsonb"`
	Message                           string        // why it failed
	OperationID                       OperationID   `bun:",nullzero"`
	Version                           int
	CreatedAt, UpdatedAt              time.Time
}

// ImportFault is what is wrong in a line of a file.
type ImportFault struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Message string `json:"message"`
}

// ImportImage is an image that a file names.
type ImportImage struct {
	MerchantID MerchantID      `bun:",pk"`
	ID         ID[ImportImage] `bun:",pk"`
	ImportID   ImportID
	ProductID  ProductID
	URL        string `bun:"url"`
	Alt        string
	Position   int
	Variants   []VariantID `bun:",array"`
	Status     ImportImageStatus
	Error      string
	MediaID    MediaID `bun:",nullzero"`
	CreatedAt  time.Time
}

// HasImage reports whether an address is one of a product's images: its last part is made of the image's hash.
func HasImage(images []Media, address string) bool {
	name := address[strings.LastIndexByte(address, '/')+1:]
	return slices.ContainsFunc(images, func(m Media) bool { return m.Hash != "" && strings.HasPrefix(name, m.Hash+"-") })
}
