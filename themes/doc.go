// Package themes is the contract between a shop and the engines that draw it: values in,
// templ components out. Engines live in folders below. An engine does no I/O and knows no
// database, no HTTP and no clock; whatever it shows is in the values it is given.
package themes
