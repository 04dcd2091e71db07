package api_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// The whole flow as a stranger would walk it.
func TestStory(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.work(false)
	a := p.do("POST", base+"/seed-defaults", nil).want(t, 200)
	if a.at("themes", "existing") != 3.0 || a.at("plans", "created") != 0.0 {
		t.Errorf("seeded %s", a.raw)
	}
	id := p.merchant("Moss & Fern")
	a = p.do("GET", base+"/merchants/"+id+"/provisioning-status", nil).want(t, 200)
	if a.at("status") != "PENDING" || a.at("completionPercent") != 0.0 ||
		len(a.at("steps").([]any)) != len(orbit.StepDefinitions()) ||
		a.at("deployment") != nil || a.at("theme") != nil {
		t.Errorf("before: %s", a.raw)
	}
	a = p.do("POST", base+"/merchants/"+id+"/activate", order("moss")).want(t, 202)
	if a.Header.Get("Location") != base+"/merchants/"+id+"/provisioning-status" ||
		a.at("theme", "slug") != "upfront-modern" || a.at("merchant", "status") != "activating" {
		t.Errorf("accepted: %s to %q", a.raw, a.Header.Get("Location"))
	}
	events := p.follow(id)
	last := events[len(events)-1]
	if last["status"] != "COMPLETED" || last["completionPercent"] != 100.0 {
		t.Errorf("ended with %v", last)
	}
	a = p.do("GET", a.Header.Get("Location"), nil).want(t, 200)
	if code, _ := a.at("deployment", "merchantId").(string); !strings.HasPrefix(code, "ORB-") ||
		!strings.HasPrefix(a.at("deployment", "websiteUrl").(string), "http://moss.localhost:") {
		t.Errorf("deployed %s", a.raw)
	}
	a = p.do("GET", base+"/merchants/"+id, nil).want(t, 200)
	if a.at("status") != "active" || a.at("subdomain") != "moss" || a.at("plan", "slug") != "starter" ||
		a.at("provisioningStatus") != "COMPLETED" || a.at("live") != false {
		t.Errorf("the merchant: %s", a.raw)
	}
	p.do("POST", base+"/merchants/"+id+"/activate", order("moss-two")).want(t, 409)
	p.do("POST", base+"/merchants/"+id+"/retry-provisioning", nil).want(t, 409)
	p.do("POST", base+"/merchants/"+id+"/rollback-provisioning", nil).want(t, 409)
}
