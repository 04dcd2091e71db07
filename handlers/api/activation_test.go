package api_test

import (
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
)

func TestActivationRefusals(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	id := p.merchant("Moss & Fern")
	at := base + "/merchants/" + id
	for name, subdomain := range map[string]string{"reserved": "admin", "reserved, capitals": "WWW",
		"A-label": "xn--mnchen-3ya", "mixed script": "mоss", "edge hyphen": "-moss", "other edge": "moss-",
		"emoji": "moss🌿", "too long": strings.Repeat("a", 64), "too short": "ab", "digits": "12345", "dot": "a.b",
		"slash": "moss/x", "percent": "%61bc", "empty": "", "space inside": "mo ss", "NUL": "mo\x00ss"} {
		a := p.do("POST", at+"/activate", order(subdomain))
		if a.StatusCode != 422 || len(a.locations()) != 1 || a.locations()[0] != "body.subdomain" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.raw)
		}
	}
	for _, domain := range []string{"localhost", "shop.localhost", "co.uk", "*.example.com", "http://example.com",
		"127.0.0.1", "example.com:80", "exa mple.com", "a..b", "example.com/x", "user@example.com"} {
		o := order("moss")
		o["customDomain"] = domain
		if a := p.do("POST", at+"/activate", o); a.StatusCode != 422 || len(a.locations()) != 1 ||
			a.locations()[0] != "body.customDomain" {
			t.Errorf("%s: %d %s", domain, a.StatusCode, a.raw)
		}
	}
	// A name that could be taken for another's: a field says that a person has looked at it.
	for _, dry := range []string{"", "?dryRun=true"} {
		if a := p.do("POST", at+"/activate"+dry, order("secure-paypal")); a.StatusCode != 422 || len(a.locations()) != 1 ||
			a.locations()[0] != "body.confirmSubdomain" {
			t.Errorf("look-alike%s: %d %s", dry, a.StatusCode, a.raw)
		}
	}
	confirmed := order("secure-paypal")
	confirmed["confirmSubdomain"] = true
	p.do("POST", at+"/activate?dryRun=true", confirmed).want(t, 200)
	// The plan was deactivated: nothing is created.
	p.exec(`UPDATE plans SET active = false WHERE slug = 'starter'`)
	if a := p.do("POST", at+"/activate", order("moss")).want(t, 422); a.locations()[0] != "body.plan" {
		t.Errorf("%s", a.raw)
	}
	p.exec(`UPDATE plans SET active = true WHERE slug = 'starter'`)
	p.exec(`UPDATE themes SET active = false WHERE slug = 'upfront-modern'`)
	p.do("POST", at+"/activate", order("moss")).want(t, 422)
	p.exec(`UPDATE themes SET active = true WHERE slug = 'upfront-modern'`)
	if n := p.count(`SELECT count(*) FROM merchant_provisionings`) + p.count(`SELECT count(*) FROM domains`); n != 0 {
		t.Errorf("%d rows are left of refused activations", n)
	}
	// A parameter that isn't quite dryRun must not be taken for an order.
	for _, query := range []string{"?dryrun=true", "?dryRun=", "?dryRun", "?dryRun=yes", "?dryRun=true&dryRun=false"} {
		p.do("POST", at+"/activate"+query, order("moss")).want(t, 422)
	}
	a := p.do("POST", at+"/activate?dryRun=true", order("moss")).want(t, 200)
	if len(a.at("steps").([]any)) != len(orbit.StepDefinitions()) ||
		!strings.HasPrefix(a.at("websiteUrl").(string), "http://moss.localhost:") ||
		len(a.at("conflicts").([]any)) != 0 || p.count(`SELECT count(*) FROM merchant_provisionings`) != 0 {
		t.Errorf("dry: %s", a.raw)
	}
	p.do("POST", base+"/merchants/"+id+"/retry-provisioning", `{"force":true}`).want(t, 422)
	// Ids and the other names work too.
	themes := p.do("GET", base+"/themes", nil).want(t, 200).at("items").([]any)
	plans := p.do("GET", base+"/plans", nil).want(t, 200).at("items").([]any)
	p.do("POST", at+"/activate", map[string]any{"themeId": themes[1].(map[string]any)["id"],
		"planId": plans[0].(map[string]any)["id"], "subdomain": " Moss ", "customDomain": nil, "category": "books",
		"goLive": true}).want(t, 202)
	if a := p.do("GET", at, nil).want(t, 200); a.at("subdomain") != "moss" ||
		a.at("theme", "id") != themes[1].(map[string]any)["id"] {
		t.Errorf("while it is set up: %s", a.raw)
	}
	// Running already, and taken.
	p.do("POST", at+"/activate", order("moss")).want(t, 409)
	p.do("POST", at+"/retry-provisioning", nil).want(t, 409)
	p.do("POST", at+"/rollback-provisioning", nil).want(t, 409)
	other := p.merchant("Papier")
	if a := p.do("POST", base+"/merchants/"+other+"/activate", order("moss")).want(t,
		409); a.locations()[0] != "body.subdomain" {
		t.Errorf("taken: %s", a.raw)
	}
	if a := p.do("POST", base+"/merchants/"+other+"/activate?dryRun=true", order("moss")).want(t,
		200); len(a.at("conflicts").([]any)) != 1 {
		t.Errorf("dry and taken: %s", a.raw)
	}
	if a := p.do("POST", at+"/activate?dryRun=true", order("moss-two")).want(t, 200); len(a.at("conflicts").([]any)) != 1 {
		t.Errorf("dry and running: %s", a.raw)
	}
}

// Two merchants want one address at once: one gets it.
func TestSameSubdomainAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	ids := []string{p.merchant("One"), p.merchant("Two"), p.merchant("Three"), p.merchant("Four")}
	codes := make([]int, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() { codes[i] = p.do("POST", base+"/merchants/"+id+"/activate", order("moss")).StatusCode })
	}
	all.Wait()
	won := 0
	for _, code := range codes {
		switch code {
		case 202:
			won++
		case 409:
		default:
			t.Errorf("answered %d", code)
		}
	}
	if won != 1 || p.count(`SELECT count(*) FROM merchant_provisionings`) != 1 {
		t.Errorf("%d of them got it", won)
	}
}

// One key, fifty times at once: one run, and every answer is the first one's or says that it is still running.
func TestOneKeyFiftyTimes(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	id := p.merchant("Moss")
	answers := make([]answer, 50)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = p.do("POST", base+"/merchants/"+id+"/activate", order("moss"), with("Idempotency-Key", "one"))
		})
	}
	all.Wait()
	first, replayed := 0, 0
	for _, a := range answers {
		switch {
		case a.StatusCode == 202 && a.Header.Get("Idempotent-Replayed") == "true":
			replayed++
		case a.StatusCode == 202:
			first++
		case a.StatusCode == 409 && strings.Contains(a.at("detail").(string), "still running"):
		default:
			t.Errorf("answered %d %s", a.StatusCode, a.raw)
		}
	}
	if first != 1 || p.count(`SELECT count(*) FROM merchant_provisionings`) != 1 {
		t.Errorf("%d first answers, %d replayed, %d runs", first, replayed,
			p.count(`SELECT count(*) FROM merchant_provisionings`))
	}
	a := p.do("POST", base+"/merchants/"+id+"/activate", order("moss"), with("Idempotency-Key", "one")).want(t, 202)
	if a.Header.Get("Idempotent-Replayed") != "true" || a.Header.Get("Location") == "" || a.at("merchant", "id") != id ||
		a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("again: %v %s", a.Header, a.raw)
	}
}
