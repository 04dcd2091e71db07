package kit

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// canonical redirects another form of a page's address to the one that links write: no slash at the end and none
// twice, the letters of routes and handles small, escaped what must be and nothing else. So a page has one address
// for caches, for search engines and for the policies of browsers. Where a browser goes to a page, what a form without
// scripts sends of its empty fields goes from the query; programs, streams and sockets get what they asked for. routes
// are the app's, which are all there by the first request.
func canonical(app *fiber.App) fiber.Handler {
	routes := sync.OnceValue(func() map[string][]pattern {
		all := map[string][]pattern{}
		for _, r := range app.GetRoutes(true) {
			all[r.Method] = append(all[r.Method], strings.Split(strings.Trim(r.Path, "/"), "/"))
		}
		return all
	})
	return func(c *fiber.Ctx) error {
		method := c.Method()
		if method == fiber.MethodHead {
			method = fiber.MethodGet
		}
		_, sent, asked := strings.Cut(c.OriginalURL(), "?")
		query := sent
		if method == fiber.MethodGet && strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML) {
			query = withoutEmpty(sent)
		}
		if plainPath(c.Path()) && query == sent {
			return c.Next()
		}
		path, ok := canonicalPath(routes()[method], c.Path())
		if !ok || path == c.Path() && query == sent {
			return c.Next()
		}
		if asked && (query != "" || sent == "") {
			path += "?" + query
		}
		// an address may hold a token, and what is one today may be another tomorrow
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Redirect(path, fiber.StatusPermanentRedirect)
	}
}

// withoutEmpty is a query without the parameters that are nothing: "q=&plan=starter" asks for what "plan=starter" does.
func withoutEmpty(query string) string {
	if !strings.Contains(query, "=") {
		return query
	}
	return strings.Join(slices.DeleteFunc(strings.Split(query, "&"), func(parameter string) bool {
		_, value, ok := strings.Cut(parameter, "=")
		plain, err := url.QueryUnescape(value)
		return ok && err == nil && strings.TrimSpace(plain) == ""
	}), "&")
}

// plainPath reports whether a path can only be the canonical one: most are, and a glance is enough.
func plainPath(path string) bool {
	for i := range len(path) {
		switch b := path[i]; {
		case b == '/' && i > 0 && (path[i-1] == '/' || i == len(path)-1):
			return false
		case b == '/' || ('a' <= b && b <= 'z') || ('0' <= b && b <= '9') || b == '-' || b == '_' || b == '~':
		case b == '.' && i > 0 && path[i-1] != '/':
		default:
			return false
		}
	}
	return true
}

// pattern is a route's path by its segments.
type pattern []string

// canonicalPath is the form of a path that the first of the routes that it fits would have; false where it fits none,
// or has parts that no link has.
func canonicalPath(routes []pattern, path string) (string, bool) {
	var segments []string
	for segment := range strings.SplitSeq(path, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "." || plain == ".." {
			return "", false
		}
		if plain != "" {
			segments = append(segments, plain)
		}
	}
	for _, route := range routes {
		if out, ok := route.canonical(segments); ok {
			return out, out != ""
		}
	}
	return "", false
}

// canonical writes segments as the route's links do; false where they don't fit. "" is a part of the address space
// that is another program's.
func (p pattern) canonical(segments []string) (string, bool) {
	var out strings.Builder
	constant := true
	for i, name := range p {
		switch {
		case name == "*":
			if constant {
				return "", true
			}
			if len(segments) == i {
				return "", false
			}
			for _, s := range segments[i:] {
				out.WriteString("/" + url.PathEscape(s))
			}
			return out.String(), true
		case name == "" && len(segments) == 0:
			return "/", true
		case i >= len(segments):
			return "", false
		case strings.Contains(name, ":"):
			if before, after := around(name); !strings.HasPrefix(segments[i], before) || !strings.HasSuffix(segments[i], after) {
				return "", false
			}
			constant = false
			out.WriteString("/" + url.PathEscape(canonicalValue(name, segments[i])))
		case strings.EqualFold(name, segments[i]):
			out.WriteString("/" + name)
		default:
			return "", false
		}
	}
	return out.String(), len(segments) == len(p)
}

// around is what a route has before and behind its parameter in one segment: theme.:hash.css.
func around(name string) (before, after string) {
	before, name, _ = strings.Cut(name, ":")
	if i := strings.IndexByte(name, '.'); i >= 0 {
		after = name[i:]
	}
	return before, after
}

// canonicalValue is a parameter's value as links write it: handles and slugs are small, and so are ids. Tokens are as
// they are.
func canonicalValue(name, value string) string {
	if name == ":handle" || name == ":theme" {
		return strings.ToLower(value)
	}
	if id, err := uuid.Parse(value); err == nil && len(value) == len(id.String()) {
		return id.String()
	}
	return value
}
