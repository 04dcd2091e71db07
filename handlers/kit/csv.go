package kit

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// exportTimeout is how long a file may take to be fetched, however slowly its reader reads.
const exportTimeout = 15 * time.Minute

// SendCSV answers with a CSV file that is sent while it is written, so that of however many lines little is in memory.
// What goes wrong before the first line is sent is an error as ever; after it the connection is cut, so that half a
// file isn't taken for a whole one.
func (k *Kit) SendCSV(c *fiber.Ctx, name string, write func(context.Context, *csv.Writer) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTimeout)
	read, to := io.Pipe()
	sent := make(chan struct{})
	go func() {
		defer cancel()
		w := csv.NewWriter(to)
		err := write(ctx, w)
		if err == nil { // otherwise what isn't sent yet, at least the header, stays unsent
			w.Flush()
			err = w.Error()
		}
		_ = to.CloseWithError(err) // never fails
		select {
		case <-sent:
			if err != nil && !errors.Is(err, io.ErrClosedPipe) {
				k.Log.Warn("an export was cut off", "file", name, "error", err)
			}
		default: // the request says so
		}
	}()
	body := bufio.NewReader(read)
	if _, err := body.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	close(sent)
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStream(struct {
		io.Reader
		io.Closer
	}{body, read}, -1)
	return nil
}

// OrdersCSV answers with the orders that a filter finds as a CSV file, with times in a zone.
func (k *Kit) OrdersCSV(c *fiber.Ctx, m shop.Member, f shop.OrderFilter, zone *time.Location) error {
	return k.SendCSV(c, "orders.csv", func(ctx context.Context, w *csv.Writer) error {
		if err := w.Write(orbit.OrderColumns()); err != nil {
			return err
		}
		return m.ExportOrders(ctx, f, func(o orbit.Order) error { return w.WriteAll(o.Records(zone)) })
	})
}

// ProductsCSV answers with the products that a filter finds as a CSV file, with images at addresses on host.
func (k *Kit) ProductsCSV(c *fiber.Ctx, m shop.Member, f shop.ProductFilter, form orbit.ColumnForm, host string) error {
	x, err := m.BeginProductExport(c.UserContext(), f)
	if err != nil {
		return err
	}
	return k.SendCSV(c, "products.csv", func(ctx context.Context, w *csv.Writer) error {
		if err := w.Write(orbit.ProductColumns(form, x.Kept)); err != nil {
			return err
		}
		return x.Each(ctx, m, host, func(p orbit.ExportProduct) error {
			return w.WriteAll(p.Records(form, x.Kept, x.Currency))
		})
	})
}

// CustomersCSV answers with the customers that a filter finds as a CSV file, with amounts in a currency.
func (k *Kit) CustomersCSV(c *fiber.Ctx, m shop.Member, f shop.CustomerFilter, currency string) error {
	return k.SendCSV(c, "customers.csv", func(ctx context.Context, w *csv.Writer) error {
		if err := w.Write(orbit.CustomerColumns()); err != nil {
			return err
		}
		return m.ExportCustomers(ctx, f, func(customer orbit.Customer) error { return w.Write(customer.Record(currency)) })
	})
}
