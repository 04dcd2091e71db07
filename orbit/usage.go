package orbit

import (
	"slices"
	"time"
)

// Usage is how much a shop has used of its plan. Months are those of the calendar in UTC.
type Usage struct {
	Products                int64 `json:"products"`
	OrdersThisMonth         int64 `json:"ordersThisMonth"`
	StorageBytes            int64 `json:"storageBytes"` // of images
	BandwidthBytesThisMonth int64 `json:"bandwidthBytesThisMonth"`
}

// MonthOf returns the first moment of the calendar month of t, in UTC: limits, notices and statements count in these.
func MonthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// NextMonth returns the first moment of the calendar month after that of t.
func NextMonth(t time.Time) time.Time { return MonthOf(t).AddDate(0, 1, 0) }

// LimitKey names a limit of a plan, as JSON spells it.
type LimitKey string

// The limits of a plan.
const (
	LimitProducts  LimitKey = "products"
	LimitOrders    LimitKey = "ordersPerMonth"
	LimitStorage   LimitKey = "storageBytes"
	LimitBandwidth LimitKey = "bandwidthBytes"
)

// LimitKeys returns all limits, in the order in which people see them.
func LimitKeys() Terms[LimitKey] {
	return Terms[LimitKey]{
		{LimitProducts, "Products"},
		{LimitOrders, "Orders per month"},
		{LimitStorage, "Storage"},
		{LimitBandwidth, "Bandwidth per month"},
	}
}

// Of returns what is used of a limit.
func (u Usage) Of(key LimitKey) int64 {
	switch key {
	case LimitProducts:
		return u.Products
	case LimitOrders:
		return u.OrdersThisMonth
	case LimitStorage:
		return u.StorageBytes
	case LimitBandwidth:
		return u.BandwidthBytesThisMonth
	}
	return 0
}

// Meter is a limit of a plan with what a shop has used of it.
type Meter struct {
	Limit
	Used int64
}

// Meters returns the limits with what is used of each.
func (l Limits) Meters(u Usage) []Meter {
	var ms []Meter
	for _, limit := range l.List() {
		ms = append(ms, Meter{limit, u.Of(LimitKey(limit.Key))})
	}
	return ms
}

// Meter returns one limit with what is used of it.
func (l Limits) Meter(key LimitKey, used int64) Meter {
	for _, limit := range l.List() {
		if limit.Key == string(key) {
			return Meter{limit, used}
		}
	}
	return Meter{}
}

// Levels of a limit at which a shop's owners get a notice.
const (
	LevelNear    = 80
	LevelReached = 100
)

// Level is LevelReached where all of the limit is used, LevelNear from four fifths of it, otherwise 0. A limit of
// nothing is reached from the start.
func (m Meter) Level() int {
	switch {
	case m.Value == nil:
		return 0
	case m.Used >= *m.Value:
		return LevelReached
	case m.Used >= *m.Value-*m.Value/5:
		return LevelNear
	}
	return 0
}

// Over reports whether more is used than the limit allows, as after a change to a smaller plan.
func (m Meter) Over() bool { return m.Value != nil && m.Used > *m.Value }

// Percent is how much of the limit is used, rounded down: 100 means all of it. 0 without a limit.
func (m Meter) Percent() int64 {
	switch {
	case m.Value == nil:
		return 0
	case *m.Value == 0:
		return 100
	case m.Used > 1<<56: // beyond that the product below has no room
		return m.Used / max(*m.Value/100, 1)
	}
	return m.Used * 100 / *m.Value
}

// Noticed returns those meters that owners get a notice of, the fullest first.
func Noticed(ms []Meter) []Meter {
	ms = slices.DeleteFunc(slices.Clone(ms), func(m Meter) bool { return m.Level() == 0 })
	slices.SortStableFunc(ms, func(a, b Meter) int { return int(b.Percent() - a.Percent()) })
	return ms
}
