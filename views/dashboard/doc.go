// Package dashboard is the pages of people who run shops: their shops, and one shop's first page with its state, its plan
// and the list of what is still to do. Values in, HTML out.
package dashboard
