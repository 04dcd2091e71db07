package fake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

type stripeEndpoint struct {
	id, url, version, secret string
	events                   []any
	disabled                 bool
	created                  time.Time
}

const mostEndpoints = 16

func (s *Stripe) createEndpoint(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	if err := only(params, host, "url", "api_version", "enabled_events", "description"); err != nil {
		return nil, err
	}
	address, _ := params["url"].(string)
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (a.live || u.Scheme != "http")) {
		return nil, invalid("url_invalid", "url", "Invalid URL: An explicit scheme (such as https) must be provided.")
	}
	if len(a.endpoints) >= mostEndpoints {
		return nil, invalid("", "", "You have reached the maximum of %d webhook endpoints.", mostEndpoints)
	}
	version, _ := params["api_version"].(string)
	if version == "" {
		return nil, missingParam("api_version") // Stripe would take the account's, which nobody knows
	}
	events, _ := params["enabled_events"].([]any)
	e := &stripeEndpoint{id: newID("we_", 24), url: address, version: version, secret: newID("whsec_", 32), events: events,
		created: s.Clock.Now()}
	a.endpoints = append(a.endpoints, e)
	o := s.endpoint(a, e)
	o["secret"] = e.secret // this once
	return o, nil
}

func (s *Stripe) listEndpoints(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	var all []map[string]any
	for _, e := range a.endpoints {
		all = append(all, s.endpoint(a, e))
	}
	return list(all, params, "/v1/webhook_endpoints")
}

func (s *Stripe) deleteEndpoint(a *stripeAccount, _ map[string]any, id string) (any, *stripeError) {
	at := slices.IndexFunc(a.endpoints, func(e *stripeEndpoint) bool { return e.id == id })
	if at < 0 {
		return nil, missingObject("webhook endpoint", id)
	}
	a.endpoints = slices.Delete(a.endpoints, at, at+1)
	return map[string]any{"id": id, "object": "webhook_endpoint", "deleted": true}, nil
}

func (s *Stripe) endpoint(a *stripeAccount, e *stripeEndpoint) map[string]any {
	status := "enabled"
	if e.disabled {
		status = "disabled"
	}
	return s.object("webhook_endpoint", map[string]any{"id": e.id, "url": e.url, "api_version": e.version,
		"status": status, "enabled_events": e.events, "created": unix(e.created), "livemode": a.live})
}

// emit sends an event to the endpoints that want it.
func (s *Stripe) emit(a *stripeAccount, kind string, object map[string]any) {
	id := newID("evt_", 24)
	for _, e := range a.endpoints {
		if e.disabled || !slices.Contains(e.events, any(kind)) && !slices.Contains(e.events, any("*")) {
			continue
		}
		body, err := json.Marshal(s.object("event", map[string]any{"id": id, "type": kind, "api_version": e.version,
			"created": unix(s.Clock.Now()), "livemode": a.live, "pending_webhooks": 1,
			"data": map[string]any{"object": object}}))
		if err != nil {
			panic(err) // maps of ours
		}
		secret := e.secret
		s.Events.send(id+" "+kind, e.url, func() (http.Header, []byte) {
			return http.Header{"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"Stripe/1.0"},
				"Stripe-Signature": {SignStripe(time.Now(), body, secret)}}, body
		})
	}
}

// SignStripe is the Stripe-Signature of a message, with a v1 for each secret.
func SignStripe(at time.Time, body []byte, secrets ...string) string {
	parts := []string{fmt.Sprintf("t=%d", at.Unix())}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
		parts = append(parts, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(append(parts, "v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"), ",")
}
