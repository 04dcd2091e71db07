package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// exportTime is how long an export may take, however slowly its reader reads.
const exportTime = 15 * time.Minute

// exportOutput is a file that is being written.
type exportOutput struct{ Body func(huma.Context) }

func (a *API) exportRoutes() {
	registerShop(a, operation{method: http.MethodGet, path: "/exports/orders.csv", id: "exportOrders", tag: tagOrders,
		scope: orbit.ScopeOrdersRead, status: 200, errors: []int{422}, answerType: "text/csv", summary: "Export orders",
		about: "A CSV file of all orders, or those that a filter finds, the newest first: a line for each of their lines, " +
			"with the columns of Shopify's export. Times are in the shop's time zone. A cell that a spreadsheet would run " +
			"begins with an apostrophe. The file is streamed: where something goes wrong, the connection is closed before " +
			"its end.",
		answer: "Name,Email,Financial Status,…\n#1042,grace@example.com,paid,…\n"}, a.exportOrders)
}

func (a *API) exportOrders(ctx context.Context, d desk, in *OrderQuery) (*exportOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	var zone *time.Location
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		settings, err := t.Settings(ctx)
		zone = settings.Location()
		return err
	})
	if err != nil {
		return nil, err
	}
	// The request's own time ends with the handler, before the file is read.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTime)
	file := newOrderFile(ctx, d.Shop, f, zone)
	file.done = cancel
	file.failed = func(err error) { a.Log.Warn("an export was cut off", "error", err) }
	if err := file.fill(); err != nil { // before anything is sent it is a problem like others
		_ = file.Close() // never fails
		return nil, err
	}
	c := d.fiber
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="orders.csv"`)
	c.Context().SetBodyStream(file, -1)
	return &exportOutput{func(huma.Context) {}}, nil
}

// orderFile is a CSV file of orders that is written while it is read.
type orderFile struct {
	next   func() (orbit.Order, error, bool)
	stop   func()
	done   func()
	failed func(error)
	zone   *time.Location
	text   bytes.Buffer // to be read
	csv    *csv.Writer
	ended  bool
}

var errStopped = errors.New("the reader has gone")

func newOrderFile(ctx context.Context, m shop.Member, f shop.OrderFilter, zone *time.Location) *orderFile {
	file := &orderFile{zone: zone}
	file.csv = csv.NewWriter(&file.text)
	file.next, file.stop = iter.Pull2(func(yield func(orbit.Order, error) bool) {
		err := m.ExportOrders(ctx, f, func(o orbit.Order) error {
			if !yield(o, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(orbit.Order{}, err)
		}
	})
	_ = file.csv.Write(orbit.OrderColumns()) // into memory
	return file
}

// fill adds the next order to what is to be read.
func (f *orderFile) fill() error {
	o, err, more := f.next()
	if err != nil {
		return err
	}
	f.ended = !more
	if more {
		_ = f.csv.WriteAll(o.Records(f.zone)) // into memory
	}
	f.csv.Flush()
	return nil
}

// Read implements io.Reader.
func (f *orderFile) Read(p []byte) (int, error) {
	for f.text.Len() < len(p) && !f.ended {
		if err := f.fill(); err != nil {
			f.failed(err)
			return 0, err
		}
	}
	if f.text.Len() == 0 {
		return 0, io.EOF
	}
	return f.text.Read(p)
}

// Close implements io.Closer.
func (f *orderFile) Close() error {
	f.stop()
	f.done()
	return nil
}
