// Package fake plays the providers of payments at their HTTP boundary, for tests: with state, and at least as strict
// as they are. stripe*.go is Stripe, paypal*.go is PayPal; the rest is what both are made of: Clock, Faults, Exchange
// (idempotency keys), Sender (events) and Ledger (what tests count). It knows orbit, and nothing of the program.
package fake
