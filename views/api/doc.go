// Package api is the page that documents the JSON API: drawn from the OpenAPI document by the server,
// readable without scripts and without any other host. It knows no database and no Fiber.
package api
