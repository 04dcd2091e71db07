package admin

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// Sizes of the pages of lists.
const (
	MerchantsPerPage = 25
	AuditPerPage     = 50
)

// StatusAll is the tab without a filter.
const StatusAll = "all"

var (
	statuses = []string{string(orbit.MerchantPending), string(orbit.MerchantActive), string(orbit.MerchantFailed),
		string(orbit.MerchantSuspended), StatusAll}
	sorts = []string{"newest", "oldest", "name"}
)

// MerchantQuery is a view of the merchant list as its URL says it. The zero value isn't one: use ParseMerchantQuery. It
// isn't a ui.ListQuery: this list alone is sorted, opens with a status that isn't all, and has places and counted pages
// at once, since it may have a hundred thousand rows.
type MerchantQuery struct {
	Status string // one of the tabs: a status, or StatusAll
	Query  string
	Sort   string
	Page   int // from 1

	Plan, Theme string // slugs, "" for any
	Category    orbit.Category
	LastOrder   orbit.LastOrder

	// The page begins behind a merchant, or ends before one: as fast however far it is. With neither it is counted to.
	After, Before orbit.MerchantID

	plan  orbit.PlanID // of the slugs
	theme orbit.ThemeID
}

// From is the query at the place that the URL's "after" and "before" name; what is no id is none.
func (q MerchantQuery) From(after, before string) MerchantQuery {
	q.After, _ = orbit.ParseID[orbit.Merchant](after)
	q.Before, _ = orbit.ParseID[orbit.Merchant](before)
	if q.Page == 1 || !q.After.IsZero() {
		q.Before = orbit.MerchantID{}
	}
	if q.Page == 1 {
		q.After = orbit.MerchantID{}
	}
	return q
}

// Narrow is the query for the merchants of a plan, a theme, a category and a time of the last order alone. A plan is
// one of those that there are, by its slug or its id, and so is a theme; what is none of them is any, and so is what
// chooses nothing in the view.
func (q MerchantQuery) Narrow(plans []orbit.Plan, themes []orbit.Theme,
	plan, theme, category, last string) MerchantQuery {
	for _, p := range plans {
		if q.setUp() && means(plan, p.Slug, p.ID.String()) {
			q.Plan, q.plan = p.Slug, p.ID
		}
	}
	for _, t := range themes {
		if q.setUp() && means(theme, t.Slug, t.ID.String()) {
			q.Theme, q.theme = t.Slug, t.ID
		}
	}
	category = strings.ToLower(strings.TrimSpace(category))
	if orbit.Categories().Has(orbit.Category(category)) {
		q.Category = orbit.Category(category)
	}
	if q.opened() && orbit.LastOrders().Has(orbit.LastOrder(last)) {
		q.LastOrder = orbit.LastOrder(last)
	}
	return q
}

// setUp reports whether the view can hold merchants that have been set up: the pending ones have no address, theme or
// plan.
func (q MerchantQuery) setUp() bool { return q.Status != string(orbit.MerchantPending) }

// opened reports whether the view can hold merchants with shops that have been open: what failed is the setup.
func (q MerchantQuery) opened() bool { return q.setUp() && q.Status != string(orbit.MerchantFailed) }

// means reports whether an address that people may have written themselves means something by its slug or its id.
func means(s, slug, id string) bool {
	s = strings.TrimSpace(s)
	return strings.EqualFold(s, slug) || strings.EqualFold(s, id)
}

// filters returns the parameters of Narrow that are set.
func (q MerchantQuery) filters() (set []ui.Hidden) {
	for _, f := range []ui.Hidden{{Name: "plan", Value: q.Plan}, {Name: "theme", Value: q.Theme},
		{Name: "category", Value: string(q.Category)}, {Name: "last", Value: string(q.LastOrder)}} {
		if f.Value != "" {
			set = append(set, f)
		}
	}
	return set
}

// Counted is the query without the place.
func (q MerchantQuery) Counted() MerchantQuery { return q.page(q.Page) }

// ParseMerchantQuery reads the parameters of the list's URL. What it doesn't know becomes the default.
func ParseMerchantQuery(status, query, sort, page string) MerchantQuery {
	q := MerchantQuery{Status: status, Query: query, Sort: sort, Page: ParsePage(page)}
	if !slices.Contains(statuses, q.Status) {
		q.Status = statuses[0]
	}
	if !slices.Contains(sorts, q.Sort) {
		q.Sort = sorts[0]
	}
	return q
}

// ParsePage reads a page number; anything that isn't one is the first page.
func ParsePage(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// Filter is the query in the store's words.
func (q MerchantQuery) Filter() orbit.MerchantFilter {
	f := orbit.MerchantFilter{Query: q.Query, Sort: q.Sort, Limit: MerchantsPerPage,
		Offset: (q.Page - 1) * MerchantsPerPage, After: q.After, Before: q.Before}
	f.Plan, f.Theme, f.Category, f.LastOrder = q.plan, q.theme, q.Category, q.LastOrder
	if q.Status != StatusAll {
		f.Status = orbit.MerchantStatus(q.Status)
	}
	return f
}

// Href is the URL of the view; defaults are left out of it.
func (q MerchantQuery) Href() string {
	v := url.Values{}
	if q.Status != statuses[0] {
		v.Set("status", q.Status)
	}
	if q.Query != "" {
		v.Set("q", q.Query)
	}
	if q.Sort != sorts[0] {
		v.Set("sort", q.Sort)
	}
	for _, f := range q.filters() {
		v.Set(f.Name, f.Value)
	}
	if !q.After.IsZero() {
		v.Set("after", q.After.String())
	}
	if !q.Before.IsZero() {
		v.Set("before", q.Before.String())
	}
	return withPage(MerchantsPath, v, q.Page)
}

// status is the query in another tab. What chooses nothing there goes.
func (q MerchantQuery) status(s string) MerchantQuery {
	q.Status = s
	if !q.setUp() {
		q.Plan, q.plan, q.Theme, q.theme = "", orbit.PlanID{}, "", orbit.ThemeID{}
	}
	if !q.opened() {
		q.LastOrder = ""
	}
	return q.page(1)
}

func (q MerchantQuery) sort(s string) MerchantQuery  { q.Sort = s; return q.page(1) }
func (q MerchantQuery) query(s string) MerchantQuery { q.Query = s; return q.page(1) }

func (q MerchantQuery) page(n int) MerchantQuery {
	q.Page, q.After, q.Before = n, orbit.MerchantID{}, orbit.MerchantID{}
	return q
}

func withPage(path string, v url.Values, page int) string {
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// Pages is how many pages a list of so many lines has, at least one.
func Pages(total, perPage int) int { return max(1, (total+perPage-1)/perPage) }
