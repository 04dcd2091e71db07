// Package pages keeps the pages of shops that are open, drawn once per version of a shop's content, and answers
// with them before anything else of the program is asked. It knows neither who draws a page nor what is on it: only
// which addresses are the same for everybody, and which shop a host belongs to.
package pages
