package handlers_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/valyala/fasthttp"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

const dashboardHost = "dashboard.localhost:3000"

var passwordLink = regexp.MustCompile(`/password/\S+`)

// member goes the way of the welcome email and gives the cookie that comes of it.
func (w *world) member(email string) string {
	w.Helper()
	emails, _, err := w.db.Emails(w.Context(), email, 10, 0)
	if err != nil || len(emails) == 0 {
		w.Fatal("no welcome email for ", email, err)
	}
	m, err := w.db.Email(w.Context(), emails[0].ID)
	if err != nil {
		w.Fatal(err)
	}
	a := w.a.post("", passwordLink.FindString(m.Text), url.Values{"password": {"a long enough password"},
		"repeat": {"a long enough password"}})
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	if a.status != 303 || cookie == "" {
		w.Fatal(a.status, a.header)
	}
	return cookie
}

// post sends a form to the dashboard.
func (r *replica) post(cookie, path string, form url.Values) answer {
	r.t.Helper()
	return r.send("POST", dashboardHost, path, cookie, form)
}

// send asks as a browser does, with a form where there is one.
func (r *replica) send(method, host, path, cookie string, form url.Values) answer {
	r.t.Helper()
	var ctx fasthttp.RequestCtx
	var req fasthttp.Request
	req.Header.SetMethod(method)
	req.Header.SetHost(host)
	req.SetRequestURI(path)
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	if method == "POST" {
		req.Header.Set("Origin", "http://"+host)
		req.Header.SetContentType("application/x-www-form-urlencoded")
		req.SetBodyString(form.Encode())
	}
	ctx.Init(&req, nil, nil)
	r.Handler()(&ctx)
	a := answer{ctx.Response.StatusCode(), map[string][]string{}, string(ctx.Response.Body())}
	for k, v := range ctx.Response.Header.All() {
		a.header.Add(string(k), string(v))
	}
	return a
}

func (a answer) page(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// fields returns what a browser would send of a form if nothing in it were touched.
func fields(page *goquery.Document, form string) url.Values {
	out := url.Values{}
	page.Find(form + " input[name]").Each(func(_ int, s *goquery.Selection) {
		kind := s.AttrOr("type", "text")
		if _, checked := s.Attr("checked"); checked || (kind != "checkbox" && kind != "radio") {
			out.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
		}
	})
	page.Find(form + " select[name]").Each(func(_ int, s *goquery.Selection) {
		out.Add(s.AttrOr("name", ""), s.Find("option[selected]").AttrOr("value", ""))
	})
	return out
}

// editor opens a shop's theme.
func (w *world) editor(cookie string, id orbit.MerchantID, query string) (*goquery.Document, url.Values) {
	w.Helper()
	a := w.a.get(dashboardHost, w.desk(id)+"/theme"+query, "Cookie", cookie)
	if a.status != 200 {
		w.Fatalf("%d: %.500s", a.status, a.body)
	}
	page := a.page(w.T)
	return page, fields(page, "form#theme")
}

func (w *world) releases(id orbit.MerchantID) int {
	w.Helper()
	var rows []orbit.ReleaseRow
	err := shop.For(w.db, id).Do(w.Context(), func(t *shop.Tenant) (err error) {
		rows, err = t.Releases(w.Context(), 100, 0)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return len(rows)
}

// everywhere waits until every process shows a shop's public something: each hears of it, none has a time after which
// it would look by itself.
func (w *world) everywhere(what, host string, ok func(body string) bool) {
	w.Helper()
	for _, rep := range []*replica{w.a, w.b} {
		w.until(what, func() bool { return ok(rep.get(host, "/").body) })
	}
}

// desk is the path of a shop's dashboard.
func (w *world) desk(id orbit.MerchantID) string {
	w.Helper()
	m, err := w.db.Merchant(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return m.DashboardPath()
}

// formOf is settings as a form's fields.
func formOf(settings orbit.Settings) url.Values {
	form := url.Values{}
	for key, v := range settings {
		switch v := v.(type) {
		case bool:
			form["config."+key] = map[bool][]string{true: {"on"}, false: {""}}[v]
		case string:
			form.Set("config."+key, v)
		case int:
			form.Set("config."+key, strconv.Itoa(v))
		}
	}
	return form
}
