// Package minimal draws Upfront Minimal: pictures from edge to edge, small type, one column and
// silence around them. It knows the theme contract and nothing else.
package minimal
