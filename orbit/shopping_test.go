package orbit_test

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

func TestDiscountCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{" ten off ": "TENOFF", "Tën": "TËN", "a\nb": "", "": ""} {
		if got := orbit.DiscountCode(typed); got != want {
			t.Errorf("%q: %q", typed, got)
		}
	}
}

func checkout() orbit.CheckoutForm {
	return orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(), Email: " ada@Example.com ", Name: "Ada  Lovelace",
		Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA", Country: "gb", Shipping: "Standard", Payment: "manual"}
}

var (
	rates   = []orbit.ShippingRate{{Name: "Standard"}}
	methods = []orbit.PaymentMethod{{Kind: "manual", Enabled: true}, {Kind: "stripe"}}
)

func TestCheckoutForm(t *testing.T) {
	t.Parallel()
	f, err := checkout().Check(rates, methods)
	if err != nil || f.Email != "ada@example.com" || f.Name != "Ada Lovelace" || f.Country != "GB" {
		t.Fatalf("%+v %v", f, err)
	}
	if again, err := f.Check(rates, methods); err != nil || again != f {
		t.Errorf("the stored form isn't its own: %+v %v", again, err)
	}
	if got := f.Address().Lines(); !slices.Equal(got, []string{"Ada Lovelace", "12 Quay Street", "Bristol BS1 4QA",
		"United Kingdom"}) {
		t.Error(got)
	}
	for field, change := range map[string]func(*orbit.CheckoutForm){
		"key": func(f *orbit.CheckoutForm) { f.Key = "1" }, "email": func(f *orbit.CheckoutForm) {
			f.Email = "a@b\r\nBcc: c@d.e"
		}, "name": func(f *orbit.CheckoutForm) { f.Name = "" },
		"phone": func(f *orbit.CheckoutForm) { f.Phone = "call me" }, "line1": func(f *orbit.CheckoutForm) { f.Line1 = " " },
		"line2": func(f *orbit.CheckoutForm) { f.Line2 = strings.Repeat("x", 161) },
		"city":  func(f *orbit.CheckoutForm) { f.City = "" }, "region": func(f *orbit.CheckoutForm) { f.Region = "a\u202eb" },
		"postcode": func(f *orbit.CheckoutForm) { f.Postcode = "" },
		"country":  func(f *orbit.CheckoutForm) { f.Country = "XX" },
		"shipping": func(f *orbit.CheckoutForm) { f.Shipping = "" },
		"payment":  func(f *orbit.CheckoutForm) { f.Payment = "stripe" },
		"note":     func(f *orbit.CheckoutForm) { f.Note = strings.Repeat("x", 1001) },
	} {
		f := checkout()
		change(&f)
		_, err := f.Check(rates, methods)
		if faults := orbit.FaultsOf(err); len(faults) != 1 || faults[0].Field != field || faults[0].Message == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err = orbit.CheckoutForm{}.Check(nil, nil)
	if n := len(orbit.FaultsOf(err)); n != 8 {
		t.Errorf("an empty form has %d faults: %v", n, err)
	}
	hongKong := checkout()
	hongKong.Country, hongKong.Postcode = "HK", ""
	if _, err := hongKong.Check(rates, methods); err != nil {
		t.Error(err)
	}
}

func TestCountries(t *testing.T) {
	t.Parallel()
	all := orbit.Countries()
	if len(all) != 246 {
		t.Error(len(all))
	}
	for _, c := range all {
		if len(c.Code) != 2 || c.Name == "" || orbit.CountryName(c.Code) != c.Name {
			t.Errorf("%+v", c)
		}
	}
	for _, none := range []string{"", "XX", "gb", "G", "|G", "B ", "GBR"} {
		if orbit.CountryName(none) != "" {
			t.Errorf("%q is a country", none)
		}
	}
}

// TestBrowseRoundTrip: an address reads as what it was made from, whatever the currency.
func TestBrowseRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[A-Za-z0-9&=%+ü/]{1,12}`)
		currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")
		b := orbit.Browse{Query: rapid.OneOf(rapid.Just(""), word).Draw(t, "q"),
			Sort: rapid.SampledFrom([]orbit.Sort{"", orbit.SortPriceUp, orbit.SortPriceDown, orbit.SortNewest,
				orbit.SortName}).Draw(t, "sort"),
			Available: rapid.Bool().Draw(t, "available"), From: rapid.Int64Range(0, 1_000_000_000).Draw(t, "from"),
			To: rapid.Int64Range(0, 1_000_000_000).Draw(t, "to"), Page: rapid.IntRange(1, 10_000).Draw(t, "page")}
		for _, name := range rapid.SliceOfNDistinct(word, 0, 4, rapid.ID[string]).Draw(t, "options") {
			values := rapid.SliceOfNDistinct(word, 1, 5, rapid.ID[string]).Draw(t, "values")
			slices.Sort(values)
			b.Options = append(b.Options, orbit.Option{Name: name, Values: values})
		}
		slices.SortFunc(b.Options, func(x, y orbit.Option) int { return strings.Compare(x.Name, y.Name) })
		q, err := url.ParseQuery(b.Values(currency).Encode())
		if err != nil {
			t.Fatal(err)
		}
		if got := orbit.ParseBrowse(q, currency); !reflect.DeepEqual(got, b) {
			t.Fatalf("%+v became %+v", b, got)
		}
		if _, differs := b.Address(q); differs {
			t.Fatalf("%s isn't its own address", q.Encode())
		}
		var facets []orbit.Facet
		for i, o := range b.Options {
			if f := (orbit.Facet{Name: o.Name}); i > 0 {
				for _, v := range o.Values[min(1, len(o.Values)-1):] {
					f.Values = append(f.Values, orbit.FacetValue{Value: v, Count: 1})
				}
				facets = append(facets, f)
			}
		}
		short, _ := b.Within(facets).Address(q)
		there := orbit.ParseBrowse(short, currency)
		if _, differs := there.Within(facets).Address(short); differs || len(b.Options) > 0 && there.Page != 1 {
			t.Fatalf("%s leads to %s, and that elsewhere", q.Encode(), short.Encode())
		}
		for _, o := range b.Options {
			for _, v := range o.Values {
				if without := b.Without(o.Name, v); !b.Has(o.Name, v) || without.Has(o.Name, v) || without.Page != 1 {
					t.Fatalf("%+v without %s %s is %+v", b, o.Name, v, without)
				}
			}
		}
	})
}

func FuzzParseBrowse(f *testing.F) {
	f.Add("q=mug&sort=price&from=1,5&option.Size=M&page=2", "USD")
	f.Add("page=-1&from=99999999999999999999&option.=x&option.\x00=y", "JPY")
	f.Fuzz(func(t *testing.T, raw, currency string) {
		q, _ := url.ParseQuery(raw)
		b := orbit.ParseBrowse(q, currency)
		if b.Page < 1 || b.From < 0 || b.To < 0 || len(b.Options) > 8 {
			t.Fatalf("%+v", b)
		}
		if again := orbit.ParseBrowse(b.Values(currency), currency); !reflect.DeepEqual(again, b) {
			t.Fatalf("%+v became %+v", b, again)
		}
	})
}

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{"29.99 USD": 2999, "0 USD": 0, "5 USD": 500, "5. USD": 500, "5.5 USD": 550,
		"12,50 EUR": 1250, "1,5 USD": 150, ".5 USD": 50, "1200 JPY": 1200, "1.234 KWD": 1234,
		"999999999999 USD": 99999999999900} {
		amount, currency, _ := strings.Cut(typed, " ")
		if got, err := orbit.ParseMoney(amount, currency); got != want || err != nil {
			t.Errorf("%s: %d %v", typed, got, err)
		}
	}
	for _, typed := range []string{" USD", ". USD", "-1 USD", "1e3 USD", "0x1 USD", "1.999 USD", "12.505 USD", "1.5 JPY",
		"1,200.00 USD", "1.2.3 USD", "12345678901234 USD", "9999999999999999 USD", "1.-1 USD", "١ USD", "٣ USD"} {
		amount, currency, _ := strings.Cut(typed, " ")
		if got, err := orbit.ParseMoney(amount, currency); orbit.CodeOf(err) != orbit.Invalid {
			t.Errorf("%s: %d %v", typed, got, err)
		}
	}
	_, err := orbit.ParseMoney("12.5", "JPY")
	if orbit.Sentence(err) != "JPY has no decimal places. Enter an amount such as 29." {
		t.Error(err)
	}
}
