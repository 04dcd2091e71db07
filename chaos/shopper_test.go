package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

// shopper is one who buys a thing and pays with whatever luck. A shopper who gets no answer asks again, of any process.
type shopper struct {
	m      *market
	s      *stall
	rng    *rand.Rand
	email  string
	cookie string
	rate   string
	seen   string
}

// shopper comes to one of the shops.
func (m *market) shopper(i int, rng *rand.Rand) *shopper {
	return &shopper{m: m, s: m.stalls[rng.IntN(len(m.stalls))], rng: rng, email: fmt.Sprintf("shopper%d@example.com", i)}
}

// chance is true so many times of a hundred.
func (p *shopper) chance(percent int) bool { return p.rng.IntN(100) < percent }

// ask asks until there is an answer: processes are killed under it, and providers can't be reached.
func (p *shopper) ask(path string, form url.Values) (res *http.Response, text string, err error) {
	for deadline := time.Now().Add(patience / 3); ; time.Sleep(time.Duration(p.rng.IntN(200)) * time.Millisecond) {
		n := p.m.nodes[p.rng.IntN(len(p.m.nodes))]
		res, text, err = p.s.asked(n, p.s.name+"."+base, p.cookie, path, form)
		switch {
		case err == nil && res.StatusCode < http.StatusInternalServerError:
			return res, text, nil
		case err == nil && res.StatusCode != http.StatusServiceUnavailable:
			return res, text, fmt.Errorf("%s: %s", path, res.Status)
		case time.Now().After(deadline):
			return res, text, errAway
		}
	}
}

// Reasons for which shoppers leave.
var (
	errSoldOut = orbit.Errorf(orbit.Conflict, "There is nothing to buy.")
	// A process was killed while it asked the provider: nobody else does for 90 seconds.
	errAway = orbit.Errorf(orbit.Unavailable, "It takes too long.")
)

var rateName = regexp.MustCompile(`name="shipping"\s+value="([^"]*)"`)

// fill puts a thing into a cart, and reads the checkout.
func (p *shopper) fill(variant string) error {
	res, _, err := p.ask("/cart/add", url.Values{"variant": {variant}, "quantity": {"1"}})
	if err != nil {
		return err
	}
	for _, c := range res.Cookies() {
		p.cookie += c.Name + "=" + c.Value + "; "
	}
	if res.StatusCode == http.StatusConflict {
		return errSoldOut
	}
	_, text, err := p.ask("/checkout", nil)
	total, rate := seen.FindStringSubmatch(text), rateName.FindStringSubmatch(text)
	if err != nil || total == nil || rate == nil {
		return fmt.Errorf("no checkout: %w: %.1000s", err, text)
	}
	p.seen, p.rate = total[1], rate[1]
	return nil
}

// page is a provider's, where a shopper pays. A zero one is none: another tab has paid.
type page struct {
	provider, url, reference string
}

// checkout chooses a provider and is sent to its page.
func (p *shopper) checkout(provider string) (page, error) {
	form := url.Values{"action": {"order"}, "key": {uuid.NewString()}, "email": {p.email}, "name": {"Ada"},
		"line1": {"12 Quay Street"}, "city": {"Bristol"}, "postcode": {"BS1 4QA"}, "country": {"GB"}, "shipping": {p.rate},
		"payment": {provider}, "seen": {p.seen}}
	res, text, err := p.ask("/checkout", form)
	if err != nil {
		return page{}, err
	}
	to := res.Header.Get("Location")
	switch u, _ := url.Parse(to); {
	case strings.HasPrefix(to, p.m.paypal.URL):
		return page{orbit.ProviderPayPal, to, u.Query().Get("token")}, nil
	case strings.Contains(to, "/pay/cs_"):
		return page{orbit.ProviderStripe, to, to[strings.LastIndexByte(to, '/')+1:]}, nil
	case strings.HasPrefix(to, "/orders/"): // another tab has paid, or is too late to
		return page{}, nil
	case res.StatusCode == http.StatusConflict: // sold out, or bought in another tab
		return page{}, errSoldOut
	}
	return page{}, fmt.Errorf("no payment page: %s to %q: %.3000s", res.Status, to, text)
}

// press presses a button of a provider's page and returns where that leads: back to the shop, unless the provider
// refuses.
func (p *shopper) press(at page, stripe string, paypal fake.Funding) (back *url.URL, err error) {
	to, form := at.url+"/"+stripe, url.Values{}
	if at.provider == orbit.ProviderPayPal {
		to, form = at.url, url.Values{"do": {string(paypal)}}
	}
	client := http.Client{Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(to, form)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // nothing in it is wanted
	if res.StatusCode != http.StatusSeeOther {
		return nil, nil
	}
	return url.Parse(res.Header.Get("Location"))
}

// returns follows the way back from a provider's page.
func (p *shopper) returns(back *url.URL) error {
	if back == nil || !strings.HasPrefix(back.Hostname(), p.s.name) {
		return nil
	}
	_, _, err := p.ask(back.RequestURI(), nil)
	return err
}
