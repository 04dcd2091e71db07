package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// request is one call of the API.
type request struct {
	method, path string
	form         url.Values // encoded in the order of its names: the same bytes each time
	key          string     // the idempotency key of what must not happen twice
	right        string     // the permission of a restricted key, as Stripe's dashboard names it
}

const (
	largest = 4 << 20 // bytes of an answer
	tries   = 3       // idempotency keys of one request
)

// call makes a call, and reads its answer into out unless that is nil. An idempotency key keeps even a 500 for a day
// (docs.stripe.com/api/idempotent_requests): where Stripe repeats one, the next key of the same request is tried.
func (p *Provider) call(ctx context.Context, account orbit.PaymentAccount, r request, out any) error {
	secret := account.Secrets["secretKey"]
	if _, err := modeOf(secret); err != nil {
		return err
	}
	for try := 1; ; try++ {
		key := r.key
		if try > 1 {
			key += "-" + strconv.Itoa(try)
		}
		repeated, err := p.send(ctx, secret, key, r, out)
		if !repeated || try == tries {
			return err
		}
	}
}

// send makes one attempt. It reports whether the answer is a 500 that the idempotency key keeps.
func (p *Provider) send(ctx context.Context, secret, key string, r request, out any) (repeated bool, err error) {
	address, body := p.site+r.path, ""
	if r.method == http.MethodPost {
		body = r.form.Encode()
	} else if len(r.form) > 0 {
		address += "?" + r.form.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, strings.NewReader(body))
	if err != nil {
		return false, orbit.Wrap(orbit.Internal, cause(err), "Stripe can't be asked.")
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Stripe-Version", version)
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	response, err := p.client.Do(req)
	if err != nil {
		return false, orbit.Wrap(orbit.Unavailable, cause(err), "Stripe doesn't answer. Try again in a minute.")
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, largest)) // what is cut is no JSON
	if err != nil {
		return false, orbit.Wrap(orbit.Unavailable, cause(err), "Stripe's answer broke off. Try again in a minute.")
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		replayed := response.Header.Get("Idempotent-Replayed") == "true"
		return replayed && key != "" && response.StatusCode >= 500, failure(response, answer, secret, r.right)
	}
	if out == nil {
		return false, nil
	}
	if json.Unmarshal(answer, out) != nil {
		return false, unreadable()
	}
	return false, nil
}

// cause is an error of the network without the address, which names payments.
func cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func unreadable() error {
	return orbit.Errorf(orbit.Unavailable, "Stripe's answer can't be read. Try again in a minute.")
}

// refusal is why Stripe refuses a request.
type refusal struct {
	Status  int    `json:"-"`
	Type    string `json:"type"`
	Code    string `json:"code"`
	Param   string `json:"param"`
	Message string `json:"message"`
}

// Error names the refusal for the log. Stripe's message isn't in it: it may repeat parts of a key.
func (r *refusal) Error() string {
	return fmt.Sprintf("stripe: %d %s %s %s", r.Status, r.Type, r.Code, r.Param)
}

// refusedFor returns Stripe's reason in an error's chain.
func refusedFor(err error) (*refusal, bool) { return errors.AsType[*refusal](err) }

// failure is the error of an answer that isn't 2xx.
func failure(response *http.Response, answer []byte, secret, right string) error {
	var body struct {
		Error refusal `json:"error"`
	}
	_ = json.Unmarshal(answer, &body) // a gateway's page has no reason
	why := &body.Error
	why.Status = response.StatusCode
	why.Type, why.Code, why.Param = printable(why.Type), printable(why.Code), printable(why.Param)
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests, status == http.StatusConflict, why.Code == "lock_timeout":
		return orbit.Wrap(orbit.Unavailable, why, "Stripe is busy with this account. Try again in a minute.").
			After(retryAfter(response))
	case status >= 500:
		return orbit.Wrap(orbit.Unavailable, why, "Stripe has a problem. Try again in a minute.").After(retryAfter(response))
	case status == http.StatusUnauthorized:
		return orbit.Wrap(orbit.Forbidden, why,
			"Stripe doesn't accept this secret key. Copy it again from Stripe's dashboard, under Developers → API keys.")
	case status == http.StatusForbidden:
		return orbit.Wrap(orbit.Forbidden, why, "The secret key lacks a permission: "+missing(why.Message, right)+
			". Add it to the key in Stripe's dashboard, under Developers → API keys.")
	case status == http.StatusNotFound:
		return orbit.Wrap(orbit.NotFound, why, "Stripe doesn't know this payment. It may belong to another account, or "+
			"to the other one of test and live mode.")
	case why.Type == "idempotency_error":
		return orbit.Wrap(orbit.Conflict, why, "Stripe was asked for this before with other details. Start a new payment.")
	case status >= 400:
		return orbit.Wrap(orbit.Invalid, why, "Stripe refuses this"+reason(why.Message, secret))
	}
	return orbit.Wrap(orbit.Unavailable, why, "Stripe can't be reached. Try again in a minute.") // a redirect
}

// retryAfter is how long Stripe asks to wait, at most an hour.
func retryAfter(response *http.Response) time.Duration {
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // none, or no number: 0
	return time.Duration(min(max(seconds, 0), 3600)) * time.Second
}

// slug matches the name that Stripe gives a permission.
var slug = regexp.MustCompile(`'(rak_[a-z_]{1,80})'`)

// missing is the permission that a key lacks: as the dashboard names it, with Stripe's own name where it says one.
func missing(message, right string) string {
	if m := slug.FindStringSubmatch(message); m != nil {
		return right + ", which Stripe calls " + m[1]
	}
	return right
}

// secrets matches what looks like a key or a part of one: Stripe's messages show keys masked by asterisks.
var secrets = regexp.MustCompile(`(?i)(sk|rk|pk|whsec|ek)_|\*{2,}|bearer|password`)

// reason is Stripe's sentence after a colon where it can be shown, a full stop otherwise.
func reason(message, secret string) string {
	message = strings.Join(strings.Fields(printable(message)), " ")
	if message == "" || len(message) > 300 || secrets.MatchString(message) || strings.Contains(message, secret) {
		return "."
	}
	if !strings.ContainsAny(message[len(message)-1:], ".!?") {
		message += "."
	}
	return ": " + message
}

// printable is text without what could break a log's line or a page.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, cut(s, 400))
}
