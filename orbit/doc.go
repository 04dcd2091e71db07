// Package orbit is the language of the platform: merchants, plans, themes, runs,
// steps, shops, and the rules about them. It does no I/O and knows no database,
// no HTTP and no HTML, so that every other floor can speak in its words.
package orbit
