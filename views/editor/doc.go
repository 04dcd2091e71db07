// Package editor is the form of a theme's settings with the theme beside it, for those who change one: admins for all
// shops, merchants for their own. It knows neither of them.
package editor
