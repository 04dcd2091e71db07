// Package paypal takes money through PayPal: Orders v2 over net/http, and its messages, verified without asking PayPal
// about each. An order at PayPal is a payment here, and PayPal charges nobody before the order is captured, which only
// State does. It knows no database, no pages and no other provider.
package paypal
