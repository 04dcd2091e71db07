package storefront

import (
	"orbit360.app/orbit"
	"orbit360.app/themes"
)

func (r *routes) showHome(v view) (answer, error) {
	q := v.scope.Reader()
	featured := q.Featured(8)
	if err := v.read(q); err != nil {
		return answer{}, err
	}
	p := themes.HomePage{Collections: v.shop.Collections, Featured: featured.Value}
	return answer{page: v.draw(p)}, nil
}

func (r *routes) showProduct(v view) (answer, error) {
	q := v.scope.Reader()
	product, related := q.Product(v.handle), q.Related(v.handle, 4)
	if err := v.read(q); err != nil {
		return answer{}, err
	}
	p := themes.ProductPage{Product: product.Value, Related: related.Value}
	if p.Product.ID.IsZero() {
		return answer{}, v.missing()
	}
	if id, err := orbit.ParseID[orbit.Variant](v.query.Get("variant")); err == nil {
		p.Variant = id
	}
	return answer{page: v.draw(p)}, nil
}

func (r *routes) showPage(v view) (answer, error) {
	q := v.scope.Reader()
	page := q.Page(v.handle)
	if err := v.read(q); err != nil {
		return answer{}, err
	}
	p := page.Value
	if p.ID.IsZero() {
		return answer{}, v.missing()
	}
	return answer{page: v.draw(themes.TextPage{Page: p})}, nil
}
