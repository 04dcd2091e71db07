package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Widths of pages that are looked at, in CSS pixels: a desk's and a hand's.
const (
	Wide   = 1440
	Narrow = 390
)

// Resize makes the window this wide, and as high as its kind is.
func (b *Browser) Resize(width int64) {
	b.t.Helper()
	height := int64(900)
	if width < 768 {
		height = 844
	}
	b.Do(chromedp.EmulateViewport(width, height))
}

// Scheme is "light" or "dark", as a person prefers.
func (b *Browser) Scheme(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

// Fits fails where the page is wider than its window, and keeps an image of it.
func (b *Browser) Fits(name string) {
	b.t.Helper()
	if over := Eval[float64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.t.Errorf("%s at %s is %g px too wide", name, b.Location(), over)
	}
	b.Shot(name)
}

// Look has the page fit at both widths, and keeps images of it in both schemes. The window is wide afterwards.
func (b *Browser) Look(name string) { b.t.Helper(); b.look(name, b.Fits) }

// WindowLook keeps images of what the window shows at both widths and in both schemes.
func (b *Browser) WindowLook(name string) { b.t.Helper(); b.look(name, b.WindowShot) }

func (b *Browser) look(name string, at func(name string)) {
	b.t.Helper()
	for _, width := range []int64{Narrow, Wide} {
		b.Resize(width)
		if os.Getenv("SHOTS") == "" {
			at(name)
			continue
		}
		for _, scheme := range []string{"dark", "light"} {
			b.Scheme(scheme)
			time.Sleep(300 * time.Millisecond) // colors change slowly; nobody but a person looks at this
			at(fmt.Sprintf("%s-%d-%s", name, width, scheme))
		}
	}
}

// Shot keeps an image of the whole page where SHOTS names a folder, under the test's name and this one.
func (b *Browser) Shot(name string) { b.t.Helper(); b.keep(name, chromedp.FullScreenshot(100)) }

// WindowShot keeps an image of what the window shows: a dialog, say, over its page.
func (b *Browser) WindowShot(name string) { b.t.Helper(); b.keep(name, chromedp.CaptureScreenshot()) }

func (b *Browser) keep(name string, shot chromedp.Action[[]byte]) {
	b.t.Helper()
	if os.Getenv("SHOTS") == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, shot)
	if err != nil {
		b.t.Log(err) // the test is about something else
		return
	}
	b.file(name+".png", png)
}

// file keeps what a test has made where SHOTS names a folder.
func (b *Browser) file(name string, content []byte) {
	b.t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(b.t.Name()+"-"+name, "/", "-")), content, 0o644)
	}
	if err != nil {
		b.t.Log(err)
	}
}

// onePage matches a page in what Chromium prints as PDF.
var onePage = regexp.MustCompile(`/Type\s*/Page\b`)

// Paper prints the page on paper of a size in inches, and returns how many pages that takes. The PDF is kept like an
// image.
func (b *Browser) Paper(name string, width, height float64) int {
	b.t.Helper()
	css := false
	pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: width, PaperHeight: height, PreferCSSPageSize: &css})
	b.file(name+".pdf", pdf.Data)
	return len(onePage.FindAll(pdf.Data, -1))
}

// Printed has the page styled as on paper from now on.
func (b *Browser) Printed() {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
}
