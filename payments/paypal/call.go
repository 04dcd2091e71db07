package paypal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"orbit360.app/orbit"
)

// request is a call of PayPal's API.
type request struct {
	method, path string
	id           string // PayPal-Request-Id: the same one does the same thing once
	in           any    // nil for none
	can          permission
}

// permission is what a call needs, as the merchant knows it.
type permission struct{ verb, scope string }

// The permissions of a PayPal app. PayPal says which one is missing to nobody, so that the calls know theirs.
var (
	canCharge  = permission{"take payments", "https://uri.paypal.com/services/payments/payment/authcapture"}
	canRefund  = permission{"make refunds", "https://uri.paypal.com/services/payments/refund"}
	canConnect = permission{"manage webhooks", "https://uri.paypal.com/services/applications/webhooks"}
	canDispute = permission{"read disputes", "https://uri.paypal.com/services/disputes/read-seller"}
	canName    = permission{"read the account's name", "openid"}
)

// call asks PayPal and reads its answer into out. Errors are *orbit.Error, around a *refusal where PayPal gave reasons.
func (p *Provider) call(ctx context.Context, account orbit.PaymentAccount, r request, out any) error {
	t, err := p.token(ctx, account)
	if err != nil {
		return err
	}
	err = p.callWith(ctx, account, t, r, out)
	if no, ok := errors.AsType[*refusal](err); ok && no.status == http.StatusUnauthorized && t.kept {
		// The token was withdrawn before its time.
		p.tokens.forget(p.keyOf(account))
		if t, err = p.token(ctx, account); err == nil {
			err = p.callWith(ctx, account, t, r, out)
		}
	}
	return err
}

func (p *Provider) callWith(ctx context.Context, account orbit.PaymentAccount, t token, r request, out any) error {
	var body io.Reader
	if r.in != nil {
		text, err := json.Marshal(r.in)
		if err != nil {
			return fmt.Errorf("paypal: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, p.at(account).api+r.path, body)
	if err != nil {
		return fmt.Errorf("paypal: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+t.value)
	req.Header.Set("Prefer", "return=representation")
	if r.in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.id != "" {
		req.Header.Set("PayPal-Request-Id", r.id)
	}
	return p.do(req, account, r.can, out)
}

// do sends a request. The answer is read into out, which is nil where it doesn't matter.
func (p *Provider) do(req *http.Request, account orbit.PaymentAccount, can permission, out any) error {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "ORBIT360")
	res, err := p.client.Do(req)
	if err != nil {
		return unreachable(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return unreachable(err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return refused(res, body, account, can)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return unreachable(errors.New("the answer isn't JSON, or too long")) // its text may hold a token
	}
	return nil
}

// unreachable is the error of a call that has no answer: it may have worked all the same.
func unreachable(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return orbit.Wrap(orbit.Unavailable, err, "PayPal can't be reached at the moment. Please try again in a minute.")
}

// refusal is what PayPal says where it doesn't do what it is asked for.
type refusal struct {
	status  int
	Name    string  `json:"name"`
	Message string  `json:"message"`
	DebugID string  `json:"debug_id"`
	Details []issue `json:"details"`
	Links   []link  `json:"links"`
	OAuth   string  `json:"error"`
}

type issue struct {
	Field       string `json:"field"`
	Issue       string `json:"issue"`
	Description string `json:"description"`
}

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

// Error names the reasons by PayPal's codes alone, and the ID by which its support finds the call: descriptions may
// repeat what was sent.
func (r *refusal) Error() string {
	codes := []string{strconv.Itoa(r.status), r.Name + r.OAuth}
	for _, d := range r.Details {
		codes = append(codes, d.Issue)
	}
	return "PayPal: " + printable(strings.Join(append(codes, r.DebugID), " "))
}

// issueOf is PayPal's code of why it refused, "" where err is something else.
func issueOf(err error) string {
	no, ok := errors.AsType[*refusal](err)
	switch {
	case !ok:
		return ""
	case len(no.Details) > 0:
		return no.Details[0].Issue
	}
	return no.Name
}

// refused turns an answer that isn't 2xx into an error with a sentence for the merchant.
func refused(res *http.Response, body []byte, account orbit.PaymentAccount, can permission) error {
	no := &refusal{status: res.StatusCode}
	_ = json.Unmarshal(body, no) // the status alone is an answer
	no.status = res.StatusCode
	e := func(code orbit.Code, format string, args ...any) *orbit.Error {
		return orbit.Wrap(code, no, fmt.Sprintf(format, args...))
	}
	switch s := res.StatusCode; {
	case s == http.StatusUnauthorized:
		return e(orbit.Forbidden, "PayPal doesn't accept this client ID and secret. "+
			"Copy both again from your app's page at developer.paypal.com.")
	case s == http.StatusForbidden:
		return e(orbit.Forbidden, "Your PayPal app isn't allowed to %s. "+
			"Turn on the permission %s for it at developer.paypal.com.", can.verb, can.scope)
	case s == http.StatusNotFound:
		return e(orbit.NotFound, "PayPal doesn't have this under these credentials.")
	case s == http.StatusConflict:
		return e(orbit.Unavailable, "PayPal is still working on an earlier request. Please try again in a minute.")
	case s == http.StatusTooManyRequests:
		wait, _ := strconv.Atoi(res.Header.Get("Retry-After")) // seconds, or nothing
		return e(orbit.Unavailable, "PayPal is busy. Please try again in a minute.").
			After(time.Duration(min(max(wait, 1), 3600)) * time.Second)
	case s >= 500, s < 400, s == http.StatusRequestTimeout:
		return e(orbit.Unavailable, "PayPal has a problem at the moment. Please try again in a minute.")
	}
	if said := no.said(account); said != "" {
		return e(orbit.Invalid, "PayPal refuses this: %s", said)
	}
	return e(orbit.Invalid, "PayPal refuses this and doesn't say why. Check the payment at paypal.com.")
}

// said is PayPal's own sentence, where it can be shown.
func (r *refusal) said(account orbit.PaymentAccount) string {
	said := r.Message
	if len(r.Details) > 0 && r.Details[0].Description != "" {
		said = r.Details[0].Description
	}
	for _, secret := range account.Secrets {
		if secret != "" && strings.Contains(said, secret) {
			return ""
		}
	}
	said = strings.TrimSpace(printable(said))
	if said != "" && !strings.HasSuffix(said, ".") && !strings.HasSuffix(said, "…") {
		said += "."
	}
	return said
}

// longest is how much of PayPal's words is kept.
const longest = 300

// printable is a text on one line, cut to what people read.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

// linkOf is the URL of a link by its relations, the first one that is there and PayPal's.
func (p *Provider) linkOf(links []link, relations ...string) string {
	for _, l := range links {
		if u, err := url.Parse(l.Href); err == nil && slices.Contains(relations, l.Rel) && p.trusted(u) {
			return l.Href
		}
	}
	return ""
}
