// Package minimal draws Upfront Minimal: images from edge to edge, small type, one column and
// silence around them. It knows the theme contract and nothing else.
package minimal
