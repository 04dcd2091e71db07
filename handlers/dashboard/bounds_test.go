package dashboard_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// A page after a list's last says which pages there are and leads back; a list isn't called empty for it.
func TestPastTheEnd(t *testing.T) {
	t.Parallel()
	w := begin(t)
	moss := w.home(w.moss)
	w.ready(w.ada, w.moss)
	if res, _ := w.post(w.ada, moss+"/live", nil); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	w.buy(w.moss)
	for path, back := range map[string]string{"/orders?page=9": "/orders",
		"/orders?page=9&status=unpaid": "/orders?status=unpaid", "/products?page=9": "/products",
		"/releases?page=9": "/releases"} {
		res, doc := w.get(w.ada, moss+path)
		told := doc.Find(".empty")
		if res.StatusCode != 200 || !strings.Contains(told.Text(), "There is no page 9") ||
			!strings.Contains(told.Text(), "one page") || told.Find("a").AttrOr("href", "") != moss+back {
			t.Errorf("%s: %d %s %s", path, res.StatusCode, told.Text(), told.Find("a").AttrOr("href", ""))
		}
		if pager := doc.Find(".pager").Text(); pager != "" {
			t.Errorf("%s counts rows that aren't there: %q", path, pager)
		}
	}
	if _, doc := w.get(w.ada, moss+"/orders?page=9&payment=refunded"); strings.Contains(doc.Text(), "There is no page") {
		t.Error("an empty list has pages")
	}
}

// Numbers at and beyond what a column holds are refused with a sentence.
func TestIntegerBounds(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for _, n := range []string{"-1", "1000001", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
		"1e9", "0x10"} {
		for _, field := range []string{"stock", "price"} {
			if field == "price" && n == "1000001" {
				continue
			}
			if res, doc := w.addProduct(w.ada, w.moss, field, n); res.StatusCode != 422 ||
				doc.Find("#"+field+"-error").Text() == "" {
				t.Errorf("%s %s: %d", field, n, res.StatusCode)
			}
		}
	}
	id := orbit.NewID[orbit.Product]().String()
	if res, _ := w.addProduct(w.ada, w.moss, "id", id); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	super, err := pgx.Connect(t.Context(), storetest.SuperURL(w.db.Pool().Config().ConnString()))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(t.Context()) //nolint:errcheck // a test's
	var variant string
	if err := super.QueryRow(t.Context(),
		`UPDATE variants SET stock = 1000000 WHERE product_id = $1 RETURNING id::text`, id).Scan(&variant); err != nil {
		t.Fatal(err)
	}
	_, page := w.get(w.ada, w.home(w.moss)+"/products/"+id)
	for _, was := range []string{"0", "1", "-5", "99999999999999999999", "2147483647"} {
		form := fields(page)
		form.Set("stock."+variant, "1000000")
		form.Set("was."+variant, was)
		res, doc := w.post(w.ada, w.home(w.moss)+"/products/"+id, form)
		if was == "2147483647" { // lowered to a million
			if res.StatusCode != 303 {
				t.Error(was, res.StatusCode, doc.Find("main").Text())
			}
		} else if res.StatusCode != 422 {
			t.Error(was, res.StatusCode)
		}
	}
	for _, version := range []string{"2147483648", "9223372036854775808", "-9223372036854775808"} {
		form := fields(page)
		form.Set("version", version)
		if res, _ := w.post(w.ada, w.home(w.moss)+"/products/"+id, form); res.StatusCode >= 500 {
			t.Error("version", version, res.StatusCode)
		}
	}
	for _, path := range []string{"/releases/2147483648/rollback/new", "/releases/9223372036854775808/rollback/new",
		"/orders?page=9223372036854775808", "/products?page=2147483648", "/orders?q=9223372036854775808"} {
		if res, _ := w.get(w.ada, w.home(w.moss)+path); res.StatusCode >= 500 {
			t.Error(path, res.StatusCode)
		}
	}
}
