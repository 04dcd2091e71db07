package kit

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// exportTimeout is how long a file may take to be fetched.
const exportTimeout = 15 * time.Minute

// OrdersCSV answers with the orders that a filter finds as a CSV file, with times in a zone.
func (k *Kit) OrdersCSV(c *fiber.Ctx, m shop.Member, f shop.OrderFilter, zone *time.Location) error {
	return sendCSV(c, "orders.csv", orbit.OrderColumns(), func(ctx context.Context, w *csv.Writer) error {
		return m.ExportOrders(ctx, f, func(o orbit.Order) error { return w.WriteAll(o.Records(zone)) })
	})
}

// CustomersCSV answers with the customers that a filter finds as a CSV file, with amounts in a currency.
func (k *Kit) CustomersCSV(c *fiber.Ctx, m shop.Member, f shop.CustomerFilter, currency string) error {
	return sendCSV(c, "customers.csv", orbit.CustomerColumns(), func(ctx context.Context, w *csv.Writer) error {
		return m.ExportCustomers(ctx, f, func(customer orbit.Customer) error { return w.Write(customer.Record(currency)) })
	})
}

// sendCSV answers with a file that a function writes. It is sent as it is written: of however many lines one page is in
// memory. What goes wrong before the first line is sent is an error as ever; after it the connection is cut, so that
// half a file isn't taken for a whole one.
func sendCSV(c *fiber.Ctx, name string, columns []string, rows func(context.Context, *csv.Writer) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTimeout)
	read, write := io.Pipe()
	go func() {
		defer cancel()
		w := csv.NewWriter(write)
		err := w.Write(columns)
		if err == nil {
			err = rows(ctx, w)
		}
		if err == nil {
			w.Flush()
			err = w.Error()
		}
		_ = write.CloseWithError(err) // never fails
	}()
	body := bufio.NewReader(read)
	if _, err := body.Peek(1); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStream(struct {
		io.Reader
		io.Closer
	}{body, read}, -1)
	return nil
}
