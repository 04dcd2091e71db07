// Package orbit is the language of the platform: merchants, plans, themes, runs, steps, shops, and the rules about
// them. It does no I/O and knows no database, no HTTP and no HTML, so that every other floor can speak in its words.
//
// A file has the name of its noun, here and in store and store/shop. What crosses a room is here, and so are the read
// models that store fills for others: XRow is one line of a list, XSheet all of one page. What a method of store is
// handed or answers about its own work (a filter, a place in a list, a claimed key, a taken run) is beside the method.
package orbit
