package storefront

import (
	"slices"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/themes"
)

// pageSize is how many products a list's page shows at most.
const pageSize = 24

func (r *routes) showCollection(v view) (answer, error) {
	in, ok := v.collection()
	if !ok {
		return answer{}, v.missing()
	}
	asked := orbit.ParseBrowse(v.query, v.shop.Settings.Currency)
	asked.Query = ""
	list, err := r.list(v, in.ID, asked)
	if err != nil {
		return answer{}, err
	}
	if canonical, ok := v.elsewhere(list); ok {
		return answer{location: canonical}, nil
	}
	if pastEnd(list) {
		return answer{}, refusal(orbit.NotFound, v.frame.Words.ListEnded)
	}
	return answer{page: v.draw(themes.CollectionPage{Collection: in, List: list,
		Products: list.Products, Collections: v.shop.Collections})}, nil
}

func (r *routes) showSearch(v view) (answer, error) {
	list := orbit.Listing{Browse: orbit.ParseBrowse(v.query, v.shop.Settings.Currency)}
	if list.Browse.Query != "" {
		start := time.Now()
		var err error
		if list, err = r.list(v, orbit.CollectionID{}, list.Browse); err != nil {
			return answer{}, err
		}
		r.Metrics.Search("storefront", time.Since(start))
	}
	if canonical, ok := v.elsewhere(list); ok {
		return answer{location: canonical}, nil
	}
	if pastEnd(list) {
		return answer{}, refusal(orbit.NotFound, v.frame.Words.ListEnded)
	}
	return answer{page: v.draw(themes.SearchPage{List: list, Products: list.Products,
		Collections: v.shop.Collections})}, nil
}

// collection returns the collection that the address names.
func (v view) collection() (orbit.Collection, bool) {
	named := func(o orbit.Collection) bool { return o.Handle == v.handle }
	if i := slices.IndexFunc(v.shop.Collections, named); i >= 0 {
		return v.shop.Collections[i], true
	}
	all := v.frame.Words.All() // every shop has it, listed or not
	return all, named(all)
}

// list reads a page of a list. What the list says on each of its pages is kept as long as nothing of the shop changes.
func (r *routes) list(v view, in orbit.CollectionID, asked orbit.Browse) (orbit.Listing, error) {
	key := listKey{v.shop.Merchant.ID, v.shop.Version, in}
	outline, known := r.outlines.GetIfPresent(key)
	missing := asked.Query == "" && !known // a search finds its own
	q := v.scope.Reader()
	if missing {
		outline = q.Outline(in)
	}
	list := q.Browse(in, asked, pageSize, outline)
	if err := v.read(q); err != nil {
		return orbit.Listing{}, err
	}
	if missing && v.shop.Version != 0 {
		r.outlines.Set(key, outline)
	}
	return list.Value, nil
}

// listKey names a collection of one version of a shop.
type listKey struct {
	merchant   orbit.MerchantID
	version    uint64
	collection orbit.CollectionID
}

// maxOutlines bounds the outlines that are kept, in bytes.
const maxOutlines = 8 << 20

func weigh(_ listKey, o *pg.Result[orbit.Outline]) uint32 {
	n := 200 // structs, and the cache's node
	for _, f := range o.Value.Facets {
		n += 40 + len(f.Name)
		for _, v := range f.Values {
			n += 24 + len(v.Value)
		}
	}
	return uint32(n)
}

// elsewhere returns the address that a list has instead of the one that was asked for: by options that the list hasn't,
// or by more words than count, each of which would stand in every link of the page.
func (v view) elsewhere(list orbit.Listing) (string, bool) {
	query, differs := list.Browse.Within(list.Facets).Address(v.query)
	if !differs {
		return "", false
	}
	return v.address(query)
}

func pastEnd(list orbit.Listing) bool { return len(list.Products) == 0 && list.Browse.Page > 1 }
