package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// Discount makes orders cheaper, with its code or automatically.
type Discount struct {
	ID              string                    `json:"id" format:"uuid"`
	Code            *string                   `json:"code" doc:"Upper case; null for an automatic discount."`
	Title           string                    `json:"title" doc:"What shoppers see of an automatic one."`
	Kind            string                    `json:"kind"`
	Value           float64                   `json:"value" doc:"Percent, or minor units, or 0 for free shipping."`
	AppliesTo       discountTargets           `json:"appliesTo"`
	Minimum         nullable[DiscountMinimum] `json:"minimum" doc:"Of what it applies to, before discounts."`
	UsageLimit      *int64                    `json:"usageLimit" doc:"How many orders can have it; null for any number."`
	OncePerCustomer bool                      `json:"oncePerCustomer" doc:"Customers are recognized by email address."`
	CombinesWith    []string                  `json:"combinesWith" nullable:"false" doc:"product, order, shipping."`
	StartsAt        *time.Time                `json:"startsAt"`
	EndsAt          *time.Time                `json:"endsAt"`
	Active          bool                      `json:"active" doc:"Whether it holds between startsAt and endsAt."`
	Used            int64                     `json:"used" doc:"How many orders have it; canceled ones don't count."`
	Version         int                       `json:"version" doc:"Counts changes; for If-Match."`
	CreatedAt       time.Time                 `json:"createdAt"`
	UpdatedAt       time.Time                 `json:"updatedAt"`
}

// TransformSchema lists the kinds.
func (Discount) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["kind"].Enum = choices(orbit.DiscountKinds())
	return s
}

// DiscountMinimum is what has to be bought: for an amount, or so many items.
type DiscountMinimum struct {
	Amount   *int64 `json:"amount,omitempty" minimum:"1" doc:"Minor units."`
	Quantity *int64 `json:"quantity,omitempty" minimum:"1" doc:"Items."`
}

// sentMinimum is one that may be null.
type sentMinimum struct{ DiscountMinimum }

// Schema is that of what is sent.
func (sentMinimum) Schema(r huma.Registry) *huma.Schema { return nullable[DiscountMinimum]{}.Schema(r) }

func (m *sentMinimum) read(r *reader, n *node, at string) {
	if n.kind != '{' {
		r.fault(at, "This has to be an object: {…}.")
		return
	}
	r.object(reflect.ValueOf(&m.DiscountMinimum).Elem(), n, at)
}

// discountTargets is "all", or an object with products or collections.
type discountTargets struct {
	scope orbit.DiscountScope
	ids   []string
}

// MarshalJSON writes "all", or the object.
func (a discountTargets) MarshalJSON() ([]byte, error) {
	if a.scope == orbit.OnAll {
		return json.Marshal(a.scope)
	}
	return json.Marshal(map[orbit.DiscountScope][]string{a.scope: a.ids})
}

// Schema describes the three forms.
func (discountTargets) Schema(huma.Registry) *huma.Schema {
	list := func(of orbit.DiscountScope, most int) *huma.Schema {
		one := 1
		return &huma.Schema{Type: huma.TypeObject, Required: []string{string(of)}, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{string(of): {Type: huma.TypeArray, MinItems: &one, MaxItems: &most,
				Items: &huma.Schema{Type: huma.TypeString, Format: "uuid"}}}}
	}
	return &huma.Schema{Description: "`\"all\"`, or `{\"products\": […]}`, or `{\"collections\": […]}`, with ids.",
		OneOf: []*huma.Schema{{Type: huma.TypeString, Enum: []any{string(orbit.OnAll)}},
			list(orbit.OnProducts, orbit.MaxDiscountProducts), list(orbit.OnCollections, orbit.MaxDiscountCollections)}}
}

func (a *discountTargets) read(r *reader, n *node, at string) {
	const want = `Send "all", {"products": ["<id>"]} or {"collections": ["<id>"]}.`
	if n.kind == '"' && n.text == string(orbit.OnAll) {
		a.scope = orbit.OnAll
		return
	}
	if n.kind != '{' || len(n.keys) != 1 || n.items[0].kind != '[' ||
		(n.keys[0] != string(orbit.OnProducts) && n.keys[0] != string(orbit.OnCollections)) {
		r.fault(at, "%s", want)
		return
	}
	a.scope = orbit.DiscountScope(n.keys[0])
	for _, item := range n.items[0].items[:min(len(n.items[0].items), orbit.MaxDiscountProducts+1)] {
		if _, err := orbit.ParseID[orbit.Product](item.text); item.kind != '"' || err != nil {
			r.fault(at, "%s", want)
			return
		}
		a.ids = append(a.ids, item.text)
	}
}

// discountValue is a number with decimals, kept as hundredths.
type discountValue struct {
	hundredths int64
	exact      bool
}

// Schema is a number's.
func (discountValue) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeNumber} }

func (v *discountValue) read(r *reader, n *node, at string) {
	f, err := strconv.ParseFloat(n.text, 64)
	if n.kind != '0' || err != nil || math.Abs(f) > 1e12 {
		r.fault(at, "This has to be a number without quotes, and not too large.")
		return
	}
	v.hundredths = int64(math.Round(f * 100))
	v.exact = math.Abs(f*100-float64(v.hundredths)) < 1e-6
}

// DiscountContent is what a discount is to be; what is left out stays as it is.
type DiscountContent struct {
	Code            Change[string]          `json:"code,omitempty" nullable:"true" doc:"null: automatic."`
	Title           Change[string]          `json:"title,omitempty" doc:"Needed by automatic ones."`
	Kind            Change[string]          `json:"kind,omitempty" doc:"Needed by a new one."`
	Value           Change[discountValue]   `json:"value,omitempty" doc:"Percent, or whole minor units."`
	AppliesTo       Change[discountTargets] `json:"appliesTo,omitempty"`
	Minimum         Change[sentMinimum]     `json:"minimum,omitempty"`
	UsageLimit      Change[int64]           `json:"usageLimit,omitempty" nullable:"true"`
	OncePerCustomer Change[bool]            `json:"oncePerCustomer,omitempty"`
	CombinesWith    Change[[]string]        `json:"combinesWith,omitempty"`
	StartsAt        Change[string]          `json:"startsAt,omitempty" nullable:"true" format:"date-time"`
	EndsAt          Change[string]          `json:"endsAt,omitempty" nullable:"true" format:"date-time"`
	Active          Change[bool]            `json:"active,omitempty"`
}

// TransformSchema lists the kinds.
func (DiscountContent) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["kind"].Enum = choices(orbit.DiscountKinds())
	return s
}

// upon makes of a discount what was sent.
func (b DiscountContent) upon(d orbit.Discount) (orbit.Discount, error) {
	var f orbit.Faults
	set(b.Code, &d.Code)
	set(b.Title, &d.Title)
	if b.Kind.Sent {
		d.Kind = orbit.DiscountKind(b.Kind.Value)
	}
	if b.Value.Sent {
		if d.Value = b.Value.Value.hundredths; d.Kind == orbit.DiscountAmount {
			b.Value.Value.exact = b.Value.Value.exact && d.Value%100 == 0
			d.Value /= 100
		}
		if !b.Value.Value.exact {
			f.Add("value", "", "Send a percentage with at most two decimals, or whole minor units.")
		}
	}
	if b.AppliesTo.Sent {
		d.AppliesTo, d.Products, d.Collections = b.AppliesTo.Value.scope, nil, nil
		for _, key := range b.AppliesTo.Value.ids {
			product, _ := orbit.ParseID[orbit.Product](key) // it was read as one
			if d.AppliesTo == orbit.OnProducts {
				d.Products = append(d.Products, product)
			} else {
				d.Collections = append(d.Collections, orbit.CollectionID(product))
			}
		}
	}
	if b.Minimum.Sent {
		d.MinimumAmount, d.MinimumQuantity = 0, 0
		m := b.Minimum.Value.DiscountMinimum
		if !b.Minimum.Null && (m.Amount == nil) == (m.Quantity == nil) {
			f.Add("minimum", "", `Send {"amount": 5000} or {"quantity": 3}, or null for none.`)
		}
		for _, n := range []*int64{m.Amount, m.Quantity} {
			if n != nil && (*n < 1 || *n > math.MaxInt32*1000) {
				f.Add("minimum", "", "Send a number above zero.")
			}
		}
		if m.Amount != nil {
			d.MinimumAmount = *m.Amount
		}
		if m.Quantity != nil {
			d.MinimumQuantity = int(*m.Quantity)
		}
	}
	b.uses(&d, &f)
	checked, err := d.Checked()
	for _, fault := range orbit.FaultsOf(err) {
		if !f.On(fault.Field) {
			f = append(f, fault)
		}
	}
	return checked, f.Err()
}

func set[T any](c Change[T], to *T) {
	if c.Sent {
		*to = c.Value
	}
}

func (b DiscountContent) uses(d *orbit.Discount, f *orbit.Faults) {
	if b.UsageLimit.Sent {
		if d.UsageLimit = int(b.UsageLimit.Value); !b.UsageLimit.Null && d.UsageLimit < 1 {
			f.Add("usageLimit", "", "Send a number above zero, or null for no limit.")
		}
	}
	set(b.OncePerCustomer, &d.OncePerCustomer)
	set(b.Active, &d.Active)
	if b.CombinesWith.Sent {
		d.CombinesWith = nil
		for _, c := range b.CombinesWith.Value {
			d.CombinesWith = append(d.CombinesWith, orbit.DiscountClass(c))
		}
	}
	for _, t := range []struct {
		field string
		sent  Change[string]
		at    *time.Time
	}{{"startsAt", b.StartsAt, &d.StartsAt}, {"endsAt", b.EndsAt, &d.EndsAt}} {
		if !t.sent.Sent {
			continue
		}
		at, err := time.Parse(time.RFC3339, t.sent.Value)
		if err != nil && !t.sent.Null {
			f.Add(t.field, t.sent.Value, "Send a time such as 2026-12-24T18:00:00Z, or null.")
		}
		*t.at = at.UTC()
		if t.sent.Null {
			*t.at = time.Time{}
		}
	}
}

type (
	// DiscountParams names a discount.
	DiscountParams struct {
		ID string `path:"id" doc:"The discount's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	newDiscountInput   struct{ Body content[DiscountContent] }
	patchDiscountInput struct {
		DiscountParams
		MatchParams
		Body content[DiscountContent]
	}
	discountOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body Discount
	}
	discountsInput  struct{ ListParams }
	discountsOutput struct{ Body page[Discount] }
	discountsExport struct{}
)

func (a *API) discountRoutes() {
	answer := discountView(orbit.Discount{ID: must[orbit.Discount](exampleThemeID), Code: "WELCOME10", Title: "WELCOME10",
		Kind: orbit.DiscountPercentage, Value: 1250, AppliesTo: orbit.OnAll, MinimumAmount: 5000, OncePerCustomer: true,
		CombinesWith: []orbit.DiscountClass{orbit.ShippingDiscount}, Active: true, Used: 3, Version: 2,
		CreatedAt: exampleTime(), UpdatedAt: exampleTime()})
	body := map[string]any{"code": "WELCOME10", "kind": "percentage", "value": 12.5, "appliesTo": "all",
		"minimum": map[string]any{"amount": 5000}, "oncePerCustomer": true, "combinesWith": []string{"shipping"}}
	registerShop(a, operation{method: http.MethodGet, path: "/discounts", id: "listDiscounts", tag: tagDiscounts,
		scope: orbit.ScopeDiscountsRead, status: 200, errors: []int{422}, summary: "List discounts",
		about: "The newest first.", answer: page[Discount]{Items: []Discount{answer}}}, a.listDiscounts)
	registerShop(a, operation{method: http.MethodPost, path: "/discounts", id: "createDiscount", tag: tagDiscounts,
		scope: orbit.ScopeDiscountsWrite, status: 201, errors: []int{409}, summary: "Create a discount",
		about: "Active unless `active` is false. Discounts on products or collections are product discounts, those on all " +
			"products order discounts, free shipping a shipping discount; two are had at once where each names the other's " +
			"class in `combinesWith`. Otherwise shoppers get what is cheapest for them. 409 beyond 1,000 discounts, or 25 " +
			"that are automatic and active.",
		body: body, answer: answer}, a.createDiscount)
	registerShop(a, operation{method: http.MethodGet, path: "/discounts/{id}", id: "getDiscount", tag: tagDiscounts,
		scope: orbit.ScopeDiscountsRead, status: 200, summary: "Read a discount", about: "With how often it was used.",
		answer: answer}, a.getDiscount)
	registerShop(a, operation{method: http.MethodPatch, path: "/discounts/{id}", id: "updateDiscount", tag: tagDiscounts,
		scope: orbit.ScopeDiscountsWrite, status: 200, errors: []int{409, 412}, summary: "Update a discount",
		about: "Orders keep what it took off. 409 for one automatic discount too many.",
		body:  map[string]any{"active": false}, answer: answer}, a.updateDiscount)
	registerShop(a, operation{method: http.MethodDelete, path: "/discounts/{id}", id: "deleteDiscount",
		tag: tagDiscounts, scope: orbit.ScopeDiscountsWrite, status: 204, summary: "Delete a discount",
		about: "For good. Orders keep what it took off."}, a.deleteDiscount)
	registerShop(a, operation{method: http.MethodGet, path: "/exports/discounts.csv", id: "exportDiscounts",
		tag: tagDiscounts, scope: orbit.ScopeDiscountsRead, status: 200, answerType: "text/csv",
		summary: "Export discounts",
		about: "A CSV file of all discounts, the newest first. A cell that a spreadsheet would run begins with an " +
			"apostrophe.",
		answer: "Code,Title,Kind,Value,…\nWELCOME10,WELCOME10,percentage,12.5,…\n"}, a.exportDiscounts)
}

func discountView(d orbit.Discount) Discount {
	v := Discount{ID: d.ID.String(), Code: text(d.Code), Title: d.Title, Kind: string(d.Kind), Value: float64(d.Value),
		AppliesTo: discountTargets{scope: d.AppliesTo, ids: []string{}}, OncePerCustomer: d.OncePerCustomer,
		CombinesWith: []string{}, StartsAt: at(d.StartsAt), EndsAt: at(d.EndsAt), Active: d.Active, Used: int64(d.Used),
		Version: d.Version, CreatedAt: d.CreatedAt.UTC(), UpdatedAt: d.UpdatedAt.UTC()}
	if d.Kind == orbit.DiscountPercentage {
		v.Value /= 100
	}
	for _, p := range d.Products {
		v.AppliesTo.ids = append(v.AppliesTo.ids, p.String())
	}
	for _, c := range d.Collections {
		v.AppliesTo.ids = append(v.AppliesTo.ids, c.String())
	}
	number := func(n int64) *int64 {
		if n == 0 {
			return nil
		}
		return &n
	}
	v.UsageLimit = number(int64(d.UsageLimit))
	if d.MinimumAmount > 0 || d.MinimumQuantity > 0 {
		v.Minimum = some(DiscountMinimum{Amount: number(d.MinimumAmount), Quantity: number(int64(d.MinimumQuantity))})
	}
	for _, c := range d.CombinesWith {
		v.CombinesWith = append(v.CombinesWith, string(c))
	}
	return v
}

func discountAnswer(d orbit.Discount, err error) (*discountOutput, error) {
	return &discountOutput{etag(d.Version), discountView(d)}, err
}

func (a *API) listDiscounts(ctx context.Context, d desk, in *discountsInput) (*discountsOutput, error) {
	after, err := a.tokens.after("discounts", in.Cursor)
	if err != nil {
		return nil, err
	}
	var rows []orbit.Discount
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		rows, err = t.DiscountsAfter(ctx, after.Time, after.ID, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &discountsOutput{list(a.tokens, "discounts", in.Limit, rows, discountView, func(d orbit.Discount) store.After {
		return store.After{Time: d.CreatedAt, ID: d.ID.String()}
	})}, nil
}

func (a *API) getDiscount(ctx context.Context, d desk, in *DiscountParams) (*discountOutput, error) {
	key, err := id[orbit.Discount](in.ID)
	if err != nil {
		return nil, err
	}
	var now orbit.Discount
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		now, err = t.Discount(ctx, key)
		return err
	})
	return discountAnswer(now, err)
}

func (a *API) createDiscount(ctx context.Context, d desk, _ *newDiscountInput) (*discountOutput, error) {
	body, r := read[DiscountContent](d.call)
	now, err := body.upon(orbit.Discount{ID: orbit.NewID[orbit.Discount](), AppliesTo: orbit.OnAll, Active: true})
	if err := r.with(err); err != nil {
		return nil, err
	}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		err := e.CreateDiscount(ctx, now)
		if err == nil {
			now, err = e.Discount(ctx, now.ID)
		}
		return err
	})
	return discountAnswer(now, err)
}

func (a *API) updateDiscount(ctx context.Context, d desk, in *patchDiscountInput) (*discountOutput, error) {
	key, err := id[orbit.Discount](in.ID)
	if err != nil {
		return nil, err
	}
	body, r := read[DiscountContent](d.call)
	var now orbit.Discount
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) (err error) {
		now, err = e.UpdateDiscount(ctx, key, 0, func(was orbit.Discount) (orbit.Discount, error) {
			if err := d.match(was.Version); err != nil {
				return was, err
			}
			next, err := body.upon(was)
			return next, r.with(err)
		})
		return err
	})
	return discountAnswer(now, err)
}

func (a *API) deleteDiscount(ctx context.Context, d desk, in *DiscountParams) (*noContent, error) {
	key, err := id[orbit.Discount](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error { return e.DeleteDiscount(ctx, key) })
}

// exportDiscounts writes all discounts at once: there are orbit.MaxDiscounts at most.
func (a *API) exportDiscounts(ctx context.Context, d desk, _ *discountsExport) (*exportOutput, error) {
	var all []orbit.Discount
	var settings orbit.ShopSettings
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		if settings, err = t.Settings(ctx); err == nil {
			all, err = t.DiscountsAfter(ctx, time.Time{}, "", orbit.MaxDiscounts)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.WriteAll(slices.Concat([][]string{orbit.DiscountColumns()}, orbit.DiscountRecords(all, settings))) // memory
	c := d.fiber
	c.Set("Content-Type", "text/csv; charset=utf-8")
	c.Set("Content-Disposition", `attachment; filename="discounts.csv"`)
	c.Context().SetBodyStream(&file, -1)
	return &exportOutput{func(huma.Context) {}}, nil
}
