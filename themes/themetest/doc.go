// Package themetest is the suite that every storefront engine passes, and the shops it is shown:
// an ordinary one, an empty one, one with long names, one written from right to left, one full of
// hostile text. Engines call Run from a test of their own.
package themetest
