package dashboard

import "orbit360.app/orbit"

// Route is a line of the list of routes.
type Route struct {
	Method, Path string
	Permission   orbit.Permission
}

// Routes returns all routes of a shop.
func Routes() (all []Route) {
	for _, one := range (routes{}).list() {
		all = append(all, Route{one.method, one.path, one.permission})
	}
	return all
}
