package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// homeRows is how many rows each list of a shop's first page has.
const homeRows = 5

// Home reads a shop's first page as somebody with these rights may see it, in one round trip.
func (t *Tenant) Home(ctx context.Context, rights orbit.Rights, now time.Time,
	period orbit.SalesPeriod) (h orbit.Home, err error) {
	r := t.Reader()
	theme := pg.Ask[orbit.Theme](r.Reader, `SELECT `+t.db.Columns("t", "", orbit.Theme{})+` FROM themes t
		JOIN merchants m ON m.theme_id = t.id WHERE m.id = $1`, t.merchant)
	plan := pg.Ask[orbit.Plan](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Plan{})+` FROM plans p
		JOIN merchants m ON m.plan_id = p.id WHERE m.id = $1`, t.merchant)
	used, setup := r.Usage(now), r.Onboarding()
	r.planned()
	report := r.Sales(now, period) // also for the currency and the time zone
	due, latest := &pg.Result[orbit.OrdersDue]{}, &pg.Result[[]orbit.OrderRow]{}
	if rights.May(orbit.PermissionOrders) {
		due, latest = r.OrdersDue(), r.LatestOrders(homeRows)
	}
	wanted := &pg.Result[[]string]{}
	if rights.May(orbit.PermissionPayments) {
		wanted = r.WantedProviders()
	}
	top, low := &pg.Result[[]orbit.ProductSales]{}, &pg.Result[orbit.LowStockReport]{}
	if rights.May(orbit.PermissionProducts) {
		low = r.LowStock(homeRows)
		if rights.SeesSales() {
			top = r.TopProducts(now, period, homeRows)
		}
	}
	err = r.Read(ctx)
	return orbit.Home{Theme: theme.Value, Plan: plan.Value, Usage: used.Value, Setup: setup.Value, Report: report.Value,
		Due: due.Value, Wanted: wanted.Value, Latest: latest.Value, Top: top.Value, Low: low.Value}, err
}
