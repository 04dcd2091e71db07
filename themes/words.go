package themes

import (
	"strings"

	"orbit360.app/orbit"
)

// Words holds the words of a shop's pages in one language: everything a shopper reads that isn't the shop's own text.
// What depends on a number or a name is a function, as languages order and count differently.
//
// English alone, until a second language is written: what orbit says of a checkout's fields (CheckoutForm.Check).
// Handlers have the field of each such fault to look its sentence up by. Names of countries and regions are orbit's,
// too.
type Words struct {
	// Frame
	SkipToContent, Main, Menu, Close, Shop, Information, Service, Announcement, Breadcrumb, Home, Departments,
	AllDepartments string
	PricesIn func(currency string) string

	// Products and prices
	Product, Products, AllProducts, Collections, ViewAll, Description, Details, Brand, Vendor, Department, SKU, Variant,
	Quantity, AddToCart, Choose, Sale, SoldOut, InStock, From, Now, RegularPrice string
	OnlyLeft, Save    func(n int) string
	ProductCount      func(n int) string
	ImagesOf          func(title string) string
	ImageOf           func(title string, n int) string
	ShowImage         func(n int) string
	ProductSummary    func(product, shop, price string) string
	CollectionSummary func(collection, shop string, products int) string

	// Lists
	Search, SearchShop, Filter, FiltersInUse, Without, ClearAll, Apply, ShowProducts, SortBy, BestMatch, Availability,
	To, Pages, Previous, Next, NothingFound, SearchAgain, NoMatch, RemoveFilter string
	SortNames     map[orbit.Sort]string
	PriceIn       func(currency string) string
	PriceUpTo     func(price string) string
	PriceFrom     func(price string) string
	PriceBetween  func(from, to string) string
	PageOf        func(page, pages int) string
	TitleOfPage   func(title string, page int) string
	Quoted        func(query string) string
	ResultCount   func(n int) string
	SearchSummary func(shop string) string

	// Cart
	Cart, Update, UpdateCart, Remove, Item, Subtotal, Total, EmptyCart, CalculatedAtCheckout, ContinueShopping, ViewCart,
	InCart, ShortSoldOut, ProductGone, ProductSoldOut, CartFull, AllInCart, NotOpen, TooManyCarts, CodesFull,
	TooManyCodes string
	QuantityOf        func(title string) string
	ShortLeft         func(n int) string
	OnlyInStock       func(n int, product string) string
	InCartWithAllLeft func(n int) string
	QuantityRange     func(most int) string
	QuantitiesRange   func(most int) string
	CartSummary       func(shop string) string

	// Checkout
	Checkout, FixFollowing, Optional, Email, Phone, FullName, Country, ChooseCountry, Address, Apartment, City, Postcode,
	ChooseOne, Shipping, NoShipping, FreeShipping, NothingToShip, ShipTo, ShippingByPlace, Payment, NothingToPay,
	NoPayments, OrderNote, CartShort, AdjustCart, DiscountCode,
	PlaceOrder, ContinueToPayment, Card, Test, PaymentOpen, FormExpired, Summary, Free, Tax,
	CartHasNothing, CartChanged, TotalChanged, FormUsed, ShopClosed, OrderLimit,
	TooManyOrders string
	Discount        func(name string) string
	DiscountRefused func(orbit.RefusedDiscount) string
	PaysAt          func(provider string) string
	ShippingBy      func(name string) string
	NotShippedTo    func(country string) string
	ShippingFrom    func(price string) string
	TaxAt           func(name, percent string) string
	TaxIncluded     func(tax string) string
	CheckoutSummary func(shop string) string

	// Order
	Delivery, YourNote, CanceledHeading, OrderCanceled, OrderNotPaid, OrderOnItsWay, OrderPartlyOnItsWay, PaymentArrived,
	PaymentExpected, Status, TrackOrder, Refunds, TestOrder, PayNow, LeftToPay, BuyAgain string
	FinancialStatuses   map[orbit.FinancialStatus]string
	FulfillmentStatuses map[orbit.FulfillmentStatus]string
	Order               func(name string) string
	ThankYou            func(name string) string
	OrderReceived       func(email string) string
	OrderUndelivered    func(email string) string
	OrderSummary        func(shop string) string
	Parcel              func(items int, carrier, number string) string

	// Payment
	PaymentPending, PaymentPendingText, PaymentFailed, PaymentFailedText, PaymentExpired, PaymentExpiredText,
	PaymentAway, PaymentAwayText, OrderPaymentAway, PaymentRefused, TryAgain, OtherMethod, BackToCart, BackToOrder,
	BackToCheckout, TestPayments, NoMoneyMoves, ChooseOutcome, TestNeverReturns, TestClosed, CardDeclined string
	Pay            func(amount string) string
	OrderAt        func(shop string) string
	PaymentSummary func(shop string) string
	TestChoices    map[orbit.TestChoice]string

	// Other pages
	OpeningSoon, BackToList, ListEnded, NothingHere, Crowded string
	OpensSoon                                                func(shop string) string
	ErrorTitle                                               string         // where ErrorTitles has none
	ErrorTitles                                              map[int]string // by status
	ErrorSentences                                           map[int]string // likewise, of bad requests and failures

	voices map[Mood]*Voice
}

// Voice holds the words that differ with a theme's mood.
type Voice struct {
	Featured, CollectionsHeading, Related                               string
	NoProducts, NoProductsText, EmptyCollection, EmptyCollectionText    string
	EmptyCartText, ShopAll, ToCheckout, Contact, Address, Order, Bought string
	BackToShop                                                          string
}

// Voice returns the words in the voice of a mood.
func (w *Words) Voice(m Mood) *Voice { return w.voices[m] }

// WordsFor returns the words of a locale (BCP 47), English where there are none in its language.
func WordsFor(locale string) *Words {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if w := languages[language]; w != nil {
		return w
	}
	return english
}

// languages holds the words by language, never changed.
var languages = map[string]*Words{"en": english}

// Stock returns the availability of a number of items.
func (w *Words) Stock(n int) string {
	switch stockClass(n) {
	case "out":
		return w.SoldOut
	case "low":
		return w.OnlyLeft(n)
	}
	return w.InStock
}

// All returns the collection of everything.
func (w *Words) All() orbit.Collection {
	return orbit.Collection{Handle: allHandle, Title: w.AllProducts}
}

// ErrorTitleOf returns the title of an error page.
func (w *Words) ErrorTitleOf(status int) string { return First(w.ErrorTitles[status], w.ErrorTitle) }
