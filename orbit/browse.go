package orbit

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Sort is an order of products in a list.
type Sort string

// The orders. The featured one is the shop's own; a search has its best matches first instead.
const (
	SortFeatured  Sort = ""
	SortPriceUp   Sort = "price"
	SortPriceDown Sort = "-price"
	SortNewest    Sort = "newest"
	SortName      Sort = "name"
)

// Sorts returns all orders, as forms list them.
func Sorts() []Sort { return []Sort{SortFeatured, SortPriceUp, SortPriceDown, SortNewest, SortName} }

// Browse is what a shopper wants to see of a list of products. It stands in the URL and nowhere else.
type Browse struct {
	Query     string // words to find, "" in a collection
	Sort      Sort
	Available bool  // only what can be bought now
	From, To  int64 // price in minor units; 0 is no bound
	Options   []Option
	Page      int // from 1
}

// Bounds of what a URL may ask.
const (
	maxBrowseOptions = 8
	maxBrowseValues  = 24 // of an option
	maxBrowseChosen  = 48 // of all options
	maxQueryWords    = 6
	maxQuery         = 100
	maxPage          = 10_000
	optionPrefix     = "option."
)

// ParseBrowse reads the query of a URL. What it can't read it leaves out: a list is never an error.
func ParseBrowse(q url.Values, currency string) Browse {
	b := Browse{Page: 1, Query: firstWords(Search(q.Get("q"), maxQuery), maxQueryWords)}
	if s := Sort(q.Get("sort")); slices.Contains(Sorts(), s) {
		b.Sort = s
	}
	b.Available = q.Get("available") == "1"
	b.From, _ = ParseMoney(q.Get("from"), currency)
	b.To, _ = ParseMoney(q.Get("to"), currency)
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 && n <= maxPage {
		b.Page = n
	}
	for key, values := range q {
		name, ok := strings.CutPrefix(key, optionPrefix)
		if name = Search(name, maxQuery); !ok || name == "" {
			continue
		}
		var clean []string
		for _, v := range values {
			if v = Search(v, maxQuery); v != "" && !slices.Contains(clean, v) {
				clean = append(clean, v)
			}
		}
		slices.Sort(clean)
		if len(clean) > 0 && len(clean) <= maxBrowseValues {
			b.Options = append(b.Options, Option{Name: name, Values: clean})
		}
	}
	slices.SortFunc(b.Options, func(x, y Option) int { return strings.Compare(x.Name, y.Name) })
	b.Options = b.Options[:min(len(b.Options), maxBrowseOptions)]
	left := maxBrowseChosen
	for i := range b.Options {
		o := &b.Options[i]
		if o.Values = o.Values[:min(len(o.Values), left)]; len(o.Values) == 0 {
			b.Options = b.Options[:i]
			break
		}
		left -= len(o.Values)
	}
	return b
}

// firstWords returns the first n different words of a line, one space between. The same word in other letters is the
// same.
func firstWords(line string, n int) string {
	var words []string
	seen := map[string]bool{}
	for w := range strings.FieldsSeq(line) {
		if key := Fold(w); !seen[key] && len(words) < n {
			seen[key] = true
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// Within is the same list without options and values that it can't be narrowed by. Where there are such it begins at
// its first page.
func (b Browse) Within(facets []Facet) Browse {
	within := b
	within.Options = nil
	for _, o := range b.Options {
		known := Option{Name: o.Name}
		for _, f := range facets {
			if f.Name != o.Name {
				continue
			}
			for _, v := range o.Values {
				if slices.ContainsFunc(f.Values, func(fv FacetValue) bool { return fv.Value == v }) &&
					!slices.Contains(known.Values, v) {
					known.Values = append(known.Values, v)
				}
			}
		}
		if len(known.Values) < len(o.Values) {
			within.Page = 1
		}
		if len(known.Values) > 0 {
			within.Options = append(within.Options, known)
		}
	}
	return within
}

// Address is the query of a list's address with words and options as b has them, and whether q has others: more than a
// space too many or another order of values. Everything else of q stays.
func (b Browse) Address(q url.Values) (url.Values, bool) {
	out, differs := url.Values{}, false
	for key, values := range q {
		name, isOption := strings.CutPrefix(key, optionPrefix)
		switch {
		case key == "q" && b.Query != "":
			differs = differs || Search(values[0], maxQuery) != b.Query
			out[key] = []string{b.Query}
		case isOption:
			var kept []string
			if i := slices.IndexFunc(b.Options, func(o Option) bool { return o.Name == name }); i >= 0 {
				kept = b.Options[i].Values
				out[key] = kept
			}
			was := slices.Clone(values)
			slices.Sort(was)
			differs = differs || !slices.Equal(was, kept)
		default:
			out[key] = values
		}
	}
	if differs {
		out.Del("page")
	}
	return out, differs
}

// Values is the query of a URL that ParseBrowse reads as the same Browse.
func (b Browse) Values(currency string) url.Values {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("q", b.Query)
	set("sort", string(b.Sort))
	if b.Available {
		q.Set("available", "1")
	}
	if b.From > 0 {
		q.Set("from", Money{b.From, currency}.Short())
	}
	if b.To > 0 {
		q.Set("to", Money{b.To, currency}.Short())
	}
	for _, o := range b.Options {
		q[optionPrefix+o.Name] = o.Values
	}
	if b.Page > 1 {
		q.Set("page", strconv.Itoa(b.Page))
	}
	return q
}

// Narrowed reports whether filters leave anything out.
func (b Browse) Narrowed() bool { return b.Available || b.From > 0 || b.To > 0 || len(b.Options) > 0 }

// Has reports whether a value of an option is chosen.
func (b Browse) Has(name, value string) bool {
	return slices.ContainsFunc(b.Options, func(o Option) bool {
		return o.Name == name &&
			slices.Contains(o.Values, value)
	})
}

// Without is the same list without one value of an option, from its first page.
func (b Browse) Without(name, value string) Browse {
	options := b.Options
	b.Options, b.Page = nil, 1
	for _, o := range options {
		if o.Name == name {
			o.Values = slices.DeleteFunc(slices.Clone(o.Values), func(v string) bool { return v == value })
		}
		if len(o.Values) > 0 {
			b.Options = append(b.Options, o)
		}
	}
	return b
}
