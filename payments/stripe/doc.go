// Package stripe takes payments through Stripe: hosted Checkout Sessions, refunds and signed events, by the few calls
// that this takes. It speaks HTTP and knows orbit; it doesn't know the database, pages or other providers.
package stripe
