// Package admin is the pages of the people who run the platform: merchants, activation, progress, themes, plans,
// emails, audit. Values in, HTML out: it knows orbit's words and the parts of views/ui, and neither HTTP nor the
// database.
//
// A page takes a Frame, which is the same for all of them, and a small struct of its own. What a stream renews
// (MerchantRow, RunPanel) is the same component that the page was first drawn with.
package admin
