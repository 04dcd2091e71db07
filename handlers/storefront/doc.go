// Package storefront answers for the shops: it finds the shop that a host belongs to, reads
// what a page shows through that merchant's scope, and has the shop's engine draw it.
package storefront
