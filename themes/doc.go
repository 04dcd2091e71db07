// Package themes is the contract between a shop and the engines that draw it: values in,
// templ components out. Engines live in folders below, each made of a Base, which draws the pages
// that engines have in common (pages.templ). An engine does no I/O and knows no database, no HTTP
// and no clock; all that it shows is in the values it is given.
package themes
