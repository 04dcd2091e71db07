package imports

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/jobs"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// Files keeps the files until they are imported.
type Files interface {
	WriteFile(ctx context.Context, key string, file io.Reader) error
	OpenFile(ctx context.Context, key string) (io.ReadCloser, error)
}

// Images takes the images that files name.
type Images interface {
	AddImage(ctx context.Context, member shop.Member, product orbit.ProductID, batch, name string, file []byte,
		coming func(orbit.MediaID) error) error
}

// Config is what the service works with.
type Config struct {
	DB     *store.DB
	Log    *slog.Logger
	Files  Files
	Images Images
	// Private allows images on addresses of one's own network, where those of tests are.
	Private bool
}

// Service takes files and works on them. It is safe for concurrent use.
type Service struct {
	Config
	client *http.Client
}

// How many jobs of a kind a process works on at once.
const (
	maxWorkers  = 2
	maxFetchers = 2
)

// New makes a service.
func New(cfg Config) *Service {
	dialer := &net.Dialer{Timeout: fetchTimeout, KeepAlive: 30 * time.Second}
	if !cfg.Private {
		// Judged when they are dialed, after the name was resolved: no name leads elsewhere the second time.
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if a, err := netip.ParseAddrPort(address); err != nil || !orbit.PublicAddr(a.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return &Service{Config: cfg, client: &http.Client{Timeout: fetchTimeout, CheckRedirect: fewRedirects,
		Transport: &http.Transport{Proxy: nil, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: fetchTimeout, MaxIdleConnsPerHost: 2, MaxIdleConns: 20, IdleConnTimeout: 30 * time.Second,
			MaxResponseHeaderBytes: 16 << 10, DisableCompression: true}}}
}

// Queues returns the queue of files and undoing, and that of images.
func (s *Service) Queues() []jobs.Queue {
	return []jobs.Queue{
		{Name: shop.QueueImports, MaxWorkers: maxWorkers, Workers: []jobs.Worker{jobs.Work(&importWorker{Service: s}),
			jobs.Work(&undoWorker{Service: s})},
			Requeue: func(ctx context.Context, unchanged time.Duration) (int, error) {
				imports, err := shop.RequeueImports(ctx, s.DB, unchanged)
				undos, also := shop.RequeueUndos(ctx, s.DB, unchanged)
				return imports + undos, errors.Join(err, also)
			}},
		{Name: shop.QueueFetch, MaxWorkers: maxFetchers, Outbound: true,
			Workers: []jobs.Worker{jobs.Work(&fetchWorker{Service: s})},
			Requeue: func(ctx context.Context, unchanged time.Duration) (int, error) {
				return shop.RequeueFetches(ctx, s.DB, unchanged)
			}},
	}
}

// Upload is a file as it came, and what is to be done with it.
type Upload struct {
	ID        orbit.ImportID // made with the form, so that sending it twice makes one
	Name      string
	File      io.Reader
	Overwrite bool
	Erase     bool
	RunAtOnce bool
}

// Add takes a file in the name of a member, to be checked by a job. TooLarge for one of more than orbit.MaxImportBytes;
// Unavailable where the blob store is away; otherwise as shop.Edit.ReserveImport.
func (s *Service) Add(ctx context.Context, member shop.Member, u Upload) error {
	i := orbit.Import{MerchantID: member.ID(), ID: u.ID, FileName: orbit.FileName(u.Name, "products.csv"),
		Hash:      shop.NewHash(),
		Overwrite: u.Overwrite, Erase: u.Erase, RunAtOnce: u.RunAtOnce}
	if err := member.Read(ctx, func(t *shop.Tenant) error {
		_, err := t.Import(ctx, u.ID)
		return err
	}); orbit.CodeOf(err) != orbit.NotFound {
		return err
	}
	if err := member.Change(ctx, func(e *shop.Edit) error { return e.ReserveImport(ctx, i.Hash) }); err != nil {
		return err
	}
	file := &counted{Reader: io.LimitReader(u.File, orbit.MaxImportBytes+1)}
	if err := s.Files.WriteFile(ctx, key(i), file); err != nil {
		return err
	}
	if i.Bytes = file.n; i.Bytes > orbit.MaxImportBytes {
		return orbit.Errorf(orbit.TooLarge, "A file can have at most %s. Split it into several.",
			orbit.Bytes(orbit.MaxImportBytes))
	}
	return member.Change(ctx, func(e *shop.Edit) error { return e.AddImport(ctx, i) })
}

type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// key is where an import's file is in the blob store.
func key(i orbit.Import) string { return shop.BlobPrefix(i.MerchantID, i.Hash) + "products.csv" }

// importWorker checks and runs imports.
type importWorker struct {
	river.WorkerDefaults[shop.ImportArgs]
	*Service
}

// NextRetry is for errors of the database and the blob store: what is wrong with a file is no error of the job.
func (w *importWorker) NextRetry(job *river.Job[shop.ImportArgs]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, time.Minute))
}

// Timeout bounds one attempt; the next goes on where it ended.
func (w *importWorker) Timeout(*river.Job[shop.ImportArgs]) time.Duration { return 15 * time.Minute }

// Work does what the import's status asks for.
func (w *importWorker) Work(ctx context.Context, job *river.Job[shop.ImportArgs]) error {
	var i orbit.Import
	err := shop.For(w.DB, job.Args.MerchantID).Do(ctx, func(t *shop.Tenant) (err error) {
		i, err = t.Import(ctx, job.Args.ImportID)
		return err
	})
	switch {
	case orbit.CodeOf(err) == orbit.NotFound:
		return nil // it is forgotten
	case err != nil:
		return err
	case i.Status == orbit.ImportChecking:
		err = w.check(ctx, i)
	case i.Status == orbit.ImportRunning:
		err = w.run(ctx, i)
	}
	if shop.Overtaken(err) {
		return nil
	}
	return err
}

// undoWorker undoes operations.
type undoWorker struct {
	river.WorkerDefaults[shop.UndoArgs]
	*Service
}

// NextRetry is for errors of the database.
func (w *undoWorker) NextRetry(*river.Job[shop.UndoArgs]) time.Time {
	return time.Now().Add(2 * time.Second)
}

// Timeout bounds one attempt.
func (w *undoWorker) Timeout(*river.Job[shop.UndoArgs]) time.Duration { return 5 * time.Minute }

// Work undoes the operation.
func (w *undoWorker) Work(ctx context.Context, job *river.Job[shop.UndoArgs]) error {
	return shop.RunUndo(ctx, w.DB, job.Args)
}
