// Package classic draws Upfront Classic: a traditional shop with a utility bar, serif headings,
// category navigation, a sidebar, price badges, breadcrumbs, a dense grid and a rich footer.
// It knows the theme contract and nothing else.
package classic
