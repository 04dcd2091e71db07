package chaos

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"orbit360.app/programtest"
)

// shop is one that is open and sells. Its subdomain is written on everything in it, and is on nothing of another's.
type shop struct {
	w       *world
	name    string // the subdomain
	owner   string // their id
	variant string
	product string
	orders  []string     // that were placed before anything else
	cookies []string     // of its owner's sessions
	placed  atomic.Int64 // orders since, and those that are being placed
}

// shopName finds the subdomains in a text.
var shopName = regexp.MustCompile(`shop-[0-9a-f]{12}`)

const dashboard = "dashboard." + base

// shopsWith opens shops in which things have been ordered, by different owners. Each has so many sessions.
func (w *world) shopsWith(n, orders, sessions int) []*shop {
	w.t.Helper()
	ids := w.applicants(n)
	<-w.order(ids, 0)
	w.settleAll(n)
	w.exec(`UPDATE merchants SET live_at = now()`)
	w.exec(`UPDATE plans SET limits = '{}'`)
	w.exec(`UPDATE variants SET stock = 1000000`)
	w.exec(`UPDATE products p SET title = title || ' of ' || m.subdomain FROM merchants m WHERE m.id = p.merchant_id`)
	w.exec(`UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = $1),
		password_changed_at = now() - interval '1 minute' WHERE role = 'merchant'`, programtest.AdminEmail)
	shops := make([]*shop, n)
	for i, id := range ids {
		s := &shop{w: w, name: "shop-" + id.String()[24:]}
		s.owner = w.text(`SELECT owner_id::text FROM merchants WHERE id = $1`, id.String())
		s.variant = w.text(`SELECT v.id::text FROM variants v JOIN products p ON p.merchant_id = v.merchant_id
			AND p.id = v.product_id AND p.status = 'active' WHERE v.merchant_id = $1 ORDER BY v.id LIMIT 1`, id.String())
		s.product = w.text(`SELECT product_id::text FROM variants WHERE id = $1`, s.variant)
		shops[i] = s
	}
	w.signInAll(shops, sessions)
	for _, s := range shops {
		for range orders {
			path, err := s.buy(w.nodes[0])
			if err != nil {
				w.t.Fatal(err)
			}
			order, err := s.orderAt(path)
			if err != nil {
				w.t.Fatal(err)
			}
			s.orders = append(s.orders, order)
		}
		s.placed.Store(0)
	}
	return shops
}

// signInAll gives each shop's owner sessions: one signs in, and the others' are made as that one's is.
func (w *world) signInAll(shops []*shop, sessions int) {
	w.t.Helper()
	email := w.text(`SELECT email FROM users WHERE id = $1`, shops[0].owner)
	res, err := w.nodes[0].do(http.MethodPost, "", dashboard, "/sign-in",
		url.Values{"email": {email}, "password": {programtest.AdminPassword}}.Encode())
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing in it is wanted
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) == 0 {
		w.t.Fatalf("signing in as %s: %s", email, res.Status)
	}
	cookie := res.Cookies()[0]
	of := sha256.Sum256([]byte(cookie.Value))
	var data []byte
	if err := w.db.QueryRow(w.t.Context(), `SELECT data FROM sessions WHERE token_hash = $1`,
		of[:]).Scan(&data); err != nil {
		w.t.Fatal(err)
	}
	gob.Register(time.Time{})
	deadline, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range shops {
		values["user"] = s.owner
		if data, err = (scs.GobCodec{}).Encode(deadline, values); err != nil {
			w.t.Fatal(err)
		}
		hashes := make([][]byte, sessions)
		for i := range hashes {
			sum := sha256.Sum256([]byte(uuid.NewString()))
			token := base64.RawURLEncoding.EncodeToString(sum[:])
			sum = sha256.Sum256([]byte(token))
			hashes[i], s.cookies = sum[:], append(s.cookies, cookie.Name+"="+token)
		}
		w.exec(`INSERT INTO sessions (token_hash, user_id, data, expires_at, audience)
			SELECT n, $2, $3, expires_at, audience FROM sessions, unnest($4::bytea[]) n WHERE token_hash = $1`,
			of[:], s.owner, data, hashes)
	}
}

// asked is a request of a shopper or of the owner.
func (s *shop) asked(n *node, host, cookie, path string, form url.Values) (*http.Response, string, error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+host+":3000"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	if form == nil {
		req.Method, req.Body = http.MethodGet, nil
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://"+host+":3000")
	req.Header.Set("Cookie", cookie)
	// Shoppers come from all over the world: from one place only so many orders are taken.
	id := uuid.New()
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.%d", 1+id[0]%200, id[1], id[2]))
	res, err := n.http.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	return res, string(text), err
}

var seen = regexp.MustCompile(`name="seen" value="(\d+)"`)

// buy has somebody buy one thing, and returns where their order is.
func (s *shop) buy(n *node) (path string, err error) {
	s.placed.Add(1)
	host := s.name + "." + base
	res, text, err := s.asked(n, host, "", "/cart/add", url.Values{"variant": {s.variant}, "quantity": {"1"}})
	if err != nil || res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("adding to a cart: %w %.300s", err, text)
	}
	cookie := ""
	for _, c := range res.Cookies() {
		cookie += c.Name + "=" + c.Value + "; "
	}
	_, text, err = s.asked(n, host, cookie, "/checkout", nil)
	total := seen.FindStringSubmatch(text)
	if err != nil || total == nil {
		return "", fmt.Errorf("no checkout: %w %.300s", err, text)
	}
	rate := regexp.MustCompile(`name="shipping"\s+value="([^"]*)"`).FindStringSubmatch(text)
	res, text, err = s.asked(n, host, cookie, "/checkout", url.Values{"action": {"order"}, "key": {uuid.NewString()},
		"email": {"buyer@" + s.name + ".example"}, "name": {"Buyer of " + s.name}, "line1": {"12 Quay Street"},
		"city": {"Bristol"}, "postcode": {"BS1 4QA"}, "country": {"GB"}, "shipping": {rate[1]}, "payment": {"manual"},
		"seen": {total[1]}})
	if err != nil || res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("ordering: %w %.3000s", err, text)
	}
	return res.Header.Get("Location"), nil
}

// post is a form of the owner's. One that came second (409) is as good.
func (s *shop) post(n *node, path string, form url.Values) error {
	res, text, err := s.asked(n, dashboard, s.cookies[0], "/"+s.name+path, form)
	if err == nil && res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusConflict {
		err = fmt.Errorf("%s: %s %.300s", path, res.Status, text)
	}
	return err
}

// sell has something bought, paid and sent.
func (s *shop) sell(n *node) error {
	path, err := s.buy(n)
	if err != nil {
		return err
	}
	order, err := s.orderAt(path)
	for _, step := range []string{"/payment", "/fulfillment"} {
		if err == nil {
			err = s.post(n, "/orders/"+order+step, url.Values{})
		}
	}
	return err
}

func (s *shop) orderAt(path string) (id string, err error) {
	err = s.w.db.QueryRow(s.w.t.Context(), `SELECT id::text FROM orders WHERE token = $1`,
		strings.TrimPrefix(path, "/orders/")).Scan(&id)
	return id, err
}

// restock saves the product with another quantity.
func (s *shop) restock(n *node, quantity int) error {
	var version, price, stock string
	if err := s.w.db.QueryRow(s.w.t.Context(), `SELECT p.version::text, v.stock::text,
		(v.price / 100.0)::numeric(12, 2)::text FROM products p
		JOIN variants v ON v.merchant_id = p.merchant_id AND v.product_id = p.id WHERE v.id = $1`,
		s.variant).Scan(&version, &stock, &price); err != nil {
		return err
	}
	form := url.Values{"title": {"Mug of " + s.name}, "description": {"x"}, "vendor": {"x"}, "product_type": {"x"},
		"status": {"active"}, "version": {version}, "description_format": {"text"}, "tags": {""}, "handle": {""},
		"seo_title": {""}, "seo_description": {""}}
	for field, value := range map[string]string{"price": price, "stock": strconv.Itoa(quantity), "was": stock, "sku": "",
		"compare_at": "", "values": "[]", "offered": "on", "track": "on", "taxable": "on", "shipping": "on"} {
		form.Set(field+"."+s.variant, value)
	}
	return s.post(n, "/products/"+s.product, form)
}

// open opens the live updates of one of the shop's pages at a node.
func (s *shop) open(n *node, path, cookie string) (*programtest.Socket, error) {
	return n.Socket(s.w.t.Context(), dashboard+":3000", "/"+s.name+"/live?page="+url.QueryEscape(path), cookie)
}

// pages returns what of a shop may be open.
func (s *shop) pages() []string {
	return []string{"/home", "/orders", "/products", "/orders/" + s.orders[0], "/orders?status=open", ""}
}

// tidied is a frame without what time changes, or the frame itself: it is sent and counted.
func tidied(frame string) string {
	return sent.ReplaceAllString(relative.ReplaceAllString(frame, "data-relative><"), "")
}

var sent = regexp.MustCompile(`(?s)Bandwidth per month</span>.*?</section>`)
