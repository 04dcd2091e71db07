package orbit

// Listing is one page of a list of products, and what it can be narrowed by.
type Listing struct {
	Browse   Browse
	Products []Product
	Total    int // on all pages
	Pages    int
	Facets   []Facet
}

// Outline is what is true of a list whichever page of it is seen, before anything is filtered out of it.
type Outline struct {
	Total  int
	Facets []Facet
}

// Facet is an option that products of a list come in.
type Facet struct {
	Name   string
	Values []FacetValue
}

// FacetValue is one value of a Facet, and how many products of the list have it.
type FacetValue struct {
	Value string
	Count int
}
