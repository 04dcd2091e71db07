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

func (t VariantForm) variant(bad *Faults, at string, u Units) (v Variant) {
	v.Price = bad.price("price"+at, t.Price, u.Currency)
	if strings.TrimSpace(t.CompareAt) != "" {
		v.CompareAt = bad.price("compare_at"+at, t.CompareAt, u.Currency)
		if v.CompareAt != 0 && v.CompareAt <= v.Price {
			bad.Add("compare_at"+at, t.CompareAt, "Compare-at price must be higher than the price.")
		}
	}
	if strings.TrimSpace(t.Cost) != "" {
		v.Cost = bad.price("cost"+at, t.Cost, u.Currency)
	}
	v.TrackInventory, v.ContinueSelling, v.Taxable, v.RequiresShipping = t.TrackInventory, t.ContinueSelling, t.Taxable,
		t.RequiresShipping
	n, err := strconv.Atoi(strings.TrimSpace(t.Stock))
	if err != nil || (n < 0 && n != t.Was) || n > MaxStock {
		bad.Add("stock"+at, t.Stock, "Enter a quantity: a whole number from 0 to %d.", MaxStock)
	}
	v.Stock = n
	v.SKU = bad.line("sku"+at, "The SKU", Plain(t.SKU), 0, maxSKU)
	v.Barcode = bad.line("barcode"+at, "The barcode", Plain(t.Barcode), 0, maxSKU)
	if strings.TrimSpace(t.Weight) != "" {
		grams, err := ParseWeight(t.Weight, u.Weight)
		if err != nil {
			bad.Add("weight"+at, t.Weight, "%s", Sentence(err))
		}
		v.WeightGrams = grams
	}
	return v
}

// price reads a price, up to MaxPrice.
func (f *Faults) price(field, typed, currency string) int64 {
	n, err := ParseMoney(typed, currency)
	switch {
	case err != nil:
		f.Add(field, typed, "%s", Sentence(err))
	case n > MaxPrice:
		f.Add(field, typed, "Enter a price of at most %s.", Money{MaxPrice, currency})
	default:
		return n
	}
	return 0
}
