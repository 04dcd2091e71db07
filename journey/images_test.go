package journey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// TestThemeImages is a merchant's way to a logo and a large image of their own: uploaded, chosen in the editor,
// published; one that the shop shows can't be deleted, one that it no longer shows can. The second half works
// without scripts.
func TestThemeImages(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	welcome := p.Welcome(c, "modern@example.com")
	photos := photographs(t)

	b := browsertest.New(t, browsertest.OneProcess())
	p.MoveIn(b, welcome)
	b.Press("Online store")
	b.Until(`!!document.querySelector('form#theme')`)
	editor := b.Location()
	b.Press("Images")
	b.See("Your logo and theme images")
	b.Shot("none")
	b.Upload(`input[name=image]`, photos[:2]...)
	b.Until(`document.querySelectorAll('.prod-image[data-status=ready] img').length === 2
		&& [...document.querySelectorAll('.prod-image img')].every(i => i.complete && i.naturalWidth > 0)`)
	b.Look("images")
	list := b.Location()
	// A limit of less than the platform's own, as a proxy in front may have: here that of addresses without a ticket.
	big := filepath.Join(t.TempDir(), "big.jpg")
	if err := os.WriteFile(big, make([]byte, 2<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	b.On(`document.querySelector("input[name=image]").form`, `e.action = "/somewhere-else"`)
	b.Upload(`input[name=image]`, big)
	b.See("the platform's own limit is 10 MB")

	b.Open(editor)
	b.Until(`document.querySelectorAll('.pick').length === 4`)
	b.On(`document`, `e.querySelectorAll("details.settings-group").forEach(d => { d.open = true })`)
	row := func(name string) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".picks")].find(r => r.querySelector("input").name === %q)`, name)
	}
	pick := func(setting string, n int) string {
		b.On(row("config."+setting), fmt.Sprintf(`e.querySelectorAll(".pick")[%d].click()`, n))
		return browsertest.Eval[string](b, row("config."+setting)+`.querySelector("input").value`)
	}
	logo, hero := pick("logo", 0), pick("hero_image", 1)
	if !strings.HasPrefix(logo, "/media/") {
		t.Errorf("the logo is %q, which isn't an upload", logo)
	}
	if !strings.HasSuffix(hero, ".webp") {
		t.Errorf("the hero image is %q, which isn't a WebP", hero)
	}
	if logo == hero {
		t.Fatalf("logo and hero image are the same, %q", logo)
	}
	b.Until(`document.querySelectorAll('.pick[aria-pressed=true]').length === 2`)
	b.UntilInFrame(fmt.Sprintf(`[...document.querySelectorAll('img')].some(i => i.src.endsWith(%q) && i.naturalWidth > 0)`,
		logo))
	b.Look("editor")
	b.Press("Publish")
	b.See("Version 2 is live")
	b.Open(p.URL("modern", "/"))
	for _, path := range []string{logo, hero} {
		b.Until(fmt.Sprintf(
			`[...document.querySelectorAll('img')].some(i => i.src.endsWith(%q) && i.complete && i.naturalWidth > 0)`, path))
	}
	b.Look("shop")

	plain := browsertest.New(t, browsertest.Scripts(false))
	p.ComeBack(plain, "modern@example.com")
	ask := func(image string) {
		plain.Open(list)
		plain.On(
			fmt.Sprintf(`[...document.querySelectorAll(".prod-image")].find(i => i.querySelector("img").src.includes(%q))`,
				strings.Split(image, "-")[0]), `e.querySelector('a[href$="/deletion/new"]').click()`)
	}
	ask(hero)
	plain.See("theme shows")
	plain.Look("refused")
	plain.Open(editor)
	plain.On(row("config.hero_image"),
		`e.closest("details").open = true; [...e.querySelectorAll("button")].find(b => b.textContent === "No image").click()`)
	plain.Until(
		`document.querySelector('input[name="config.hero_image"]').value === ''
			&& document.querySelector('input[name="config.logo"]').value !== ''`)
	plain.Press("Publish")
	plain.See("Version 3 is live")
	ask(hero)
	plain.See("Delete this image?")
	plain.See("Version 2 uses this image")
	plain.Press("Delete")
	plain.See("Image deleted")
	if left := browsertest.Eval[int](plain, `document.querySelectorAll('.prod-image').length`); left != 1 {
		t.Errorf("%d images are left", left)
	}
	ask(logo) // which an older release shows too
	plain.See("theme shows")
	if body, _ := c.Must(200, "modern", "/"); !strings.Contains(body, logo) || strings.Contains(body, hero) {
		t.Error("the shop shows what it shouldn't")
	}
}
