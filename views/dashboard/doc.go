// Package dashboard is the pages of people who run shops: their shops, one shop's first page with its state, its plan
// and the list of what is still to do, and its orders. Values in, HTML out.
package dashboard
