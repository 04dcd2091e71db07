package media

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gocloud.dev/gcerrors"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

var contentTypes = map[string]string{"webp": "image/webp", "jpg": "image/jpeg"}

// served are the names of files that are shown; what was uploaded has no such name.
var served = regexp.MustCompile(`^([0-9a-f]{32})-([0-9]{1,5})\.(webp|jpg)$`)

// File is one file of a picture. It never changes.
type File struct {
	ContentType string
	ETag        string // quoted
	Size        int64  // bytes
	Changed     int64  // seconds since 1970
	open        func(ctx context.Context, offset, length int64) (io.ReadCloser, error)
}

// Open reads length bytes from offset on; -1 reads to the end.
func (f File) Open(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	return f.open(ctx, offset, length)
}

// File finds a file of one merchant by the last part of its address. NotFound for every other name, and for what
// is another merchant's.
func (s *Service) File(ctx context.Context, m orbit.MerchantID, name string) (File, error) {
	none := orbit.Errorf(orbit.NotFound, "There is no such picture.")
	parts := served.FindStringSubmatch(name)
	if parts == nil {
		return File{}, none
	}
	key := store.BlobPrefix(m, parts[1]) + strings.TrimPrefix(name, parts[1]+"-")
	about, err := s.Bucket.Attributes(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return File{}, none
	}
	if err != nil {
		return File{}, fmt.Errorf("media: %w", err)
	}
	return File{ContentType: contentTypes[parts[3]], ETag: `"` + name + `"`, Size: about.Size, Changed: about.ModTime.Unix(), open: func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		r, err := s.Bucket.NewRangeReader(ctx, key, offset, length, nil)
		if err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
		return r, nil
	}}, nil
}
