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

// exportTimeout is how long a file of orders may take to be fetched.
const exportTimeout = 15 * time.Minute

// OrdersCSV answers with the orders that a filter finds as a CSV file, with times in a zone. It is sent as it is read:
// of however many orders one page is in memory. What goes wrong before the first line is sent is an error as ever;
// after it the connection is cut, so that half a file isn't taken for a whole one.
func (k *Kit) OrdersCSV(c *fiber.Ctx, m shop.Member, f shop.OrderFilter, zone *time.Location) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTimeout)
	read, write := io.Pipe()
	go func() {
		defer cancel()
		_ = write.CloseWithError(writeOrders(ctx, write, m, f, zone)) // never fails
	}()
	body := bufio.NewReader(read)
	if _, err := body.Peek(1); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="orders.csv"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStream(struct {
		io.Reader
		io.Closer
	}{body, read}, -1)
	return nil
}

// writeOrders writes the file.
func writeOrders(ctx context.Context, to io.Writer, m shop.Member, f shop.OrderFilter, zone *time.Location) error {
	w := csv.NewWriter(to)
	if err := w.Write(orbit.OrderColumns()); err != nil {
		return err
	}
	err := m.ExportOrders(ctx, f, func(o orbit.Order) error { return w.WriteAll(o.Records(zone)) })
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}
