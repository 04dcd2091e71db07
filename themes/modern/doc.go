// Package modern draws Upfront Modern: clean and airy, confident type, a full-bleed hero, rounded
// cards and a header that stays. It knows the theme contract and nothing else.
package modern
