package webhooks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
	"unicode"

	"orbit360.app/orbit"
)

// Limits of one attempt.
const (
	attemptTimeout = 5 * time.Second // from name to last byte
	maxAnswer      = 64 << 10        // read to keep the connection; the rest is cut off
	excerpt        = 1000            // characters of the answer that the log keeps
	maxHeader      = 16 << 10
)

var errPrivate = errors.New("webhooks: not an address of the public internet")

// newClient returns the client for all deliveries. Addresses are judged when they are dialed, after the name
// was resolved, so that a name can't lead elsewhere the second time it is looked up (DNS rebinding).
// A proxy from the environment would dial for us unjudged, so none is used.
func newClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: attemptTimeout, KeepAlive: 30 * time.Second}
	if !private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return refusePrivate(address) }
	}
	return &http.Client{
		Timeout: attemptTimeout,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    attemptTimeout,
			MaxIdleConnsPerHost:    2,
			MaxIdleConns:           40,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // an answer that unpacks to a gigabyte is no answer
		},
		// A redirect is an answer like any other, and not a good one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// refusePrivate judges "ip:port" as the dialer is about to connect to it.
func refusePrivate(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !orbit.PublicAddr(a.Addr()) {
		return errPrivate
	}
	return nil
}

// attempt sends a parcel once and returns how it went. Delivered means an answer of 2xx.
func (s *Service) attempt(ctx context.Context, p orbit.DeliverySheet) (a orbit.DeliveryAttempt, delivered bool) {
	a.At = time.Now().UTC().Truncate(time.Millisecond)
	defer func() { a.Millis = time.Since(a.At).Milliseconds() }()
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	secrets, err := s.secrets(p.Webhook, a.At)
	if err != nil {
		s.log.Error("a webhook's secret can't be used", "webhook", p.Webhook.ID, "error", err)
		a.Error = "The secret of this webhook can't be decrypted. Rotate it."
		return a, false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Webhook.URL, strings.NewReader(p.Event.Body))
	if err != nil {
		a.Error = "The address can't be called."
		return a, false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "ORBIT360-Webhooks/1")
	req.Header.Set("Orbit-Event-Id", p.Event.ID.String())
	req.Header.Set("Orbit-Event-Type", string(p.Event.Kind))
	req.Header.Set("Orbit-Signature", Sign(a.At, p.Event.Body, secrets...))
	res, err := s.client.Do(req)
	if err != nil {
		a.Error = explain(err)
		return a, false
	}
	defer res.Body.Close()
	a.Status = res.StatusCode
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	a.Body = printable(body)
	switch {
	case err != nil:
		// The status has come: what a receiver says beyond it is for people alone.
		a.Error = explain(err)
	case res.StatusCode >= 300 && res.StatusCode < 400:
		a.Error = "The receiver redirects. Redirects aren't followed: enter the final address."
	}
	return a, res.StatusCode >= 200 && res.StatusCode < 300
}

// secrets returns those in force at a time, the newest first.
func (s *Service) secrets(w orbit.Webhook, at time.Time) ([]orbit.Secret, error) {
	place := orbit.WebhookSecret(w.MerchantID, w.ID)
	secret, err := s.cipher.Decrypt(place, w.Secret)
	if err != nil {
		return nil, err
	}
	secrets := []orbit.Secret{secret}
	if len(w.OldSecret) > 0 && at.Before(w.OldUntil) {
		old, err := s.cipher.Decrypt(place, w.OldSecret)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, old)
	}
	return secrets, nil
}

// explain returns in words why there was no answer. Errors of the network repeat addresses and more, so only what
// people can act on is kept.
func explain(err error) string {
	var dns *net.DNSError
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	timeout, _ := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errPrivate):
		return "The host name resolves to a private network address, which isn't called."
	case errors.As(err, &dns) && dns.IsNotFound:
		return "The host name doesn't exist."
	case errors.As(err, &dns):
		return "The host name couldn't be resolved."
	case errors.Is(err, context.DeadlineExceeded), timeout != nil && timeout.Timeout():
		return fmt.Sprintf("No response within %d seconds.", int(attemptTimeout.Seconds()))
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The connection was refused."
	case errors.As(err, &hostname), errors.As(err, &authority), errors.As(err, &invalid):
		return "The receiver's certificate isn't valid for its name."
	case errors.As(err, &record):
		return "The receiver doesn't speak TLS."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "The receiver closed the connection."
	}
	return "The receiver couldn't be reached."
}

// printable returns the beginning of an answer as it can be shown and stored.
func printable(b []byte) string {
	s := strings.ToValidUTF8(string(b[:min(len(b), 4*excerpt)]), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || (r != 0xFEFF && !unicode.IsControl(r)) {
			return r
		}
		return -1
	}, s)
	if r := []rune(s); len(r) > excerpt {
		s = string(r[:excerpt]) + "…"
	}
	return strings.TrimSpace(s)
}
