package storefront_test

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/pages"
	"orbit360.app/handlers/storefront"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/stripe"
	"orbit360.app/provision"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// street has two open shops of the same kind that must never meet, set up by the real provisioning, one not yet open,
// and the storefronts' handlers as the host router calls them.
type street struct {
	*testing.T
	db        *store.DB
	super     *pgx.Conn
	addresses orbit.Addresses
	app       fasthttp.RequestHandler
	live      *live.Feed
	moss      orbit.MerchantID
	nord      orbit.MerchantID
	asked     atomic.Int64
	away      atomic.Bool  // the provider opens no page
	states    atomic.Int64 // how often the provider was asked what has become of a payment
	peer      net.IP       // where requests come from; nil: each from elsewhere
}

// counted is Test payments that count what they are asked, and can be away.
type counted struct {
	payments.TestProvider
	street *street
}

func (c counted) Create(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge) (
	orbit.PaymentPage, error) {
	if c.street.away.Load() {
		return orbit.PaymentPage{}, orbit.Errorf(orbit.Unavailable, "Test payments are away.")
	}
	return c.TestProvider.Create(ctx, account, charge)
}

func (c counted) State(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, reference string) (
	orbit.PaymentState, error) {
	c.street.states.Add(1)
	return c.TestProvider.State(ctx, account, charge, reference)
}

// asciiOnly is what a mail server without SMTPUTF8 takes.
func asciiOnly(_ context.Context, address string) error {
	local, _, _ := strings.Cut(address, "@")
	if strings.ContainsFunc(local, func(r rune) bool { return r > 127 }) {
		return orbit.Errorf(orbit.Invalid, "Email can't be sent to this address.")
	}
	return nil
}

func begin(t *testing.T, scheme string) *street {
	t.Helper()
	address := storetest.NewURL(t)
	db, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	super, err := pgx.Connect(t.Context(), storetest.SuperURL(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = super.Close(context.Background()) })
	s := &street{T: t, db: db, super: super, addresses: orbit.Addresses{Scheme: scheme, Base: "orbit360.test"}}
	engines := themes.NewSet(modern.New(), classic.New(), minimal.New())
	composer := mail.Composer{Addresses: s.addresses, Status: orbit.EmailLocal}
	pay, err := payments.New(payments.Config{DB: db, Log: slog.New(slog.DiscardHandler), Mail: composer,
		Addresses: s.addresses, Keys: orbit.NewSecretKeys(make([]byte, 32)),
		Providers: map[string]payments.Provider{orbit.ProviderTest: counted{payments.TestProvider{DB: db}, s},
			orbit.ProviderStripe: stripe.New("http://127.0.0.1:1")}}) // which has no keys: it refuses all
	if err != nil {
		t.Fatal(err)
	}
	k := kit.New(kit.Kit{Accepts: asciiOnly, DB: db, Addresses: s.addresses, Payments: pay,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Mail: composer})
	t.Cleanup(func() { k.CloseStreams(context.Background()) }) // what is counted is written while there is a log
	s.app = storefront.New(k, engines, pages.New(pages.Config{})).Handler()
	log := slog.New(slog.DiscardHandler)
	s.live = live.New(live.Config{DB: db, Log: log})
	jobstest.Start(t, s.live, provision.Queue(provision.Config{DB: db, Log: log, Addresses: s.addresses, Mail: composer,
		Engines: engines, Visit: func(_ context.Context, host string) provision.Visitor {
			return func(path string) (int, []byte, error) {
				a := s.ask("GET", strings.TrimSuffix(host, ".orbit360.test"), path, "", nil, true)
				return a.status, []byte(a.body), nil
			}
		}}))
	s.moss, s.nord = s.shop("Moss & Stone", "moss", true), s.shop("Nord", "nord", true)
	return s
}

func (s *street) shop(name, subdomain string, live bool) orbit.MerchantID {
	s.Helper()
	id := orbit.NewID[orbit.Merchant]()
	if _, err := s.db.CreateMerchant(s.Context(), id, orbit.Application{Name: name, OwnerName: "Some One",
		Email: subdomain + "@example.com", Category: "home-garden"}, nil, orbit.System); err != nil {
		s.Fatal(err)
	}
	changes, cancel := s.live.Subscribe(id)
	defer cancel()
	a := orbit.Activation{Theme: "upfront-modern", Plan: "professional", Subdomain: subdomain, Category: "home-garden",
		GoLive: live}
	if _, err := s.db.Activate(s.Context(), id, a, s.addresses.Base, orbit.System); err != nil {
		s.Fatal(err)
	}
	for deadline := time.After(30 * time.Second); ; {
		v, err := s.db.RunView(s.Context(), id)
		if err != nil || v.Run.Status == orbit.RunFailed {
			s.Fatalf("%v %+v", err, v.Run)
		}
		if v.Run.Status == orbit.RunCompleted {
			return id
		}
		select {
		case <-changes:
		case <-deadline:
			s.Fatalf("%s: %+v", name, v.Run)
		}
	}
}

// answer is what a browser gets to see.
type answer struct {
	status   int
	body     string
	location string
	cookies  map[string]string // name -> value; "name!" -> the whole header
	headers  map[string]string
}

func (a answer) doc(t testing.TB) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (s *street) ask(method, host, target, cookie string, form url.Values, visit bool, header ...string) answer {
	s.Helper()
	var ctx fasthttp.RequestCtx
	var req fasthttp.Request
	host += ".orbit360.test"
	req.Header.SetMethod(method)
	req.Header.SetHost(host)
	req.SetRequestURI(target)
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	if form != nil {
		req.Header.SetContentType("application/x-www-form-urlencoded")
		req.Header.Set("Origin", s.addresses.Host(host))
		req.SetBodyString(form.Encode())
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	// every request from another address, so that none is throttled
	peer := s.peer
	if peer == nil {
		peer = net.IPv4(10, 0, byte(s.asked.Add(1)>>8), byte(s.asked.Load()))
	}
	ctx.Init(&req, &net.TCPAddr{IP: peer, Port: 1}, nil)
	if visit {
		new(storefront.Visit).Mark(ctx.SetUserValue)
	}
	found, err := shop.ByHost(s.Context(), s.db, host)
	if err != nil {
		s.Fatal(err)
	}
	storefront.Put(ctx.SetUserValue, found)
	s.app(&ctx)
	a := answer{status: ctx.Response.StatusCode(), body: string(ctx.Response.Body()),
		location: string(ctx.Response.Header.Peek("Location")), cookies: map[string]string{}, headers: map[string]string{}}
	for _, raw := range ctx.Response.Header.Cookies() {
		var c fasthttp.Cookie
		if err := c.ParseBytes(raw); err != nil {
			s.Fatal(err)
		}
		a.cookies[string(c.Key())] = string(c.Value())
		a.cookies[string(c.Key())+"!"] = string(raw)
	}
	for _, name := range []string{"Content-Type", "Cache-Control", "Referrer-Policy"} {
		a.headers[name] = string(ctx.Response.Header.Peek(name))
	}
	return a
}

func (s *street) get(host, target string) answer {
	s.Helper()
	return s.ask("GET", host, target, "", nil, false)
}

// variant is the id behind a product's button.
func (s *street) variant(host, product string) string {
	s.Helper()
	id := s.get(host, "/products/"+product).doc(s).Find("form.add input[name=variant]").AttrOr("value", "")
	if id == "" {
		s.Fatal("no variant of ", product)
	}
	return id
}

// shopper fills a cart and gives its cookie.
func (s *street) shopper(host, product, n string) string {
	s.Helper()
	a := s.ask("POST", host, "/cart/add", "", url.Values{"variant": {s.variant(host, product)}, "quantity": {n}}, false)
	if a.status != 303 || a.location != "/cart" || a.cookies["cart"] == "" || a.cookies["cart-count"] != n {
		s.Fatalf("%+v", a)
	}
	return "cart=" + a.cookies["cart"]
}

func (s *street) checkout(host, cookie string) url.Values {
	s.Helper()
	form := url.Values{"action": {"order"}, "email": {"ada@example.com"}, "name": {"Ada Lovelace"},
		"line1": {"12 Quay Street"}, "city": {"Bristol"}, "postcode": {"BS1 4QA"}, "country": {"GB"},
		"shipping": {"Standard"}, "payment": {"manual"}}
	doc := s.ask("GET", host, "/checkout", cookie, nil, false).doc(s)
	for _, name := range []string{"key", "seen"} {
		form.Set(name, doc.Find("input[name="+name+"]").AttrOr("value", ""))
	}
	return form
}

func (s *street) count(query string, args ...any) (n int) {
	s.Helper()
	if err := s.super.QueryRow(s.Context(), query, args...).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

// Two cookies of one name are nobody's cart: the other one was set by another shop of the platform.
func TestTwoCartCookies(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	mine, theirs := s.shopper("moss", "stoneware-mug", "1"), s.shopper("nord", "stoneware-mug", "1")
	for _, cookies := range []string{mine + "; " + theirs, theirs + "; " + mine, mine + "; " + mine} {
		if page := s.ask("GET", "moss", "/cart", cookies, nil, false); page.status != 200 ||
			strings.Contains(page.body, "quantity.") {
			t.Errorf("%s: %d", cookies, page.status)
		}
	}
	if page := s.ask("GET", "moss", "/cart", mine, nil, false); !strings.Contains(page.body, "quantity.") {
		t.Error("the cart is lost")
	}
}
