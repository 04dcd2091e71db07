package dashboard_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// importFile sends a file as the page of a new import does, and returns the import's page, as far as its check is.
func (w *world) importFile(cookie string, m orbit.MerchantID, file string, fields url.Values) (at string) {
	w.Helper()
	_, page := w.get(cookie, w.home(m)+"/imports/new")
	form := page.Find("#import")
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	_ = parts.WriteField("id", form.Find(`[name="id"]`).AttrOr("value", ""))
	for name := range fields {
		_ = parts.WriteField(name, fields.Get(name))
	}
	part, _ := parts.CreateFormFile("file", "products.csv")
	_, _ = io.WriteString(part, file)
	_ = parts.Close()
	r := httptest.NewRequest(http.MethodPost, form.AttrOr("action", ""), &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Origin", "https://dashboard.orbit360.app")
	res, page := w.send(cookie, r)
	if res.StatusCode != 303 {
		w.Fatal(res.StatusCode, page.Find("main").Text())
	}
	return res.Header.Get("Location")
}

// waits reads a page until something is there, and returns it.
func (w *world) waits(cookie, at, selector string) *goquery.Document {
	w.Helper()
	for began := time.Now(); ; time.Sleep(30 * time.Millisecond) {
		_, page := w.get(cookie, at)
		if page.Find(selector).Length() > 0 {
			return page
		}
		if time.Since(began) > 30*time.Second {
			w.Fatalf("%s: no %s in %s", at, selector, page.Find("main").Text())
		}
	}
}

// exported returns the shop's products as a file.
func (w *world) exported(cookie string, m orbit.MerchantID, form orbit.ColumnForm) string {
	w.Helper()
	r := httptest.NewRequest(http.MethodGet, w.home(m)+"/products/export.csv?columns="+string(form), nil)
	res, _ := w.send(cookie, r)
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		w.Fatal(res.StatusCode, err)
	}
	return string(data)
}

// TestImport goes the whole way: a file with faults is checked, its faults are listed by line, what is good is
// imported, images come from their hosts, and undoing leaves the shop as it was.
func TestImport(t *testing.T) {
	t.Parallel()
	w := begin(t)
	var mark bytes.Buffer
	if err := png.Encode(&mark, image.NewRGBA(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(http.HandlerFunc(func(a http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "missing.jpg") {
			http.NotFound(a, r)
			return
		}
		_, _ = a.Write(mark.Bytes())
	}))
	t.Cleanup(host.Close)
	before := w.exported(w.ada, w.moss, orbit.NewColumns)
	const header = "Handle,Title,Vendor,Status,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty," +
		"Variant Inventory Tracker,Image Src,Variant Image,Care\n"
	file := header +
		"boot,Boot,Fjell,active,Size,38,120,4,shopify,IMG/a.jpg,,Grease\n" +
		"boot,,,,,39,120,x,shopify,,,\n" +
		"sock,Sock,Fjell,active,Size,S,9.50,10,shopify,IMG/a.jpg,,Wash at 40 °C\n" +
		"sock,,,,,M,9.50,20,shopify,IMG/missing.jpg,IMG/a.jpg,\n"
	at := w.importFile(w.ada, w.moss, strings.ReplaceAll(file, "IMG", host.URL), nil)
	page := w.waits(w.ada, at, `#import-now[data-status="checked"]`)
	if text := page.Find("#import-state").Text(); !strings.Contains(text, "1 product") ||
		page.Find("#faults tbody tr").Length() != 1 ||
		!strings.Contains(page.Find("#faults tbody").Text(), "Variant Inventory Qty") ||
		!strings.Contains(page.Find("#import-columns").Text(), "Care") {
		t.Fatal(page.Find("main").Text())
	}
	if w.exported(w.ada, w.moss, orbit.NewColumns) != before {
		t.Fatal("the check changed something")
	}
	res, _ := w.get(w.ada, at+"/faults.csv")
	faulty, _ := io.ReadAll(res.Body)
	if lines := strings.Split(strings.TrimSpace(string(faulty)), "\n"); len(lines) != 3 ||
		!strings.HasPrefix(lines[1], "boot,Boot") {
		t.Errorf("%s", faulty)
	}
	for range 2 { // a double click
		if res, page := w.post(w.ada, at+"/run", url.Values{}); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, page.Find("main").Text())
		}
	}
	page = w.waits(w.ada, at, `#import-images li`)
	if page.Find(`#import-now[data-status="done"]`).Length() != 1 ||
		!strings.Contains(page.Find("#import-images").Text(), "status 404") {
		t.Error(page.Find("main").Text())
	}
	w.waits(w.ada, w.home(w.moss)+"/products?q=sock", `img[src*="/media/"]`)
	out := w.exported(w.ada, w.moss, orbit.OldColumns)
	if strings.Contains(out, "boot") || strings.Count(out, "\nsock,") != 2 || !strings.Contains(out, "Wash at 40 °C") ||
		!strings.Contains(out, host.URL+"/missing.jpg") {
		t.Errorf("%s", out)
	}
	// The file mended, upon what is there: one is new, one updated.
	again := strings.ReplaceAll(strings.Replace(file, ",x,", ",7,", 1), "IMG", host.URL)
	again = strings.ReplaceAll(again, "9.50", "11")
	mended := w.importFile(w.ada, w.moss, again, url.Values{"overwrite": {"true"}})
	w.waits(w.ada, mended, `#import-now[data-status="checked"]`)
	w.post(w.ada, mended+"/run", url.Values{})
	w.waits(w.ada, mended, `#import-now[data-status="done"]`)
	if now := w.exported(w.ada, w.moss, orbit.OldColumns); strings.Count(now, "\nboot,") != 2 ||
		strings.Count(now, ",11.00,") != 2 {
		t.Errorf("%s", now)
	}
	// The second is undone before the first: it stands in the way.
	undo := func(of string) string {
		return w.home(w.moss) + "/operations/" + of[strings.LastIndexByte(of, '/')+1:] + "/undo"
	}
	if res, page := w.post(w.ada, undo(at), url.Values{}); res.StatusCode != 409 ||
		!strings.Contains(page.Find(".alert").Text(), "Sock was edited since.") {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	for n, of := range []string{mended, at} {
		if res, page := w.post(w.ada, undo(of), url.Values{}); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, page.Find("main").Text())
		}
		w.waits(w.ada, of, `#import-state:contains("was undone")`)
		if now := w.exported(w.ada, w.moss, orbit.OldColumns); n == 0 && now != out {
			t.Errorf("undone:\n%s\nwas\n%s", now, out)
		}
	}
	if now := w.exported(w.ada, w.moss, orbit.NewColumns); now != before {
		t.Errorf("undone:\n%s\nwas\n%s", now, before)
	}
	// Another shop's member sees none of it.
	foreign := strings.Replace(at, w.home(w.moss), w.home(w.nord), 1)
	for _, path := range []string{at, foreign, foreign + "/faults.csv"} {
		if res, _ := w.get(w.bob, path); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	theirs := strings.Replace(undo(at), w.home(w.moss), w.home(w.nord), 1)
	if res, _ := w.post(w.bob, theirs, url.Values{}); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
}

// TestImportInABrowser: a merchant uploads the file of another platform, sees its fault, mends it, imports it while the
// page follows by itself, changes the prices of what came at once, and undoes that.
func TestImportInABrowser(t *testing.T) {
	t.Parallel()
	w := begin(t)
	sample, err := os.ReadFile("../../orbit/testdata/shopify-new-columns.csv")
	if err != nil {
		t.Fatal(err)
	}
	// Its images are on a host that isn't there.
	good := regexp.MustCompile(`https://[^,\n]+`).ReplaceAllString(string(sample), "")
	folder := t.TempDir()
	file := func(name, content string) string {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(folder, name)
	}
	b := browsertest.New(t)
	site := w.serve(w.ada)
	b.Open(site + w.home(w.moss) + "/products")
	b.Click(`a[href$="/imports/new"]`)
	b.Upload("#import-file", file("faulty.csv", strings.Replace(good, "134.00", "134.x", 1)))
	b.Press("Check file")
	b.See("Line")
	b.Until(`document.querySelector("#faults tbody tr") && document.querySelector("#faults").textContent.includes("134")`)
	b.Look("import-faults")
	b.Press("Choose another file")
	b.Upload("#import-file", file("good.csv", good))
	b.Press("Check file")
	b.See("Import 6 products")
	b.Look("import-checked")
	before := w.exported(w.ada, w.moss, orbit.NewColumns)
	b.Press("Import 6 products")
	b.Until(`document.querySelector('#import-now[data-status="done"]')`)
	b.See("6 products")
	imported := w.exported(w.ada, w.moss, orbit.NewColumns)
	b.Press("View products")
	b.See("Trail Runner")
	b.Click(`#products input[name="product"]`)
	b.Click("#pick-all")
	b.Look("products-picked")
	b.Press("Edit selected")
	b.See("Change all")
	b.Choose("Column", "Price")
	b.Choose("Action", "Raise by")
	b.Fill("Value", "10%")
	b.Press("Preview")
	b.Until(`document.querySelectorAll("[data-changed]").length > 10`)
	b.Look("bulk-preview")
	b.Press("Save")
	b.See("products saved.")
	if w.exported(w.ada, w.moss, orbit.NewColumns) == imported {
		t.Error("nothing was saved")
	}
	b.Look("operations")
	b.Click(`#operations tbody tr form button`)
	b.Until(`document.querySelector("#operations").textContent.includes("Undone")`)
	if now := w.exported(w.ada, w.moss, orbit.NewColumns); now != imported {
		t.Errorf("undone:\n%s\nwas\n%s", now, imported)
	}
	b.Click(`#operations tbody tr:nth-child(2) form button`)
	b.Until(`document.querySelectorAll("#operations tbody form").length === 0 &&
		!document.querySelector("#operations").textContent.includes("Undoing")`)
	if now := w.exported(w.ada, w.moss, orbit.NewColumns); now != before {
		t.Errorf("undone:\n%s\nwas\n%s", now, before)
	}
}

// TestImportWithoutItsFile: a file that was swept before it is imported is a failure in words.
func TestImportWithoutItsFile(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.importFile(w.ada, w.moss, "Title,Price\nMug,5\nBowl,x\n", nil)
	w.waits(w.ada, at, `#import-now[data-status="checked"]`)
	w.exec(`UPDATE imports SET hash = reverse(hash)`)
	if res, _ := w.get(w.ada, at+"/faults.csv"); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	if res, page := w.post(w.ada, at+"/run", url.Values{}); res.StatusCode != 303 {
		t.Fatal(res.StatusCode, page.Find("main").Text())
	}
	page := w.waits(w.ada, at, `#import-now[data-status="failed"]`)
	if text := page.Find("#import-state").Text(); !strings.Contains(text, "no longer here") {
		t.Error(text)
	}
}
