package media

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

var contentTypes = map[string]string{"webp": "image/webp", "jpg": "image/jpeg"}

// served holds the names of files that are shown; what was uploaded has no such name.
var served = regexp.MustCompile(`^([0-9a-f]{32})-([0-9]{1,5})\.(webp|jpg)$`)

// What the blob store may take to begin an answer, and to end it.
const (
	answering = 5 * time.Second
	sending   = 2 * time.Minute
)

// telling is what is left of a request's time for saying that an upload couldn't be kept.
const telling = 4 * time.Second

// away is Unavailable: the blob store doesn't answer, or not as it should.
func away(err error) error {
	e := orbit.Wrap(orbit.Unavailable, fmt.Errorf("media: %w", err),
		"Images are temporarily unavailable. Please try again in a few seconds.")
	e.RetryAfter = 5 * time.Second
	return e
}

// File is one file of an image. It never changes.
type File struct {
	ContentType string
	ETag        string // quoted
	Size        int64  // bytes
	Changed     int64  // seconds since 1970
	bucket      *blob.Bucket
	key         string
}

// File finds a file of one merchant by the last part of its address. NotFound for every other name, and for what
// is another merchant's; Unavailable where the blob store is away.
func (s *Service) File(ctx context.Context, m orbit.MerchantID, name string) (File, error) {
	none := orbit.Errorf(orbit.NotFound, "There is no such image.")
	parts := served.FindStringSubmatch(name)
	if parts == nil {
		return File{}, none
	}
	key := shop.BlobPrefix(m, parts[1]) + strings.TrimPrefix(name, parts[1]+"-")
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	about, err := s.Bucket.Attributes(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return File{}, none
	}
	if err != nil {
		s.Metrics.ImageStoreFailed("read")
		return File{}, away(err)
	}
	return File{contentTypes[parts[3]], `"` + name + `"`, about.Size, about.ModTime.Unix(), s.Bucket, key}, nil
}

// Open reads length bytes from offset on; -1 reads to the end. Unavailable where the blob store is away; a read that it
// leaves unanswered ends with an error after two minutes.
func (f File) Open(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(answering, cancel)
	r, err := f.bucket.NewRangeReader(ctx, f.key, offset, length, nil)
	if err != nil {
		if !late.Stop() {
			err = fmt.Errorf("no answer within %v", answering) // not that the client has gone, which doesn't matter
		}
		cancel()
		return nil, away(err)
	}
	late.Reset(sending)
	return body{r, func() { late.Stop(); cancel() }}, nil
}

type body struct {
	*blob.Reader
	release func()
}

func (b body) Close() error {
	defer b.release()
	return b.Reader.Close()
}
