package storefront

import (
	"strings"

	"github.com/gofiber/fiber/v2"

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
		return r.elsewhere(v)
	}
	if id, err := orbit.ParseID[orbit.Variant](v.query.Get("variant")); err == nil {
		p.Variant = id
		p.Product.Images = p.Product.ImagesFor(id)
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
		return r.elsewhere(v)
	}
	return answer{page: v.draw(themes.TextPage{Page: p})}, nil
}

// elsewhere answers at an address that has no page: where the merchant has it lead, if anywhere.
func (r *routes) elsewhere(v view) (answer, error) {
	q := v.scope.Reader()
	to := q.Redirect(v.frame.Path)
	if err := v.read(q); err != nil {
		return answer{}, err
	}
	if to.Value == "" {
		return answer{}, v.missing()
	}
	location := to.Value
	if len(v.query) > 0 && !strings.Contains(location, "?") {
		location += "?" + v.query.Encode()
	}
	return answer{location: location, status: fiber.StatusMovedPermanently}, nil
}
