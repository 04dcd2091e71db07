package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file://
	_ "gocloud.dev/blob/s3blob"   // s3://
	"gocloud.dev/gcerrors"

	"orbit360.app/jobs"
	"orbit360.app/media/jpeg"
	"orbit360.app/media/webp"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// maxWorkers is how many images a process makes at once.
const maxWorkers = 2

// Quality of what is made, 0 to 100.
const (
	webpQuality = 80
	jpegQuality = 82
)

// What makes an image heavy: bytes of memory, and samples that decoding visits, some 300 million a second.
const (
	heavyMemory = 96 << 20
	heavyWork   = 128 << 20
)

func (in inspected) heavy() bool { return in.memory > heavyMemory || in.work > heavyWork }

// Config is what the service works with.
type Config struct {
	DB      *store.DB
	Log     *slog.Logger
	Bucket  *blob.Bucket
	Metrics *metrics.Metrics // nil counts nothing
	// Held leaves the blob store as it is: uploads are refused and nothing is swept. The queue of images must be held too.
	Held bool
	// Wrote, where set, is called after each file that a job writes, for tests: an error ends the attempt there.
	Wrote func(key string) error
}

// Service keeps images. Make it with New; it is safe for concurrent use.
type Service struct {
	Config
	webp  webp.Encoder
	jpeg  jpeg.Decoder
	turns turns
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// New makes a service; Start begins to sweep. Sizes are made where its Queue is worked.
func New(cfg Config) *Service { return &Service{Config: cfg} }

// Open opens the blob store of a URL: file:///folder, or s3://bucket with its parameters.
func Open(ctx context.Context, url string) (*blob.Bucket, error) {
	bucket, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return bucket, nil
}

// FolderURL is the URL of a blob store in a folder, which is made where it isn't there.
func FolderURL(folder string) string {
	return "file://" + path.Clean(folder) + "?create_dir=true&metadata=skip&no_tmp_dir=true"
}

// Queue returns the queue of images.
func (s *Service) Queue() jobs.Queue {
	return jobs.Queue{Name: shop.QueueMedia, MaxWorkers: maxWorkers, Outbound: true,
		Workers: []jobs.Worker{jobs.Work(&worker{Service: s})},
		Requeue: func(ctx context.Context, unchanged time.Duration) (int, error) {
			return shop.RequeueImages(ctx, s.DB, unchanged)
		}}
}

// Upload is one file as it came.
type Upload struct {
	Product orbit.ProductID
	Batch   string // the form's own: the same file of the same form makes one image, however often it is sent
	Name    string
	File    []byte
}

// Add takes an upload in the name of one of the merchant's members: it is checked, stored, and made into sizes by a
// job. Nothing is written before there is room for it, and what comes to nothing is deleted at once. Invalid and
// TooLarge say in words what is wrong with the file; Unavailable where the blob store is away or held; otherwise as
// shop.Edit.ReserveImage.
func (s *Service) Add(ctx context.Context, member shop.Member, u Upload) error {
	if s.Held {
		return orbit.Errorf(orbit.Unavailable,
			"Images can't be uploaded at the moment: the platform is in maintenance. Try again later.")
	}
	in, err := inspect(u.File)
	if err != nil {
		return err
	}
	p := orbit.Media{MerchantID: member.ID(), ProductID: u.Product, ID: u.ID(member.ID()), Hash: shop.NewHash(),
		Name: orbit.FileName(u.Name, "image"), Width: in.size.X, Height: in.size.Y, Bytes: int64(len(u.File))}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var known bool
	err = member.Change(ctx, func(e *shop.Edit) (err error) { known, err = e.ReserveImage(ctx, p); return err })
	if err != nil || known {
		return s.refused(ctx, member.ID(), err)
	}
	added := false
	defer func() {
		if !added {
			s.release(ctx, p)
		}
	}()
	until, _ := ctx.Deadline() // there is one
	writing, cancel := context.WithDeadline(ctx, until.Add(-telling))
	defer cancel()
	prefix := shop.BlobPrefix(p.MerchantID, p.Hash)
	if err := s.Bucket.WriteAll(writing, prefix+original, u.File,
		&blob.WriterOptions{ContentType: "application/octet-stream"}); err != nil {
		s.Metrics.ImageStoreFailed("write")
		return away(err)
	}
	err = member.Change(ctx, func(e *shop.Edit) (err error) { added, err = e.AddImage(ctx, p, in.heavy()); return err })
	added = added && err == nil
	return s.refused(ctx, member.ID(), err)
}

// refused returns the reason of a refusal, and has it noted where that was for lack of room. A note that can't be made
// is made by the next refusal.
func (s *Service) refused(ctx context.Context, merchant orbit.MerchantID, err error) error {
	if failed := shop.For(s.DB, merchant).NoteRefused(ctx, err); failed != nil {
		s.Log.Warn("that an image was refused couldn't be noted", "merchant", merchant, "error", failed)
	}
	return err
}

// ID is the id of the image that the upload makes, a UUID of our own making (RFC 9562, version 8): the same file
// of the same form makes one image.
func (u Upload) ID(merchant orbit.MerchantID) (id orbit.MediaID) {
	sum := sha256.New()
	for _, part := range []string{merchant.String(), u.Product.String(), u.Batch} {
		fmt.Fprintf(sum, "%d:%s,", len(part), part)
	}
	sum.Write(u.File)
	copy(id[:], sum.Sum(nil))
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}

// release gives back what an upload has reserved and deletes what was written of it. What fails here the sweep does.
func (s *Service) release(ctx context.Context, p orbit.Media) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), telling/2)
	defer cancel()
	var unused bool
	err := shop.For(s.DB, p.MerchantID).Do(ctx, func(t *shop.Tenant) (err error) {
		unused, err = t.ReleaseImage(ctx, p.Hash)
		return err
	})
	if err == nil && unused {
		err = s.sweep(ctx, shop.BlobPrefix(p.MerchantID, p.Hash))
	}
	if err != nil {
		s.Log.Warn("a refused upload couldn't be deleted; it is swept later", "merchant", p.MerchantID, "error", err)
	}
}

// original ends the key of an upload as it came. It is never served.
const original = "original"

// worker makes the sizes of images. It is safe to run twice: the same files come out under the same keys.
type worker struct {
	river.WorkerDefaults[shop.MediaArgs]
	*Service
}

// NextRetry is for errors that aren't the image's: the database or the blob store being away.
func (w *worker) NextRetry(job *river.Job[shop.MediaArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, time.Minute))
}

// Timeout bounds one job.
func (w *worker) Timeout(*river.Job[shop.MediaArgs]) time.Duration { return 2 * time.Minute }

// errHeavy reports that another heavy image is being made.
var errHeavy = errors.New("media: another heavy image is being made")

// later returns when to retry an image that has to wait for its turn, spread out so that many don't come at once.
func later() error { return river.JobSnooze(time.Second + mathrand.N(2*time.Second)) }

// Work makes one image's sizes, or notes why there can be none.
func (w *worker) Work(ctx context.Context, job *river.Job[shop.MediaArgs]) error {
	others, leave := w.turns.enter(job.Args.MerchantID)
	defer leave()
	if others >= maxWorkers-1 {
		waiting, err := w.DB.OthersWait(ctx, shop.QueueMedia, job.Args.MerchantID)
		if err != nil {
			return err
		}
		if waiting {
			return later()
		}
	}
	if job.Args.Heavy {
		if !w.turns.heavy.TryLock() {
			return later()
		}
		defer w.turns.heavy.Unlock()
	}
	scope := shop.For(w.DB, job.Args.MerchantID)
	var p orbit.Media
	err := scope.Do(ctx, func(t *shop.Tenant) (err error) { p, err = t.Image(ctx, job.Args.MediaID); return err })
	if orbit.CodeOf(err) == orbit.NotFound || (err == nil && p.Status != orbit.MediaProcessing) {
		return nil
	}
	if err != nil {
		return err
	}
	prefix := shop.BlobPrefix(p.MerchantID, p.Hash)
	outcome := "retrying"
	defer func() { w.Metrics.Image(outcome) }()
	made, err := w.make(ctx, p, prefix, job.Args.Heavy)
	if errors.Is(err, errHeavy) {
		outcome = "waiting"
		return later()
	}
	if err == nil {
		if err = scope.Do(ctx, func(t *shop.Tenant) error { return t.ImageReady(ctx, made, prefix+original) }); err == nil {
			outcome = "ready"
		}
	}
	if bad, ok := errors.AsType[*orbit.Error](err); ok && final(bad.Code) {
		w.Log.Warn("an image can't be made", "merchant", p.MerchantID, "image", p.ID, "error", err)
		p.Error, outcome = bad.Message, "failed"
		_ = w.refused(ctx, p.MerchantID, err) // the reason is on the image
		err = scope.Do(ctx, func(t *shop.Tenant) error { return t.ImageFailed(ctx, p) })
	}
	if orbit.CodeOf(err) == orbit.NotFound { // deleted while it was processed; its new files are swept with the rest
		return nil
	}
	return err
}

// final reports whether an error is the image's, which trying again can't mend.
func final(code orbit.Code) bool {
	return code == orbit.Invalid || code == orbit.TooLarge || code == orbit.Gone || code == orbit.Conflict
}

// make writes an image's files. Errors that are the image's are orbit's. Alone is that no other heavy image is being
// made.
func (s *Service) make(ctx context.Context, p orbit.Media, prefix string, alone bool) (_ orbit.Media, err error) {
	file, err := s.read(ctx, prefix+original)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return p, orbit.Wrap(orbit.Gone, err,
			"The file was lost before its sizes were made. Delete this image and upload it again.")
	}
	if err != nil {
		s.Metrics.ImageStoreFailed("read")
		return p, fmt.Errorf("media: %w", err)
	}
	in, err := inspect(file)
	if err != nil {
		return p, err
	}
	if in.heavy() && !alone { // its job was added by an older version, which didn't say so
		if !s.turns.heavy.TryLock() {
			return p, errHeavy
		}
		defer s.turns.heavy.Unlock()
	}
	largest, err := s.decoded(ctx, file, in)
	if err != nil {
		return p, err
	}
	p.Status, p.Width, p.Height, p.Widths, p.Bytes = orbit.MediaReady, in.size.X, in.size.Y, widthsFor(in.size), 0
	p.JPEG = jpegWidth(p.Widths)
	for _, width := range p.Widths {
		m := largest
		if width != largest.Rect.Dx() {
			m = resized(largest, width, heightFor(largest.Rect.Max, width))
		}
		out, err := s.webp.Encode(ctx, m, webpQuality)
		if err != nil {
			return p, err
		}
		if err := s.write(ctx, &p, prefix, width, "webp", out); err != nil {
			return p, err
		}
		if width != p.JPEG {
			continue
		}
		var b bytes.Buffer
		if err := stdjpeg.Encode(&b, onWhite(m), &stdjpeg.Options{Quality: jpegQuality}); err != nil {
			return p, err
		}
		if err := s.write(ctx, &p, prefix, width, "jpg", b.Bytes()); err != nil {
			return p, err
		}
	}
	return p, nil
}

// read reads what was uploaded, and no more than may have been: inspect says of one byte more that it is too many.
func (s *Service) read(ctx context.Context, key string) ([]byte, error) {
	r, err := s.Bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	return io.ReadAll(io.LimitReader(r, orbit.MaxImageBytes+1))
}

// drawing is how long decoding an image may take. What is taken at all takes some seconds on a machine with nothing
// else to do.
const drawing = 45 * time.Second

// decoded is master with every way in which a decoder can fail turned into words. The errors that aren't orbit's are
// ctx's.
func (s *Service) decoded(ctx context.Context, file []byte, in inspected) (m *image.RGBA, err error) {
	const damaged = "This image is damaged and can't be processed. Export it again from an image editor and upload that."
	defer func() {
		if r := recover(); r != nil {
			err = orbit.Wrap(orbit.Invalid, fmt.Errorf("panic: %v", r), damaged)
		}
	}()
	within, cancel := context.WithTimeout(ctx, drawing)
	defer cancel()
	m, err = s.master(within, file, in)
	switch {
	case err == nil:
		return m, nil
	case ctx.Err() != nil:
		return nil, ctx.Err() // the program ends, or the job's time is over
	case within.Err() != nil:
		return nil, orbit.Wrap(orbit.TooLarge, err,
			"Processing this image took too long. Save it smaller, not progressive or interlaced, and upload that.")
	case errors.Is(err, jpeg.ErrMemory):
		return nil, orbit.Wrap(orbit.TooLarge, err,
			"Processing this image needs too much memory. Save it smaller and upload that.")
	case errors.Is(err, jpeg.ErrUnsupported):
		return nil, orbit.Wrap(orbit.Invalid, err,
			"This is a rare kind of JPEG that we can't process. Save it again with an image editor and upload that.")
	}
	return nil, orbit.Wrap(orbit.Invalid, err, damaged)
}

func (s *Service) write(ctx context.Context, p *orbit.Media, prefix string, width int, ext string, file []byte) error {
	key := prefix + strconv.Itoa(width) + "." + ext
	if err := s.Bucket.WriteAll(ctx, key, file, &blob.WriterOptions{ContentType: contentTypes[ext]}); err != nil {
		s.Metrics.ImageStoreFailed("write")
		return fmt.Errorf("media: %w", err)
	}
	p.Bytes += int64(len(file))
	if s.Wrote != nil {
		return s.Wrote(key)
	}
	return nil
}

// sweepEvery is how often unused files are looked for.
const sweepEvery = 15 * time.Second

// Start begins to sweep, in the background, and says in the log whether the blob store is there.
func (s *Service) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.done.Go(func() {
		s.greet(ctx)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
					s.Log.Warn("images that were deleted couldn't be swept; it is tried again", "error", err)
				}
			}
		}
	})
}

// Check asks whether the blob store answers.
func (s *Service) Check(ctx context.Context) error {
	ok, err := s.Bucket.IsAccessible(ctx)
	if err == nil && !ok {
		err = errors.New("there is no such bucket")
	}
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	return nil
}

// greet reports at the start whether the blob store is there: otherwise the first merchant would find out.
func (s *Service) greet(ctx context.Context) {
	asked, cancel := context.WithTimeout(ctx, 2*answering)
	defer cancel()
	if err := s.Check(asked); err != nil && ctx.Err() == nil {
		s.Log.Error("the store of images (BLOB_URL) can't be read; uploads are refused until it can", "error", err)
	}
}

// Stop ends the sweeping and closes the blob store, once the jobs have ended.
func (s *Service) Stop() error {
	s.stop()
	s.done.Wait()
	return s.Bucket.Close()
}

// Sweep deletes the files that no image needs: of deleted images, and of uploads that never came to one. Several
// processes may do it at once.
func (s *Service) Sweep(ctx context.Context) error {
	if s.Held {
		return nil
	}
	prefixes, err := s.DB.BlobTrash(ctx)
	if err != nil {
		return err
	}
	var errs error
	for _, prefix := range prefixes {
		err := s.sweep(ctx, prefix)
		if err == nil {
			err = s.DB.BlobsSwept(ctx, prefix)
		}
		errs = errors.Join(errs, err)
	}
	return errs
}

func (s *Service) sweep(ctx context.Context, prefix string) error {
	list := s.Bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = s.Bucket.Delete(ctx, object.Key)
		}
		if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			s.Metrics.ImageStoreFailed("delete")
			return fmt.Errorf("media: %w", err)
		}
	}
}
