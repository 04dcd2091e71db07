// Package editor is the form of a theme's settings with the theme beside it, for whoever changes one: admins for all
// shops, merchants for their own. It knows neither of them.
package editor
