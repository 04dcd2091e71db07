// Package ui is the parts that every admin, dashboard and public page is made of, each named once. Values in, HTML out:
// it knows no audience, no HTTP, and not where its data comes from.
//
// The pages' CSP allows no inline script, no inline style and no eval. So no style attributes (classes, data-
// attributes, SVG presentation attributes instead), no on… or hx-on attributes, no hx-vals or hx-headers starting
// "js:", and no hx-trigger filters in [brackets]. TestPagesKeepTheCSP and TestEveryPage show how to check a page.
// hx-csp is not loaded: it gates on nonces, and blocks all of htmx on pages without one in their CSP.
//
// How forms, dialogs and streams work stands at Form, Dialog and Stream; layout classes (.stack, .row, .grid) are in
// static/css/base.css.
package ui
