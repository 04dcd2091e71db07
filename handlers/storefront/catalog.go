package storefront

import (
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

func (r *routes) showHome(v view) (answer, error) {
	p := themes.HomePage{Collections: v.shop.Collections}
	if err := v.read(func(q *shop.Reader) { q.Featured(8, &p.Featured) }); err != nil {
		return answer{}, err
	}
	return answer{page: v.draw(p)}, nil
}

func (r *routes) showProduct(v view) (answer, error) {
	var p themes.ProductPage
	err := v.read(func(q *shop.Reader) {
		q.Product(v.handle, &p.Product)
		q.Related(v.handle, 4, &p.Related)
	})
	if err != nil {
		return answer{}, err
	}
	if p.Product.ID.IsZero() {
		return answer{}, v.missing()
	}
	if id, err := orbit.ParseID[orbit.Variant](v.query.Get("variant")); err == nil {
		p.Variant = id
	}
	return answer{page: v.draw(p)}, nil
}

func (r *routes) showPage(v view) (answer, error) {
	var p orbit.Page
	if err := v.read(func(q *shop.Reader) { q.Page(v.handle, &p) }); err != nil {
		return answer{}, err
	}
	if p.ID.IsZero() {
		return answer{}, v.missing()
	}
	return answer{page: v.draw(themes.TextPage{Page: p})}, nil
}
