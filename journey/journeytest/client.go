package journeytest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/programtest"
)

// Client talks to the installation as one browser would, without needing *.localhost to resolve.
type Client struct {
	HTTP http.Client
	Jar  map[string]string // host -> Cookie header
	p    *Program
}

// Client returns one that is new to the installation.
func (p *Program) Client() *Client {
	c := &Client{p: p, Jar: map[string]string{}}
	c.HTTP.Timeout = 30 * time.Second
	c.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.HTTP.Transport = p.Transport()
	p.t.Cleanup(c.HTTP.CloseIdleConnections)
	return c
}

// Do sends a request; form makes it a POST from the host's own page. It gives status, body and Location.
func (c *Client) Do(host, path string, form ...string) (int, string, string, error) {
	method, body := http.MethodGet, ""
	if form != nil {
		method = http.MethodPost
		body = encode(form)
	}
	req, err := http.NewRequest(method, c.p.URL(host, path), strings.NewReader(body))
	if err != nil {
		return 0, "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", strings.TrimSuffix(c.p.URL(host, ""), "/"))
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if cookie := c.Jar[host]; cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return 0, "", "", err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	for _, cookie := range res.Cookies() {
		c.Jar[host] = withCookie(c.Jar[host], cookie)
	}
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), res.Header.Get("Location"), err
}

// withCookie is a Cookie header with another cookie set.
func withCookie(header string, set *http.Cookie) string {
	kept, _ := http.ParseCookie(header) // of our own making
	pairs := []string{set.Name + "=" + set.Value}
	for _, c := range kept {
		if c.Name != set.Name {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

func encode(form []string) string {
	var pairs []string
	for i := 0; i+1 < len(form); i += 2 {
		pairs = append(pairs, form[i]+"="+url.QueryEscape(form[i+1]))
	}
	return strings.Join(pairs, "&")
}

// Must is Do for a request that has to be answered with a status.
func (c *Client) Must(status int, host, path string, form ...string) (body, location string) {
	c.p.t.Helper()
	got, body, location, err := c.Do(host, path, form...)
	if err != nil || got != status {
		c.p.t.Fatalf("%s%s: %d instead of %d, %v\n%.2000s\n%s", host, path, got, status, err, body, c.p.Out)
	}
	return body, location
}

// SignIn signs in as the first admin.
func (c *Client) SignIn() {
	c.p.t.Helper()
	c.Must(303, "admin", "/sign-in", "email", programtest.AdminEmail, "password", programtest.AdminPassword)
}

// Submit opens a page and sends one of its forms as a browser would, with some fields filled in.
func (c *Client) Submit(status int, host, page, form string, fields ...string) (location string) {
	c.p.t.Helper()
	body, _ := c.Must(200, host, page)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		c.p.t.Fatal(err)
	}
	f := doc.Find(form).First()
	if f.Length() == 0 {
		c.p.t.Fatalf("%s%s has no %s\n%.3000s", host, page, form, body)
	}
	var sent []string
	f.Find("input[name], textarea[name], select[name]").Each(func(_ int, e *goquery.Selection) {
		name, value := e.AttrOr("name", ""), e.AttrOr("value", "")
		kind := e.AttrOr("type", "")
		_, checked := e.Attr("checked")
		for i := 0; i < len(fields); i += 2 {
			if fields[i] == name {
				return
			}
		}
		switch {
		case (kind == "checkbox" || kind == "radio") && !checked, kind == "file":
			return
		case goquery.NodeName(e) == "textarea":
			value = e.Text()
		case goquery.NodeName(e) == "select":
			value = e.Find("option[selected]").AttrOr("value", e.Find("option").AttrOr("value", ""))
		}
		sent = append(sent, name, value)
	})
	_, location = c.Must(status, host, f.AttrOr("action", page), append(sent, fields...)...)
	return location
}
