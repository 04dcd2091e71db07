package orbit

import (
	"strconv"
	"strings"
)

// VariantForm is a variant as people type it.
type VariantForm struct {
	ID                                                         VariantID
	Values                                                     []string // of the options as the form shows them
	Offered                                                    bool
	Price, CompareAt, Cost, Stock, SKU, Barcode, Weight        string
	TrackInventory, ContinueSelling, Taxable, RequiresShipping bool
	MediaID                                                    MediaID
	Was                                                        int // the stock that the form showed
}

// NewVariantForm is what the form of a new product begins with.
func NewVariantForm() VariantForm {
	return VariantForm{Stock: "0", TrackInventory: true, Taxable: true, RequiresShipping: true, Offered: true}
}

func (t VariantForm) variant(bad *Faults, at string, u Units, now Variant) Variant {
	v := Variant{SKU: t.SKU, Barcode: t.Barcode, TrackInventory: t.TrackInventory, ContinueSelling: t.ContinueSelling,
		Taxable: t.Taxable, RequiresShipping: t.RequiresShipping, Price: bad.price("price"+at, t.Price, u.Currency)}
	if strings.TrimSpace(t.CompareAt) != "" {
		v.CompareAt = bad.price("compare_at"+at, t.CompareAt, u.Currency)
	}
	if strings.TrimSpace(t.Cost) != "" {
		v.Cost = bad.price("cost"+at, t.Cost, u.Currency)
	}
	n, err := strconv.Atoi(strings.TrimSpace(t.Stock))
	if err != nil {
		bad.Add("stock"+at, t.Stock, wantQuantity, MaxStock)
	}
	v.Stock = n
	if strings.TrimSpace(t.Weight) != "" {
		grams, err := ParseWeight(t.Weight, u.Weight)
		if err != nil {
			bad.Add("weight"+at, t.Weight, "%s", Sentence(err))
		}
		v.WeightGrams = grams
	}
	now.Stock = t.Was
	return v.checked(bad, at, u.Currency, now)
}

// price reads a price.
func (f *Faults) price(field, typed, currency string) int64 {
	n, err := ParseMoney(typed, currency)
	if err != nil {
		f.Add(field, typed, "%s", Sentence(err))
		return 0
	}
	return n
}
