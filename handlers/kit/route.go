package kit

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// routeKey holds the pattern of the route that answered a request: for counting, where a path would never do.
type routeKey struct{}

// Unmatched is the pattern of requests for which there is no route, or that were refused before one was looked for.
const Unmatched = "unmatched"

// named notes which of an audience's routes a request came to.
func named(c *fiber.Ctx) error {
	err := c.Next()
	NoteRoute(c, err)
	return err
}

// NoteRoute is for apps that aren't made by App: it goes behind c.Next.
func NoteRoute(c *fiber.Ctx, err error) {
	// Fiber's own errors are of its search for a route: 404 and 405. Ours are of a handler that was found.
	if _, lost := errors.AsType[*fiber.Error](err); !lost {
		NameRoute(c.Context().SetUserValue, c.Route().Path)
	}
}

// NameRoute is for answers that no route of Fiber's gives. The pattern must be one of few.
func NameRoute(set func(key, value any), pattern string) { set(routeKey{}, pattern) }

// Route is the pattern of the route that answered.
func Route(c *fiber.Ctx) string {
	if pattern, ok := c.Context().UserValue(routeKey{}).(string); ok {
		return pattern
	}
	return Unmatched
}

// LogPath is a request's path as the log may have it: one-time links, orders and previews carry secrets in theirs.
// All that is longer than an id is left out, which a secret of this platform is (43 characters).
func LogPath(path string) string {
	if len(path) <= longestID {
		return path
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if len(s) > longestID {
			segments[i] = "…"
		}
	}
	return strings.Join(segments, "/")
}

// longestID is the length of an id as text, a UUID.
const longestID = 36
