// Package static holds what browsers fetch besides pages: one stylesheet, scripts, icons and fonts, all embedded.
// Path returns the URL of a file by its name, with a hash of its content in it, so that every answer may be cached
// forever; Open returns the content behind such a URL, gzipped beforehand where that is smaller.
//
// app.css is the files of css/, each named after what it styles, joined in the order of sheets. app.js is htmx, its
// extensions and the files of scripts, joined: what every page of the platform loads. The other files of js/ are loaded
// by what uses them. No build step: what is in the files is served.
// The package knows nothing of HTTP or of the pages.
package static
