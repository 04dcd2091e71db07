package orbit

// Category is the line of business of a shop, a closed list.
type Category string

// Categories returns all of them, in the order forms show them.
func Categories() Terms[Category] {
	return Terms[Category]{
		{"fashion", "Fashion"}, {"electronics", "Electronics"}, {"home-garden", "Home & garden"}, {"beauty", "Beauty"},
		{"food-drink", "Food & drink"}, {"sports", "Sports"}, {"toys", "Toys"}, {"books", "Books"},
		{"art-crafts", "Art & crafts"}, {"other", "Other"},
	}
}

// Name is the category in words, the value itself where it is none of ours.
func (c Category) Name() string { return Categories().Name(c) }

// Valid reports whether c is one of Categories.
func (c Category) Valid() bool { return Categories().Has(c) }

func (f *Faults) category(field string, c Category) {
	switch {
	case c == "":
		f.Add(field, "", "Choose a business category.")
	case !c.Valid():
		f.Add(field, string(c), "Choose one of the listed categories.")
	}
}
