package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// ProductContent is what a product is to be; what is left out stays as it is.
type ProductContent struct {
	Title           Change[string]           `json:"title,omitempty" doc:"Needed by a new one."`
	Handle          Change[string]           `json:"handle,omitempty"`
	DescriptionHTML Change[string]           `json:"descriptionHtml,omitempty"`
	Vendor          Change[string]           `json:"vendor,omitempty"`
	Type            Change[string]           `json:"type,omitempty"`
	Tags            Change[[]string]         `json:"tags,omitempty" maxItems:"250"`
	Status          Change[string]           `json:"status,omitempty" doc:"A new one is a draft if left out."`
	PublishAt       Change[string]           `json:"publishAt,omitempty" nullable:"true" format:"date-time"`
	Options         Change[[]ProductOption]  `json:"options,omitempty"`
	Variants        Change[[]VariantContent] `json:"variants,omitempty" maxItems:"250"`
	SEO             Change[SEOContent]       `json:"seo,omitempty"`
	Collections     Change[[]string]         `json:"collections,omitempty" maxItems:"250" doc:"Ids."`
}

// TransformSchema lists the statuses.
func (ProductContent) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["status"].Enum = choices(orbit.ProductStatuses())
	return describe(s, map[string]string{"options": "With `variants` for every combination of their values.",
		"variants": "All of them: those that aren't listed are deleted."})
}

// SEOContent is what search engines are to show.
type SEOContent struct {
	Title       Change[string] `json:"title,omitempty"`
	Description Change[string] `json:"description,omitempty"`
}

// VariantContent is what a variant is to be. It is the one of its id, else the one with its options, else a new one.
type VariantContent struct {
	ID                Change[string]         `json:"id,omitempty"`
	Options           Change[map[string]any] `json:"options,omitempty"`
	SKU               Change[string]         `json:"sku,omitempty"`
	Barcode           Change[string]         `json:"barcode,omitempty"`
	Price             Change[int64]          `json:"price,omitempty" minimum:"0" maximum:"999999999"`
	CompareAtPrice    Change[int64]          `json:"compareAtPrice,omitempty" nullable:"true"`
	CostPerItem       Change[int64]          `json:"costPerItem,omitempty" nullable:"true"`
	TrackInventory    Change[bool]           `json:"trackInventory,omitempty"`
	InventoryQuantity Change[int64]          `json:"inventoryQuantity,omitempty"`
	ContinueSelling   Change[bool]           `json:"continueSelling,omitempty"`
	Taxable           Change[bool]           `json:"taxable,omitempty"`
	RequiresShipping  Change[bool]           `json:"requiresShipping,omitempty"`
	WeightGrams       Change[int64]          `json:"weightGrams,omitempty"`
	MediaID           Change[string]         `json:"mediaId,omitempty" nullable:"true"`
}

// TransformSchema describes the options.
func (VariantContent) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return describe(s, map[string]string{"options": "A value of each of the product's options.",
		"compareAtPrice": "Minor units; null for none.", "costPerItem": "Minor units; null for none."})
}

func sent[T any](c Change[T]) *T {
	if !c.Sent {
		return nil
	}
	return &c.Value
}

func sentInt(c Change[int64]) *int {
	if !c.Sent {
		return nil
	}
	n := int(max(min(c.Value, 1<<31), -1<<31))
	return &n
}

// patch returns what the content makes of a product. before is where it was sent; faults of what can't be read go to
// bad.
func (b ProductContent) patch(now orbit.ProductSheet, before string, bad *orbit.Faults) (t orbit.ProductPatch) {
	t = orbit.ProductPatch{Title: sent(b.Title), Handle: sent(b.Handle), DescriptionHTML: sent(b.DescriptionHTML),
		Vendor: sent(b.Vendor), ProductType: sent(b.Type), Tags: sent(b.Tags)}
	if b.SEO.Sent {
		t.SEOTitle, t.SEODescription = sent(b.SEO.Value.Title), sent(b.SEO.Value.Description)
	}
	if b.Status.Sent {
		status := orbit.ProductStatus(b.Status.Value)
		t.Status = &status
	}
	if b.PublishAt.Sent {
		at, err := time.Parse(time.RFC3339, b.PublishAt.Value)
		if err != nil && !b.PublishAt.Null {
			bad.Add(before+"publishAt", b.PublishAt.Value, "Send a time such as 2026-12-24T18:00:00Z, or null.")
		}
		if at = at.UTC(); b.PublishAt.Null {
			at = time.Time{}
		}
		t.PublishAt = &at
	}
	if b.Collections.Sent {
		in := []orbit.CollectionID{}
		for i, text := range b.Collections.Value {
			id, err := orbit.ParseID[orbit.Collection](text)
			known := false
			for _, c := range now.Collections {
				known = known || c.ID == id
			}
			if err != nil || !known {
				bad.Add(before+"collections["+strconv.Itoa(i)+"]", text, "There is no such collection.")
				continue
			}
			in = append(in, id)
		}
		t.Collections = &in
	}
	options := now.Product.Options
	if b.Options.Sent {
		options = []orbit.Option{}
		for _, o := range b.Options.Value {
			options = append(options, orbit.Option{Name: o.Name, Values: o.Values})
		}
		t.Options = &options
	}
	if b.Variants.Sent {
		all := []orbit.VariantPatch{}
		seen := map[string]bool{}
		for i, v := range b.Variants.Value {
			at := before + "variants[" + strconv.Itoa(i) + "]."
			if v.ID.Sent && seen[v.ID.Value] {
				bad.Add(at+"id", v.ID.Value, "This variant is listed twice.")
			}
			seen[v.ID.Value] = true
			all = append(all, v.patch(now.Product, options, at, bad))
		}
		t.Variants = &all
	}
	return t
}

// patch returns what the content makes of a variant of a product that is to have options.
func (v VariantContent) patch(p orbit.Product, options []orbit.Option, before string,
	bad *orbit.Faults) orbit.VariantPatch {
	t := orbit.VariantPatch{ID: orbit.NewID[orbit.Variant](), SKU: sent(v.SKU), Barcode: sent(v.Barcode),
		Price: sent(v.Price), CompareAt: sent(v.CompareAtPrice), Cost: sent(v.CostPerItem),
		Quantity: sentInt(v.InventoryQuantity), TrackInventory: sent(v.TrackInventory),
		ContinueSelling: sent(v.ContinueSelling), Taxable: sent(v.Taxable), RequiresShipping: sent(v.RequiresShipping),
		WeightGrams: sentInt(v.WeightGrams)}
	if v.ID.Sent {
		id, err := orbit.ParseID[orbit.Variant](v.ID.Value)
		known := false
		for _, w := range p.Variants {
			known = known || w.ID == id
		}
		if err != nil || !known {
			bad.Add(before+"id", v.ID.Value, "The product has no such variant. Leave the id out for a new one.")
		} else {
			t.ID = id
		}
	}
	if v.MediaID.Sent {
		var id orbit.MediaID
		if !v.MediaID.Null {
			var err error
			if id, err = orbit.ParseID[orbit.Media](v.MediaID.Value); err != nil {
				bad.Add(before+"mediaId", v.MediaID.Value, "Choose one of the product's images.")
			}
		}
		t.MediaID = &id
	}
	if v.Options.Sent || !v.ID.Sent {
		values := make([]string, len(options))
		for name := range v.Options.Value {
			if optionAt(options, name) < 0 {
				bad.Add(before+"options."+shortText(name), "", "The product has no option %s.", shortText(name))
			}
		}
		for name, value := range v.Options.Value {
			if i := optionAt(options, name); i >= 0 {
				if values[i] != "" {
					bad.Add(before+"options", "", "The option %s is there twice.", options[i].Name)
				}
				text, ok := value.(string)
				if values[i] = text; !ok {
					bad.Add(before+"options."+shortText(name), "", "This has to be text, in quotes.")
				}
			}
		}
		t.Values = &values
	}
	return t
}

func optionAt(options []orbit.Option, name string) int {
	for i, o := range options {
		if strings.EqualFold(o.Name, name) {
			return i
		}
	}
	return -1
}

// upon makes of a product what was sent, with faults where they were sent.
func (b ProductContent) upon(now orbit.ProductSheet, before string) (orbit.ProductEdit, error) {
	var bad orbit.Faults
	patch := b.patch(now, before, &bad)
	edit, err := patch.Upon(now, time.Now())
	place := map[orbit.VariantID]string{}
	for i, v := range edit.Product.Variants {
		place[v.ID] = before + "variants[" + strconv.Itoa(i) + "]"
	}
	err = placedProduct(err, before, func(id orbit.VariantID) string { return place[id] })
	if b.Options.Sent && !b.Variants.Sent && len(orbit.FaultsOf(err)) > 0 {
		bad.Add(before+"variants", "", "Send a variant for every combination of the options' values.")
	}
	if err == nil && (b.Options.Sent || b.Variants.Sent) {
		combinations := 1
		for _, o := range edit.Product.Options {
			combinations *= len(o.Values)
		}
		if combinations > orbit.MaxVariants {
			bad.Add(before+"options", "", "These options make %d variants; a product can have at most %d.", combinations,
				orbit.MaxVariants)
		} else if gone := missing(edit.Product, now.Product); len(gone) > 0 {
			bad.Add(before+"variants", gone[0], "There is no variant %s. Send one for every combination, or take the value "+
				"out of its option.", gone[0])
		}
	}
	for _, f := range orbit.FaultsOf(err) {
		if !covered(f.Field, bad) {
			bad = append(bad, f)
		}
	}
	if len(bad) > 0 {
		return edit, bad[:min(len(bad), maxFaults)].Err()
	}
	return edit, err
}
