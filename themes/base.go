package themes

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
)

// Base is an engine. It draws the pages that all engines have in common from one template each, which the engine's
// stylesheet styles, and asks the engine for the rest.
type Base struct {
	Engine   orbit.EngineName
	Release  string
	Settings func() Schema
	Reads    *Keys
	Looks    func() []Preset // the engine's own first
	Rules    string          // the stylesheet
	Mood     Mood

	// Frame draws what stands around a page's body, its children: header, main and footer.
	Frame func(Shop, []orbit.Collection) templ.Component
	// Own draws the body of a page that this engine alone draws so, and returns nil for the others.
	Own func(Shop, Page) templ.Component
	// EmptyCart stands where a cart has nothing in it; nil is what engines have in common.
	EmptyCart func(Shop) templ.Component
	// Crumbs is how many steps the way to a page must have to be shown above it; 0 shows none.
	Crumbs int
}

var _ Engine = Base{}

// Name returns the engine's name.
func (b Base) Name() orbit.EngineName { return b.Engine }

// Version returns the engine's version.
func (b Base) Version() string { return b.Release }

// Schema returns what people may set.
func (b Base) Schema() Schema { return b.Settings() }

// Keys returns the settings that the engine reads.
func (b Base) Keys() *Keys { return b.Reads }

// Presets returns the engine's looks.
func (b Base) Presets() []Preset { return b.Looks() }

// CSS returns the engine's stylesheet.
func (b Base) CSS() string { return b.Rules }

// Draw returns the whole document of a page.
func (b Base) Draw(s Shop, p Page) templ.Component { return b.document(s, p) }

// body returns what stands in a page's frame.
func (b Base) body(s Shop, p Page) templ.Component {
	if own := b.Own(s, p); own != nil {
		return own
	}
	switch p := p.(type) {
	case CartPage:
		return b.cart(s, p)
	case CheckoutPage:
		return b.checkout(s, p)
	case OrderPage:
		return b.order(s, p)
	case PaymentPage:
		return b.payment(s, p)
	case TestPaymentPage:
		return b.testPayment(s, p)
	case TextPage:
		return b.text(s, p)
	case SoonPage:
		return b.soon(s)
	case ErrorPage:
		return b.failure(s, p)
	}
	return templ.ComponentFunc(func(context.Context, io.Writer) error {
		return fmt.Errorf("themes: %s draws no %T", b.Engine, p)
	})
}
