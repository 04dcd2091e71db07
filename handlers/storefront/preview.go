package storefront

import (
	"context"
	"html"
	"net/url"
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

// A preview speaks the dashboard's language: who sees one has its link from there.
var errPreviewOnly = orbit.Errorf(orbit.Forbidden, "This is a preview. Checkout is off.")

// preview shows the shop to everyone who holds a signed link, open or not, as it is or in a draft. Every link of such a
// page leads on within the preview: the address alone says what is seen, so two tabs can show two drafts, and no
// cookie tells anybody else's page from it. What isn't part of a preview is refused by view.
func (r *routes) preview(c *fiber.Ctx) error {
	token := strings.Clone(c.Query(kit.PreviewQuery))
	if token == "" {
		return c.Next()
	}
	// The answer, even a refusal, is for this person alone.
	c.Context().SetUserValue(previewKey{}, true)
	r.framed(c)
	release, err := r.draft(c, token)
	if err != nil {
		c.Context().RemoveUserValue(previewKey{})
		private(c)
		return err
	}
	here := shopOf(c)
	here.Release = release
	Put(c.Context().SetUserValue, here)
	if method := c.Method(); method != fiber.MethodGet && method != fiber.MethodHead {
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
func (r *routes) framed(c *fiber.Ctx) {
	c.Response().Header.Del(fiber.HeaderXFrameOptions) // it can't name who may
	c.Set(fiber.HeaderContentSecurityPolicy, strings.NewReplacer("'self'", "'self' "+r.Addresses.Host(shopOf(c).Host),
		"frame-ancestors 'none'", "frame-ancestors "+r.Addresses.Dashboard("")).Replace(contentSecurityPolicy))
}

// draft finds what a token lets its holder see of this shop: a draft, or the shop as it is.
func (r *routes) draft(c *fiber.Ctx, token string) (orbit.Release, error) {
	p, err := r.OpenPreview(token, time.Now())
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
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	leave, err := r.enter(ctx, here, looking)
	if err != nil {
		return orbit.Release{}, err
	}
	defer leave()
	var release orbit.Release
	err = shop.For(r.DB, here.Merchant.ID).Do(ctx, func(t *shop.Tenant) (err error) {
		release, err = t.Draft(ctx, p.Draft)
		return err
	})
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.Errorf(orbit.Forbidden, "This preview has expired. Ask for a new link.")
	}
	return release, err
}

// private keeps an answer out of every cache and every index.
func private(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Response().Header.Del(fiber.HeaderETag)
}

// within returns an address of the shop inside the preview.
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

func banner(here orbit.Shop) string {
	words := "Preview. This version isn't published, and checkout is off."
	if here.Release.ID == here.Merchant.ReleaseID {
		words = "Preview of the published shop. Checkout is off."
		if !here.Merchant.Live() {
			words = "Preview. Your shop isn't open yet. Visitors see the “Opening soon” page."
		}
	}
	return `<aside class="orbit-preview" aria-label="Preview">` + words + `</aside>`
}
