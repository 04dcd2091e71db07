// Package static holds what browsers fetch besides pages: one stylesheet, scripts, icons and fonts, all embedded.
// Path gives the URL of a file by its name, with a hash of its content in it, so that every answer may be cached for
// ever; Open gives the content behind such a URL, gzipped beforehand where that is smaller.
//
// app.css is the files of css/, joined in the order of their names: 00 layers, 10 reset, 20 tokens, 30 base, 40-49
// parts, 90-99 pages. Pages add css/90-<room>.css with everything in @layer pages. app.js is htmx, its extensions and
// js/app.js, joined. No build step: what is in the files is served. The package knows nothing of HTTP or of the
// pages.
package static
