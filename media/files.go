package media

import (
	"context"
	"fmt"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// WriteFile keeps a file that isn't an image under a key of its own. Unavailable where the blob store is away or held;
// errors of the reader are handed on.
func (s *Service) WriteFile(ctx context.Context, key string, file io.Reader) error {
	if s.Held {
		return orbit.Errorf(orbit.Unavailable,
			"Files can't be uploaded at the moment: the platform is in maintenance. Try again later.")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // what isn't closed well is never seen
	w, err := s.Bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return away(err)
	}
	if _, err := io.Copy(w, file); err != nil {
		cancel()
		_ = w.Close() // it was given up
		return fmt.Errorf("media: %w", err)
	}
	if err := w.Close(); err != nil {
		s.Metrics.ImageStoreFailed("write")
		return away(err)
	}
	return nil
}

// OpenFile reads a file that WriteFile has kept. NotFound for one that was swept.
func (s *Service) OpenFile(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := s.Bucket.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, orbit.Wrap(orbit.NotFound, err, "The file is no longer here. Upload it again.")
	}
	if err != nil {
		s.Metrics.ImageStoreFailed("read")
		return nil, fmt.Errorf("media: %w", err)
	}
	return r, nil
}

// AddImage is Add for a file that a program has fetched, after coming has heard the image's id and has no error.
func (s *Service) AddImage(ctx context.Context, member shop.Member, product orbit.ProductID, batch, name string,
	file []byte, coming func(orbit.MediaID) error) error {
	u := Upload{Product: product, Batch: batch, Name: name, File: file}
	if err := coming(u.ID(member.ID())); err != nil {
		return err
	}
	return s.Add(ctx, member, u)
}
