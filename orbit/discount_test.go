package orbit_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

func at() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

// code returns a discount of a quarter off everything.
func code(name string) orbit.Discount {
	return orbit.Discount{ID: orbit.NewID[orbit.Discount](), Code: name, Title: name, Kind: orbit.DiscountPercentage,
		Value: 2500, AppliesTo: orbit.OnAll, Active: true}
}

// buy returns a cart with one line of each price.
func buy(prices ...int64) (c orbit.Cart) {
	for _, price := range prices {
		c.Lines = append(c.Lines, orbit.CartLine{ProductID: orbit.NewID[orbit.Product](), Price: price, Quantity: 1})
	}
	return c
}

func free(int64) int64 { return 0 }

func TestDiscounts(t *testing.T) {
	t.Parallel()
	now := at()
	for name, tt := range map[string]struct {
		change func(*orbit.DiscountOffer)
		price  int64
		off    int64
		reason orbit.DiscountReason
	}{
		"percentage": {func(*orbit.DiscountOffer) {}, 999, 250, ""},
		"half up":    {func(d *orbit.DiscountOffer) { d.Value = 5000 }, 1, 1, ""},
		"12.5 %":     {func(d *orbit.DiscountOffer) { d.Value = 1250 }, 1000, 125, ""},
		"all":        {func(d *orbit.DiscountOffer) { d.Value = 10000 }, 999, 999, ""},
		"amount":     {func(d *orbit.DiscountOffer) { d.Kind, d.Value = orbit.DiscountAmount, 500 }, 999, 500, ""},
		"too much":   {func(d *orbit.DiscountOffer) { d.Kind, d.Value = orbit.DiscountAmount, 5000 }, 999, 999, ""},
		"minimum":    {func(d *orbit.DiscountOffer) { d.MinimumAmount = 1000 }, 999, 0, orbit.DiscountBelow},
		"reached":    {func(d *orbit.DiscountOffer) { d.MinimumAmount = 1000 }, 1000, 250, ""},
		"quantity":   {func(d *orbit.DiscountOffer) { d.MinimumQuantity = 2 }, 999, 0, orbit.DiscountFew},
		"inactive":   {func(d *orbit.DiscountOffer) { d.Active = false }, 999, 0, orbit.DiscountUnknown},
		"not yet":    {func(d *orbit.DiscountOffer) { d.StartsAt = now.Add(1) }, 999, 0, orbit.DiscountEarly},
		"from now":   {func(d *orbit.DiscountOffer) { d.StartsAt = now }, 1000, 250, ""},
		"over":       {func(d *orbit.DiscountOffer) { d.EndsAt = now }, 999, 0, orbit.DiscountLate},
		"none left":  {func(d *orbit.DiscountOffer) { d.UsageLimit, d.Used = 3, 3 }, 999, 0, orbit.DiscountUsedUp},
		"once more":  {func(d *orbit.DiscountOffer) { d.UsageLimit, d.Used = 3, 2 }, 1000, 250, ""},
		"taken":      {func(d *orbit.DiscountOffer) { d.OncePerCustomer, d.Taken = true, true }, 999, 0, orbit.DiscountTaken},
		"elsewhere":  {func(d *orbit.DiscountOffer) { d.AppliesTo = orbit.OnProducts }, 999, 0, orbit.DiscountElsewhere},
		"enormously": {func(d *orbit.DiscountOffer) { d.Value = 10000 }, math.MaxInt64 / 2, math.MaxInt64 / 2, ""},
	} {
		o := orbit.DiscountOffer{Discount: code("X")}
		tt.change(&o)
		got := orbit.ChooseDiscounts(buy(tt.price), "EUR", []orbit.DiscountOffer{o}, []string{"X"}, free, now)
		var off int64
		for _, a := range got.Applied {
			off += a.Amount
		}
		var reason orbit.DiscountReason
		for _, no := range got.Refused {
			reason = no.Reason
			if no.Code != "X" || !strings.Contains(no.Sentence(), "X") {
				t.Errorf("%s: %q", name, no.Sentence())
			}
		}
		if off != tt.off || reason != tt.reason {
			t.Errorf("%s: %d off, %q", name, off, reason)
		}
	}
	if got := orbit.ChooseDiscounts(buy(1), "EUR", nil, []string{"NONE"}, free, now); len(got.Refused) != 1 ||
		got.Refused[0].Reason != orbit.DiscountUnknown {
		t.Errorf("a code that there isn't: %+v", got)
	}
}

// TestDiscountedLines: an amount off two products of three is taken off their lines alone, by what they cost.
func TestDiscountedLines(t *testing.T) {
	t.Parallel()
	c := buy(100, 200, 300)
	d := orbit.DiscountOffer{Discount: code("X"), InCart: []orbit.ProductID{c.Lines[0].ProductID, c.Lines[2].ProductID}}
	d.AppliesTo, d.Kind, d.Value = orbit.OnProducts, orbit.DiscountAmount, 101
	got := orbit.ChooseDiscounts(c, "EUR", []orbit.DiscountOffer{d}, []string{"X"}, free, at())
	if len(got.Applied) != 1 || !slices.Equal(got.Applied[0].Lines, []int64{25, 0, 76}) {
		t.Errorf("%+v", got.Applied)
	}
	s := sum(c, "EUR", got.Applied, orbit.ShippingRate{}, orbit.Tax{})
	if s.Discount != 101 || s.Lines[1].Discount != 0 || s.Total != 499 {
		t.Errorf("%+v", s)
	}
}

// TestCombining holds which discounts are had at once to what people are used to.
func TestCombining(t *testing.T) {
	t.Parallel()
	c := buy(1000, 2000)
	order := func(name string, value int64, with ...orbit.DiscountClass) orbit.DiscountOffer {
		d := orbit.DiscountOffer{Discount: code(name)}
		d.Value, d.CombinesWith = value, with
		return d
	}
	product := func(name string, value int64, line int, with ...orbit.DiscountClass) orbit.DiscountOffer {
		d := order(name, value, with...)
		d.AppliesTo, d.InCart = orbit.OnProducts, []orbit.ProductID{c.Lines[line].ProductID}
		return d
	}
	shipping := func(name string, with ...orbit.DiscountClass) orbit.DiscountOffer {
		d := order(name, 0, with...)
		d.Kind = orbit.FreeShipping
		return d
	}
	automatic := func(d orbit.DiscountOffer) orbit.DiscountOffer { d.Code = ""; return d }
	for name, tt := range map[string]struct {
		offers  []orbit.DiscountOffer
		held    string
		refused string
	}{
		"the better of two": {[]orbit.DiscountOffer{order("TEN", 1000), order("TWENTY", 2000)}, "TWENTY 600",
			"TEN/TWENTY"},
		"one allows alone": {[]orbit.DiscountOffer{order("TEN", 1000, orbit.OrderDiscount), order("TWENTY", 2000)},
			"TWENTY 600", "TEN/TWENTY"},
		"both allow": {[]orbit.DiscountOffer{order("TEN", 1000, orbit.OrderDiscount),
			order("TWENTY", 2000, orbit.OrderDiscount)}, "TWENTY 600, TEN 240", ""},
		"a better automatic one": {[]orbit.DiscountOffer{order("TEN", 1000), automatic(order("Summer", 2000))},
			"Summer 600", "TEN/Summer"},
		"product, then order": {[]orbit.DiscountOffer{order("TEN", 1000, orbit.ProductDiscount),
			product("HALF", 5000, 1, orbit.OrderDiscount)}, "HALF 1000, TEN 200", ""},
		"a line once": {[]orbit.DiscountOffer{product("A", 1000, 1, orbit.ProductDiscount),
			product("B", 2000, 1, orbit.ProductDiscount)}, "B 400", "A/B"},
		"two lines": {[]orbit.DiscountOffer{product("A", 1000, 0, orbit.ProductDiscount),
			product("B", 2000, 1, orbit.ProductDiscount)}, "B 400, A 100", ""},
		"shipping with it": {[]orbit.DiscountOffer{order("TWENTY", 2000, orbit.ShippingDiscount),
			shipping("POST", orbit.OrderDiscount)}, "TWENTY 600, POST 600", ""},
		"shipping once": {[]orbit.DiscountOffer{shipping("POST 1", orbit.ShippingDiscount),
			shipping("POST 2", orbit.ShippingDiscount)}, "POST 1 600", "POST 2/POST 1"},
		// It would take off 510, and cost 600 of shipping.
		"no worse than none": {[]orbit.DiscountOffer{automatic(order("Posted", 1700))}, "", ""},
	} {
		post := free
		if strings.Contains(name, "shipping") {
			post = func(int64) int64 { return 600 }
		}
		if name == "no worse than none" {
			post = orbit.ShippingRate{Price: 600, FreeFrom: 2500}.Cost
		}
		for range 2 {
			slices.Reverse(tt.offers)
			var codes []string
			for i := range tt.offers {
				tt.offers[i].ID = orbit.DiscountID{15: tt.offers[i].Title[len(tt.offers[i].Title)-1]}
				if tt.offers[i].Code != "" {
					codes = append(codes, tt.offers[i].Code)
				}
			}
			got := orbit.ChooseDiscounts(c, "EUR", tt.offers, codes, post, at())
			var held, refused []string
			for _, a := range got.Applied {
				held = append(held, a.Name()+" "+orbit.Money{Amount: a.Amount, Currency: "JPY"}.Decimal())
			}
			for _, no := range got.Refused {
				refused = append(refused, no.Code+"/"+no.With)
			}
			if strings.Join(held, ", ") != tt.held || strings.Join(refused, ", ") != tt.refused {
				t.Errorf("%s: held %q, refused %q", name, held, refused)
			}
		}
	}
}

// offers draws discounts that are on a cart's products or on all, combine with others or don't, hold or don't.
func offers(t *rapid.T, c orbit.Cart) (all []orbit.DiscountOffer, codes []string) {
	n := rapid.IntRange(0, 8).Draw(t, "offers")
	for i := range n {
		d := orbit.DiscountOffer{Discount: orbit.Discount{ID: orbit.DiscountID{15: byte(i + 1)}, Active: true,
			Title: string(rune('A' + i)), Kind: rapid.SampledFrom(orbit.DiscountKinds().Values()).Draw(t, "kind"),
			AppliesTo:       rapid.SampledFrom([]orbit.DiscountScope{orbit.OnAll, orbit.OnProducts}).Draw(t, "on"),
			MinimumAmount:   rapid.OneOf(rapid.Just[int64](0), rapid.Int64Range(0, 1e6)).Draw(t, "minimum"),
			MinimumQuantity: rapid.IntRange(0, 3).Draw(t, "quantity"),
			CombinesWith: rapid.SliceOfN(rapid.SampledFrom(orbit.DiscountClasses().Values()), 0,
				3).Draw(t, "combines")}}
		switch d.Kind {
		case orbit.DiscountPercentage:
			d.Value = rapid.Int64Range(1, 10000).Draw(t, "percent")
		case orbit.DiscountAmount:
			d.Value = 1 + amounts(t, "amount")
		}
		for _, l := range c.Lines {
			if rapid.Bool().Draw(t, "in") {
				d.InCart = append(d.InCart, l.ProductID)
			}
		}
		if rapid.Bool().Draw(t, "code") {
			d.Code = d.Title
			codes = append(codes, d.Code)
		}
		all = append(all, d)
	}
	return all, codes
}

// TestBestDiscounts: lines add up to the totals and nothing is below zero; what is chosen costs no more than any
// discount alone, than any two that combine, and than none; and it is the same in whichever order the offers come.
func TestBestDiscounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := carts(t)
		c.Lines = c.Lines[:min(5, len(c.Lines))]
		for i := range c.Lines {
			c.Lines[i].ProductID = orbit.ProductID{15: byte(i % 3)}
		}
		rate := orbit.ShippingRate{Name: "Post", Price: amounts(t, "shipping"), FreeFrom: amounts(t, "free from")}
		all, codes := offers(t, c)
		choose := func(all []orbit.DiscountOffer) (orbit.ChosenDiscounts, orbit.Totals) {
			got := orbit.ChooseDiscounts(c, "EUR", all, codes, rate.Cost, at())
			return got, sum(c, "EUR", got.Applied, rate, orbit.Tax{})
		}
		got, s := choose(all)
		var lines, off int64
		for _, l := range s.Lines {
			lines += l.Discount
		}
		for _, a := range got.Applied {
			off += a.Amount
			if a.Amount < 0 {
				t.Fatalf("%+v", a)
			}
		}
		if lines != s.Discount || off != s.Discount+s.ShippingDiscount || s.Total < 0 ||
			s.Total != s.Subtotal-s.Discount+s.Shipping-s.ShippingDiscount {
			t.Fatalf("%+v of %+v", s, got)
		}
		for i := range all {
			for j := i; j < len(all); j++ {
				if i != j && !all[i].CombinesTo(all[j].Discount) {
					continue
				}
				some := []orbit.DiscountOffer{all[i]}
				if i != j {
					some = append(some, all[j])
				}
				if _, other := choose(some); other.Total < s.Total {
					t.Fatalf("%+v costs %d, all %d", some, other.Total, s.Total)
				}
			}
		}
		if _, none := choose(nil); none.Total < s.Total {
			t.Fatalf("%d without, %d with", none.Total, s.Total)
		}
		turned := rapid.Permutation(all).Draw(t, "turned")
		if again, _ := choose(turned); !reflect.DeepEqual(again, got) {
			t.Fatalf("%+v, then %+v", got, again)
		}
	})
}

func TestCheckedDiscount(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*orbit.Discount)
		fields string
	}{
		"fine":         {func(*orbit.Discount) {}, ""},
		"no title":     {func(d *orbit.Discount) { d.Code, d.Title = "", " " }, "title"},
		"a line break": {func(d *orbit.Discount) { d.Code = "A\nB" }, "code"},
		"101 %":        {func(d *orbit.Discount) { d.Value = 10100 }, "value"},
		"nothing off":  {func(d *orbit.Discount) { d.Kind, d.Value = orbit.DiscountAmount, 0 }, "value"},
		"no kind":      {func(d *orbit.Discount) { d.Kind = "gift" }, "kind"},
		"no products":  {func(d *orbit.Discount) { d.AppliesTo = orbit.OnProducts }, "appliesTo"},
		"two minimums": {func(d *orbit.Discount) { d.MinimumAmount, d.MinimumQuantity = 1, 1 }, "minimum"},
		"ends before":  {func(d *orbit.Discount) { d.StartsAt, d.EndsAt = at(), at() }, "endsAt"},
		"with what":    {func(d *orbit.Discount) { d.CombinesWith = []orbit.DiscountClass{"all"} }, "combinesWith"},
		"never":        {func(d *orbit.Discount) { d.UsageLimit = -1 }, "usageLimit"},
	} {
		d := code("ten off")
		tt.change(&d)
		checked, err := d.Checked()
		var fields []string
		for _, f := range orbit.FaultsOf(err) {
			fields = append(fields, f.Field)
		}
		if strings.Join(fields, " ") != tt.fields || (err == nil) != (tt.fields == "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && checked.Code != "TENOFF" {
			t.Errorf("%s: %q", name, checked.Code)
		}
	}
}
