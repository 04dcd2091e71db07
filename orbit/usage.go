package orbit

import (
	"slices"
	"strconv"
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
	Used    int64
	Refused bool // something that is more than what is left was refused
}

// Meters returns the limits with what is used of each.
func (l Limits) Meters(u Usage) []Meter {
	var ms []Meter
	for _, limit := range l.List() {
		ms = append(ms, Meter{Limit: limit, Used: u.Of(LimitKey(limit.Key))})
	}
	return ms
}

// Meter returns one limit with what is used of it.
func (l Limits) Meter(key LimitKey, used int64) Meter {
	for _, limit := range l.List() {
		if limit.Key == string(key) {
			return Meter{Limit: limit, Used: used}
		}
	}
	return Meter{}
}

// Levels of a limit at which a shop's owners get a notice.
const (
	LevelNear    = 80
	LevelReached = 100
)

// Level is LevelReached where all of the limit is used or what is left was too little, LevelNear from four fifths of
// it, otherwise 0. A limit of nothing is reached from the start.
func (m Meter) Level() int {
	switch {
	case m.Value == nil:
		return 0
	case m.Used >= *m.Value || m.Refused:
		return LevelReached
	case m.Used >= *m.Value-*m.Value/5:
		return LevelNear
	}
	return 0
}

// Over reports whether more is used than the limit allows, as after a change to a smaller plan.
func (m Meter) Over() bool { return m.Value != nil && m.Used > *m.Value }

// Word says how near the limit is, the same wherever the limit is shown: "" where it isn't near.
func (m Meter) Word() string {
	switch {
	case m.Over():
		return "Over the limit"
	case m.Level() == LevelReached:
		return "Limit reached"
	case m.Level() == LevelNear:
		return "Near the limit"
	}
	return ""
}

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

// Share says how much of the limit is used: "42%", "4,911%". What is little isn't nothing.
func (m Meter) Share() string {
	if m.Percent() == 0 && m.Used > 0 && m.Value != nil {
		return "<1%"
	}
	return commas(strconv.FormatInt(m.Percent(), 10)) + "%"
}

// Noticed returns those meters that owners get a notice of, those first that have reached their limit.
func Noticed(ms []Meter) []Meter {
	ms = slices.DeleteFunc(slices.Clone(ms), func(m Meter) bool { return m.Level() == 0 })
	slices.SortStableFunc(ms, func(a, b Meter) int { return b.Level() - a.Level() })
	return ms
}

// Text returns what is used of the limit: "42 of 100", "1.2 GB of 5 GB", "42, no limit".
func (m Meter) Text() string {
	if m.Value == nil {
		return m.amount(m.Used) + ", no limit"
	}
	return m.amount(m.Used) + " of " + m.amount(*m.Value)
}

func (m Meter) amount(n int64) string {
	switch {
	case !m.Bytes:
		return commas(strconv.FormatInt(n, 10))
	case n == 0:
		return "0 MB"
	}
	return Bytes(n)
}

// WhenReached says what can't be done once the limit is reached, and until when.
func (m Meter) WhenReached(now time.Time) string {
	switch LimitKey(m.Key) {
	case LimitProducts:
		if m.Over() {
			which := "The newest product stays on sale, but read-only: you can make it a draft or delete it."
			if n := m.Used - *m.Value; n > 1 {
				which = "The " + commas(strconv.FormatInt(n, 10)) +
					" newest products stay on sale, but read-only: you can make them drafts or delete them."
			}
			return which + " You can't add products or make drafts active."
		}
		return "You can't add products. Those you have stay on sale, and you can edit and delete them."
	case LimitOrders:
		return "Shoppers can't place orders until " + NextMonth(now).Format("January 2") + " (UTC). " +
			"Your website stays online."
	case LimitStorage:
		return "You can't upload images. Those you have stay where they are, and you can delete them."
	}
	return "Your website stays online, and there's no extra charge."
}
