package themes

import (
	"fmt"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

var english = &Words{
	SkipToContent: "Skip to content", Main: "Main", Menu: "Menu", Close: "Close", Shop: "Shop",
	Information: "Information", Service: "Service", Announcement: "Announcement", Breadcrumb: "Breadcrumb",
	Home: "Home", Departments: "Departments", AllDepartments: "All departments",
	PricesIn: func(currency string) string { return "Prices in " + currency },

	Product: "Product", Products: "Products", AllProducts: "All products", Collections: "Collections",
	ViewAll: "View all", Description: "Description", Details: "Details", Brand: "Brand", Vendor: "Made by",
	Department: "Department", SKU: "SKU", Variant: "Variant", Quantity: "Quantity", AddToCart: "Add to cart",
	Choose: "Choose", Sale: "Sale", SoldOut: "Sold out", InStock: "In stock", From: "From", Now: "Now",
	RegularPrice: "Regular price",
	OnlyLeft:     func(n int) string { return "Only " + strconv.Itoa(n) + " left" },
	Save:         func(percent int) string { return "Save " + strconv.Itoa(percent) + "%" },
	ProductCount: func(n int) string { return plural(n, "product", "products") },
	ImagesOf:     func(title string) string { return "Images of " + title },
	ImageOf:      func(title string, n int) string { return title + ", image " + strconv.Itoa(n) },
	ShowImage:    func(n int) string { return "Show image " + strconv.Itoa(n) },
	ProductSummary: func(product, shop, price string) string {
		return product + " from " + shop + ", " + price + "."
	},
	CollectionSummary: func(collection, shop string, products int) string {
		return collection + " at " + shop + ": " + plural(products, "product", "products") + "."
	},

	Search: "Search", SearchShop: "Search the shop", Filter: "Filter", FiltersInUse: "Filters in use",
	Without: "Remove filter:", ClearAll: "Clear all", Apply: "Apply", ShowProducts: "Show products", SortBy: "Sort by",
	BestMatch: "Best match", Availability: "Availability", To: "To", Pages: "Pages", Previous: "Previous", Next: "Next",
	NothingFound: "Nothing found", SearchAgain: "Try another word, or fewer words.",
	NoMatch: "No products match", RemoveFilter: "Remove a filter to see more.",
	SortNames: map[orbit.Sort]string{orbit.SortFeatured: "Featured", orbit.SortPriceUp: "Price, low to high",
		orbit.SortPriceDown: "Price, high to low", orbit.SortNewest: "Newest", orbit.SortName: "Name"},
	PriceIn:      func(currency string) string { return "Price in " + currency },
	PriceUpTo:    func(price string) string { return "Up to " + price },
	PriceFrom:    func(price string) string { return "From " + price },
	PriceBetween: func(from, to string) string { return from + " to " + to },
	PageOf:       func(page, pages int) string { return fmt.Sprintf("Page %d of %d", page, pages) },
	TitleOfPage:  func(title string, page int) string { return title + ", page " + strconv.Itoa(page) },
	Quoted:       func(query string) string { return "“" + query + "”" },
	ResultCount: func(n int) string {
		if n == 0 {
			return "Nothing found"
		}
		return plural(n, "result", "results")
	},
	SearchSummary: func(shop string) string { return "Search " + shop + "." },

	Cart: "Cart", Update: "Update", UpdateCart: "Update cart", Remove: "Remove", Item: "Item", Subtotal: "Subtotal",
	Total: "Total", EmptyCart: "Your cart is empty",
	CalculatedAtCheckout: "Shipping and tax are calculated at checkout.",
	ContinueShopping:     "Continue shopping", ViewCart: "View cart", InCart: "is in your cart.",
	ShortSoldOut: "Sold out. Remove it to continue.", ProductGone: "This product is no longer available.",
	ProductSoldOut: "This is sold out.",
	CartFull:       "The cart is full. Buy what is in it first, or remove an item.",
	AllInCart:      "You already have all available stock in your cart.",
	NotOpen:        "Nothing can be bought here until the shop is open.",
	TooManyCarts:   "Too many requests from your network. Please try again later.",
	CodesFull: "You can use " + strconv.Itoa(orbit.MaxDiscountCodes) + " discount codes at once. " +
		"Remove one to use another.",
	TooManyCodes: "Too many discount codes from your network. Please try again later.",
	QuantityOf:   func(title string) string { return "Quantity of " + title },
	ShortLeft:    func(n int) string { return "Only " + strconv.Itoa(n) + " left." },
	OnlyInStock: func(n int, product string) string {
		return fmt.Sprintf("There are only %d of %s. All of them are in your cart.", n, product)
	},
	InCartWithAllLeft: func(n int) string { return fmt.Sprintf("is in your cart. There were only %d more.", n) },
	QuantityRange:     func(most int) string { return fmt.Sprintf("Choose a quantity from 1 to %d.", most) },
	QuantitiesRange: func(most int) string {
		return fmt.Sprintf("Choose quantities from 0 to %d. Nothing has been changed yet.", most)
	},
	CartSummary: func(shop string) string { return "Your cart at " + shop + "." },

	Checkout: "Checkout", FixFollowing: "Please fix the following:", Optional: "(optional)", Email: "Email",
	Phone: "Phone", FullName: "Full name", Country: "Country", ChooseCountry: "Choose a country", Address: "Address",
	Apartment: "Apartment, suite, etc.", City: "City", Postcode: "Postal code", ChooseOne: "Choose one",
	ShipTo: "Ship to", NothingToShip: "Nothing in this order is shipped.",
	FreeShipping:    "Free shipping available",
	ShippingByPlace: "Fill in your country and region to see shipping methods.",
	Shipping:        "Shipping", NoShipping: "This shop can't ship orders at the moment.", Payment: "Payment",
	NothingToPay: "There is nothing to pay for this order.",
	NoPayments:   "This shop can't take payments at the moment.", OrderNote: "Order note",
	CartShort:  "Some items in your cart are no longer available.",
	AdjustCart: "Update cart to available quantities", DiscountCode: "Discount code", PlaceOrder: "Place order",
	ContinueToPayment: "Continue to payment", Card: "Credit or debit card", Test: "Test",
	PaymentOpen: "A payment for this cart is still open in another window. Finish it there, or try again.",
	FormExpired: "The payment for this form has expired, and nothing was charged. " +
		"Check the details and place your order again.",
	CartHasNothing: "Your cart is empty.",
	CartChanged:    "Some items in your cart are no longer available. Change the cart and try again.",
	TotalChanged:   "The total has changed. Review it, then place your order.",
	FormUsed: "You already placed an order with this form. " +
		"Your current cart isn't ordered yet: check the details and place the order.",
	ShopClosed: "This shop doesn't take orders at the moment.",
	OrderLimit: "This shop has reached its order limit for this month. " +
		"Please come back next month, or contact the shop.",
	Summary: "Summary", Free: "Free", Tax: "Tax",
	TooManyOrders:   "Too many orders from your network. Please try again later.",
	Discount:        func(name string) string { return "Discount " + name },
	DiscountRefused: orbit.RefusedDiscount.Sentence,
	PaysAt:          func(provider string) string { return "You pay on " + provider + "'s secure page." },
	NotShippedTo:    func(country string) string { return "We don't ship to " + country + "." },
	ShippingFrom:    func(price string) string { return "Shipping from " + price },
	ShippingBy:      func(name string) string { return "Shipping (" + name + ")" },
	TaxAt:           func(name, percent string) string { return name + " (" + percent + "%)" },
	TaxIncluded:     func(tax string) string { return "Including " + tax },
	CheckoutSummary: func(shop string) string { return "Buy at " + shop + "." },

	Delivery: "Delivery", YourNote: "Your note",
	CanceledHeading: "Order canceled", OrderCanceled: "This order was canceled.",
	OrderNotPaid:        "Your payment didn't go through, so this order was canceled. Nothing was charged.",
	OrderOnItsWay:       "Your order is on its way.",
	OrderPartlyOnItsWay: "A part of your order is on its way.",
	PaymentArrived:      "Your payment has arrived. We are getting your order ready.",
	PaymentExpected:     "We have your order. Your payment is still being processed, and we email you when it arrives.",
	Status:              "Status", TrackOrder: "Track order", Refunds: "Refunds",
	TestOrder: "This is a test order. No money was taken.", PayNow: "Pay now", LeftToPay: "Left to pay",
	BuyAgain: "Buy again",
	FinancialStatuses: map[orbit.FinancialStatus]string{orbit.FinancialPending: "Payment pending",
		orbit.FinancialAuthorized: "Payment pending", orbit.FinancialPartiallyPaid: "Partially paid",
		orbit.FinancialPaid: "Payment received", orbit.FinancialPartiallyRefunded: "Partially refunded",
		orbit.FinancialRefunded: "Refunded", orbit.FinancialVoided: "Nothing was charged"},
	FulfillmentStatuses: map[orbit.FulfillmentStatus]string{orbit.Unfulfilled: "Not shipped yet",
		orbit.PartiallyFulfilled: "Partially shipped", orbit.Fulfilled: "Shipped"},
	Order:    func(name string) string { return "Order " + name },
	ThankYou: func(name string) string { return "Thank you, " + name },
	OrderReceived: func(email string) string {
		return "We have your order. A confirmation is on its way to " + email + "."
	},
	OrderUndelivered: func(email string) string {
		return "We have your order. Our email to " + email + " couldn't be delivered, so keep the address of this page."
	},
	OrderSummary: func(shop string) string { return "Your order at " + shop + "." },
	Parcel: func(items int, carrier, number string) string {
		if by := strings.TrimSpace(carrier + " " + number); by != "" {
			return plural(items, "item", "items") + ": " + by
		}
		return plural(items, "item", "items")
	},

	PaymentPending: "Payment pending",
	PaymentPendingText: "Your order is placed as soon as your payment arrives. This page updates by itself; " +
		"what you chose is held for you until then.",
	PaymentFailed:      "Payment failed",
	PaymentFailedText:  "Nothing was charged, and what you chose is held for you.",
	PaymentExpired:     "This payment has expired",
	PaymentExpiredText: "Nothing was charged, and your cart is as you left it.",
	PaymentAway:        "We can't reach the payment page",
	PaymentAwayText:    "Nothing was charged, and what you chose is held for you. Try again in a moment.",
	OrderPaymentAway:   "We can't reach the payment page. Nothing was charged. Try again in a moment.",
	PaymentRefused: "This payment method can't be used right now, and nothing was charged. " +
		"Choose another payment method.",
	TryAgain: "Try again", OtherMethod: "Choose another way to pay", BackToCart: "Back to cart",
	BackToOrder:    "Back to your order",
	BackToCheckout: "Cancel and go back", TestPayments: "Test payments", NoMoneyMoves: "No money moves.",
	ChooseOutcome:    "Choose what becomes of this payment.",
	TestNeverReturns: "The payment was made. As you chose, this page doesn't lead back to the shop.",
	TestClosed:       "You already chose what becomes of this payment.",
	CardDeclined:     "The card was declined. Choose again.",
	Pay:              func(amount string) string { return "Pay " + amount },
	OrderAt:          func(shop string) string { return "Order at " + shop },
	PaymentSummary:   func(shop string) string { return "Your payment at " + shop + "." },
	TestChoices: map[orbit.TestChoice]string{orbit.TestSucceed: "Succeed", orbit.TestFail: "Fail",
		orbit.TestPendingSucceed: "Pending, then succeed", orbit.TestPendingFail: "Pending, then fail",
		orbit.TestNeverReturn: "Never return", orbit.TestTwice: "Pay twice"},

	OpeningSoon: "Opening soon", BackToList: "Back to the list", ListEnded: "The list has fewer pages.",
	NothingHere: "There is nothing at this address.",
	Crowded:     "This shop is very busy right now. Please try again in a few seconds.",
	OpensSoon:   func(shop string) string { return shop + " opens soon." },
	ErrorTitle:  "Something went wrong",
	ErrorTitles: map[int]string{400: "Bad request", 401: "Please sign in", 403: "Not allowed", 404: "Page not found",
		405: "Not allowed here", 409: "This can't be done now", 410: "This link has expired",
		413: "Too large", 415: "Unsupported format", 422: "Please fix the errors below", 429: "Too many requests",
		503: "Back in a moment"},
	ErrorSentences: map[int]string{400: badRequest, 405: badRequest, 413: badRequest, 415: badRequest,
		500: "Something went wrong on our side. We've logged the error. Please try again."},

	voices: map[Mood]*Voice{Bold: &englishBold, Heritage: &englishHeritage, Quiet: &englishQuiet},
}

var englishBold = Voice{
	Featured: "Featured", CollectionsHeading: "Collections", Related: "You may also like",
	NoProducts:      "The first products are on their way",
	NoProductsText:  "There is nothing to show here yet. Come back soon.",
	EmptyCollection: "Nothing here yet", EmptyCollectionText: "This collection has no products at the moment.",
	EmptyCartText: "Items you add stay here for thirty days.", ShopAll: "Shop all products", ToCheckout: "Checkout",
	Contact: "Contact", Address: "Delivery address", Order: "Summary", Bought: "What you bought",
	BackToShop: "Back to the shop",
}

var englishHeritage = Voice{
	Featured: "Products", CollectionsHeading: "Shop by department", Related: "From the same shelf",
	NoProducts:      "Our shelves are being filled",
	NoProductsText:  "There is nothing to show here yet. Please come back soon.",
	EmptyCollection: "Nothing on this shelf yet", EmptyCollectionText: "This department has no products at the moment.",
	EmptyCartText: "Items you add stay here for thirty days.", ShopAll: "View the catalog",
	ToCheckout: "Proceed to checkout", Contact: "Your details", Address: "Delivery address", Order: "Your order",
	Bought: "Your order", BackToShop: "Return to the shop",
}

var englishQuiet = Voice{
	CollectionsHeading: "Index", Related: "Next", NoProductsText: "Nothing here yet. Soon.",
	EmptyCollectionText: "Nothing here yet.", ShopAll: "See everything", ToCheckout: "Checkout", Contact: "Contact",
	Address: "Address", Order: "Summary", BackToShop: "Back",
}

const badRequest = "We couldn't process this request. Go back and try again."

// plural returns a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
