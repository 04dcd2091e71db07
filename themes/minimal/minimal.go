package minimal

import (
	_ "embed"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

//go:embed minimal.css
var css string

type engine struct{}

var _ themes.Engine = engine{}

// New is the engine.
func New() themes.Engine { return engine{} }

func (engine) Name() orbit.EngineName   { return orbit.EngineMinimal }
func (engine) Version() string          { return "1.0.0" }
func (engine) Schema() themes.Schema    { return schema() }
func (engine) Keys() *themes.Keys       { return &keys }
func (engine) Presets() []themes.Preset { return presets() }
func (engine) CSS() string              { return css }

func (engine) Home(s themes.Shop, p themes.HomePage) templ.Component { return home(s, p) }
func (engine) Collection(s themes.Shop, p themes.CollectionPage) templ.Component {
	return collection(s, p)
}
func (engine) Product(s themes.Shop, p themes.ProductPage) templ.Component   { return product(s, p) }
func (engine) Search(s themes.Shop, p themes.SearchPage) templ.Component     { return search(s, p) }
func (engine) Cart(s themes.Shop, p themes.CartPage) templ.Component         { return cart(s, p) }
func (engine) Checkout(s themes.Shop, p themes.CheckoutPage) templ.Component { return checkout(s, p) }
func (engine) Order(s themes.Shop, p themes.OrderPage) templ.Component       { return order(s, p) }
func (engine) Page(s themes.Shop, p orbit.Page) templ.Component              { return page(s, p) }
func (engine) Soon(s themes.Shop) templ.Component                            { return soon(s) }
func (engine) Error(s themes.Shop, p themes.ErrorPage) templ.Component       { return failure(s, p) }

const mood = themes.Quiet
