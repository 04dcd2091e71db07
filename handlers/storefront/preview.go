package storefront

import (
	"context"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/store/shop"
)

// previewKey holds that a request is a preview's.
type previewKey struct{}

func previewing(c *fiber.Ctx) bool { return c.Context().UserValue(previewKey{}) != nil }

var errPreviewOnly = orbit.Errorf(orbit.Forbidden, "This is a preview: nothing can be bought in it.")

// preview shows the shop to whoever holds a signed link, open or not, as it is or in a draft. Every link of such a
// page leads on within the preview: the address alone says what is seen, so two tabs can show two drafts, and no
// cookie tells anybody else's page from it.
func (s *Storefront) preview(c *fiber.Ctx) error {
	token := strings.Clone(c.Query(kit.PreviewQuery))
	if token == "" {
		return c.Next()
	}
	// Whatever comes of it, it is for this person alone.
	c.Context().SetUserValue(previewKey{}, true)
	s.framed(c)
	release, err := s.enter(c, token)
	if err != nil {
		c.Context().RemoveUserValue(previewKey{})
		private(c)
		return err
	}
	here := shopOf(c)
	here.Release = release
	Put(c.Context().SetUserValue, here)
	if method := c.Method(); method != fiber.MethodGet && method != fiber.MethodHead ||
		slices.Contains([]string{"cart", "checkout", "orders"}, strings.SplitN(c.Path(), "/", 3)[1]) {
		err = errPreviewOnly
	} else {
		err = c.Next()
	}
	if err != nil {
		// The error page is a page of the preview too: its links must stay in it.
		if err := c.App().ErrorHandler(c, err); err != nil {
			return err
		}
	}
	private(c)
	if strings.HasPrefix(string(c.Response().Header.ContentType()), fiber.MIMETextHTML) {
		c.Context().SetBody(kit.Rewrite{
			Address: func(path string) string { return within(path, token) },
			Field:   `<input type="hidden" name="` + kit.PreviewQuery + `" value="` + html.EscapeString(token) + `">`,
			Head: `<link rel="stylesheet" href="` + static.Path("themes/preview.css") + `"><script defer src="` +
				static.Path("preview.js") + `"></script>`,
			Body: banner(here),
		}.HTML(c.Response().Body()))
	}
	return nil
}

// framed lets the dashboard, and nobody else, show an answer beside its form. The frame there has no origin of its
// own (its sandbox), and Safari takes 'self' for that: the shop's host is named besides.
func (s *Storefront) framed(c *fiber.Ctx) {
	c.Response().Header.Del(fiber.HeaderXFrameOptions) // it can't name who may
	c.Set(fiber.HeaderContentSecurityPolicy, strings.NewReplacer("'self'", "'self' "+s.Addresses.Host(shopOf(c).Host),
		"frame-ancestors 'none'", "frame-ancestors "+s.Addresses.Dashboard("")).Replace(contentSecurityPolicy))
}

// enter finds what a token lets its holder see of this shop.
func (s *Storefront) enter(c *fiber.Ctx, token string) (orbit.Release, error) {
	p, err := s.OpenPreview(token, time.Now())
	here := shopOf(c)
	if err != nil || p.Merchant != here.Merchant.ID {
		if orbit.CodeOf(err) == orbit.Forbidden && p.Merchant == here.Merchant.ID {
			return orbit.Release{}, err
		}
		return orbit.Release{}, orbit.Missing()
	}
	if p.Draft.IsZero() {
		return here.Release, nil
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), 10*time.Second)
	defer cancel()
	var release orbit.Release
	err = shop.For(s.DB, here.Merchant.ID).Do(ctx, func(t *shop.Tenant) (err error) {
		release, err = t.Draft(ctx, p.Draft)
		return err
	})
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.Errorf(orbit.Forbidden, "This preview has expired. Open it again from the dashboard.")
	}
	return release, err
}

// private keeps an answer out of every cache and every index.
func private(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Response().Header.Del(fiber.HeaderETag)
}

// within is an address of the shop inside the preview.
func within(address, token string) string {
	rest, fragment, hasFragment := strings.Cut(address, "#")
	path, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set(kit.PreviewQuery, token)
	out := path + "?" + values.Encode()
	if hasFragment {
		out += "#" + fragment
	}
	return out
}

func banner(here shop.Shop) string {
	words := "Preview: what you see isn’t published, and nothing can be bought."
	if here.Release.ID == here.Merchant.ReleaseID {
		words = "Preview of the shop as it is. Nothing can be bought here."
		if !here.Merchant.Live() {
			words = "Preview: the shop isn’t open yet. Visitors see the “Opening soon” page."
		}
	}
	return `<aside class="orbit-preview" aria-label="Preview">` + words + `</aside>`
}
