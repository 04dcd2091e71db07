// Package api answers with JSON under /api: signing in, merchants, their activation and progress, themes
// and plans, and the OpenAPI document that describes it all. It holds no rule of its own about any of
// them: those are package orbit's, and what pages and programs do alike is package kit's.
// Callers are known by their Authorization header alone; cookies mean nothing here, so no page of another
// site can act in a person's name.
package api
