package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

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
	return &exportOutput{func(huma.Context) {}}, a.OrdersCSV(d.fiber, d.Shop, f, zone)
}
