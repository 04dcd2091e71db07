package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// Limits of fetching.
const (
	fetchTimeout = 20 * time.Second // of one image, from name to last byte
	fetchFor     = 4 * time.Minute  // of one job; the rest is for the next
	fetchTries   = 2
	maxRedirects = 3
)

var errPrivate = errors.New("imports: not an address of the public internet")

func fewRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("imports: too many redirects")
	}
	return nil
}

// fetchWorker fetches the images of an import.
type fetchWorker struct {
	river.WorkerDefaults[shop.FetchArgs]
	*Service
}

// NextRetry is for errors of the database and the blob store.
func (w *fetchWorker) NextRetry(job *river.Job[shop.FetchArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, time.Minute))
}

// Timeout bounds one attempt.
func (w *fetchWorker) Timeout(*river.Job[shop.FetchArgs]) time.Duration { return 2 * fetchFor }

// Work fetches images for a while, and lets other shops' go first then.
func (w *fetchWorker) Work(ctx context.Context, job *river.Job[shop.FetchArgs]) error {
	for began := time.Now(); time.Since(began) < fetchFor; {
		var i orbit.Import
		var waiting []orbit.ImportImage
		err := shop.For(w.DB, job.Args.MerchantID).Do(ctx, func(t *shop.Tenant) (err error) {
			if i, err = t.Import(ctx, job.Args.ImportID); err != nil {
				return err
			}
			waiting, err = t.ImportImages(ctx, i.ID, orbit.ImportImageWaiting, 1)
			return err
		})
		if orbit.CodeOf(err) == orbit.NotFound || (err == nil && len(waiting) == 0) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.take(ctx, i, waiting[0]); err != nil {
			return err
		}
	}
	return river.JobSnooze(time.Second)
}

// take fetches one image and has it made, or notes why not.
func (s *Service) take(ctx context.Context, of orbit.Import, i orbit.ImportImage) error {
	file, err := s.fetch(ctx, i.URL)
	for n := 1; n < fetchTries && err != nil && ctx.Err() == nil && !errors.Is(err, errPrivate); n++ {
		time.Sleep(time.Second)
		file, err = s.fetch(ctx, i.URL)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		member := shop.MemberOf(s.DB, orbit.Actor{ID: of.ActorID, Name: "import"}, i.MerchantID, orbit.PermissionProducts)
		err = s.Images.AddImage(ctx, member, i.ProductID, of.ID.String(), path.Base(i.URL), file,
			func(id orbit.MediaID) error { i.MediaID = id; return shop.ImageComing(ctx, s.DB, i) })
		if shop.Overtaken(err) {
			return nil // the import was undone
		}
		if code := orbit.CodeOf(err); err != nil && (code == orbit.Internal || code == orbit.Unavailable) {
			return err
		}
	}
	i.Status = orbit.ImportImageReady
	if err != nil {
		i.Status, i.Error, i.MediaID = orbit.ImportImageFailed, explain(err), orbit.MediaID{}
	}
	return shop.ImageFetched(ctx, s.DB, i)
}

// statusError is an answer that isn't good.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("imports: status %d", int(e)) }

func (s *Service) fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, orbit.Wrap(orbit.Invalid, err, "The address can't be called.")
	}
	req.Header.Set("User-Agent", "ORBIT360-Imports/1")
	req.Header.Set("Accept", "image/*")
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if res.StatusCode != http.StatusOK {
		return nil, statusError(res.StatusCode)
	}
	file, err := io.ReadAll(io.LimitReader(res.Body, orbit.MaxImageBytes+1))
	if err == nil && len(file) > orbit.MaxImageBytes {
		err = orbit.Errorf(orbit.TooLarge, "An image can have at most %s.", orbit.Bytes(orbit.MaxImageBytes))
	}
	return file, err
}

// explain says in words why an image isn't there.
func explain(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	var status statusError
	switch {
	case errors.Is(err, errPrivate):
		return "The address isn't one of the public internet."
	case errors.As(err, &status):
		return fmt.Sprintf("Its host answered with status %d.", int(status))
	case errors.As(err, &dns):
		return "There is no host of this name."
	case errors.As(err, &timeout) && timeout.Timeout():
		return "Its host took too long to answer."
	case orbit.CodeOf(err) != orbit.Internal:
		return orbit.Sentence(err)
	case strings.Contains(err.Error(), "too many redirects"):
		return "Its address leads on and on."
	}
	return "Its host can't be reached."
}
