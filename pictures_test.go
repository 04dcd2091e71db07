package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestThemePictures is a merchant's way to a logo and a large picture of their own: uploaded, chosen in the editor, published; one that the
// shop shows can't be deleted, one that it doesn't show any more can. The second half works without scripts.
func TestThemePictures(t *testing.T) {
	t.Parallel()
	p := install(t)
	p.start()
	c := p.client()
	c.signIn()
	p.openShop(c, "modern")
	welcome := p.welcome(c, "modern@example.com")
	photos := photographs(t)

	b := openBrowser(t, true, chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-features", "SitePerProcess,IsolateOrigins")) // inFrame looks into another host's page
	b.open(p.url("dashboard", welcome))
	b.fill("Password", "a long enough password")
	b.fill("Repeat password", "a long enough password")
	b.press("Set password")
	b.press("Theme")
	b.until("the editor", `!!document.querySelector('form#theme')`)
	editor := b.location()
	b.press("Pictures")
	b.see("Your logo and the large pictures")
	b.shot("none")
	b.do(chromedp.SetUploadFiles(`input[name=picture]`, photos[:2]))
	b.until("two pictures", `document.querySelectorAll('.prod-picture[data-status=ready] img').length === 2 && [...document.querySelectorAll('.prod-picture img')].every(i => i.complete && i.naturalWidth > 0)`)
	b.look("pictures")
	list := b.location()

	b.open(editor)
	b.until("what can be picked", `document.querySelectorAll('.pick').length === 4`)
	eval[bool](b, `document.querySelectorAll('details.settings-group').forEach(d => d.open = true) || true`)
	pick := func(setting string, n int) string {
		return eval[string](b, fmt.Sprintf(`(() => { const row = [...document.querySelectorAll('.picks')].find(r => r.querySelector('input').name === 'config.%s'); row.querySelectorAll('.pick')[%d].click(); return row.querySelector('input').value })()`, setting, n))
	}
	logo, hero := pick("logo", 0), pick("hero_image", 1)
	if !strings.HasPrefix(logo, "/media/") || !strings.HasSuffix(hero, ".webp") || logo == hero {
		t.Fatal(logo, hero)
	}
	b.until("the choice to show", `document.querySelectorAll('.pick[aria-pressed=true]').length === 2`)
	b.inFrame("the logo in the preview", fmt.Sprintf(`[...document.querySelectorAll('img')].some(i => i.src.endsWith(%q) && i.naturalWidth > 0)`, logo))
	b.look("editor")
	b.press("Publish")
	b.see("Release 2 is public")
	b.open(p.url("modern", "/"))
	for _, path := range []string{logo, hero} {
		b.until("the picture "+path, fmt.Sprintf(`[...document.querySelectorAll('img')].some(i => i.src.endsWith(%q) && i.complete && i.naturalWidth > 0)`, path))
	}
	b.look("shop")

	plain := openBrowser(t, false)
	plain.open(p.url("dashboard", "/sign-in"))
	plain.fill("Email", "modern@example.com")
	plain.fill("Password", "a long enough password")
	plain.press("Sign in")
	plain.see("Get your shop ready")
	ask := func() {
		plain.open(list)
		eval[bool](plain, fmt.Sprintf(`(() => { const item = [...document.querySelectorAll('.prod-picture')].find(i => i.querySelector('img').src.includes(%q)); item.querySelector('a[href$="/deletion/new"]').click(); return true })()`, strings.Split(hero, "-")[0]))
	}
	ask()
	plain.see("theme shows")
	plain.look("refused")
	plain.open(editor)
	eval[bool](plain, `(() => { const row = [...document.querySelectorAll('.picks')].find(r => r.querySelector('input').name === 'config.hero_image'); row.closest('details').open = true; [...row.querySelectorAll('button')].find(b => b.textContent === 'No picture').click(); return true })()`)
	plain.until("no picture", `document.querySelector('input[name="config.hero_image"]').value === '' && document.querySelector('input[name="config.logo"]').value !== ''`)
	plain.press("Publish")
	plain.see("Release 3 is public")
	ask()
	plain.see("Delete this picture?")
	plain.press("Delete")
	plain.see("The picture is deleted")
	if left := eval[int](plain, `document.querySelectorAll('.prod-picture').length`); left != 1 {
		t.Errorf("%d pictures are left", left)
	}
	if body, _ := c.must(200, "modern", "/"); !strings.Contains(body, logo) || strings.Contains(body, hero) {
		t.Error("the shop shows what it shouldn't")
	}
}
