package paypal

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"orbit360.app/orbit"
)

const (
	maxCertificates = 16
	maxCertificate  = 64 << 10
	maxChain        = 6
	// keepFor is how long a certificate isn't asked for again: PayPal's own answer says a day.
	keepFor = 24 * time.Hour
	// issuers is where PayPal's authority has its own certificates. PayPal serves its certificate alone, and a chain
	// can't be checked without what is between it and a root.
	issuers = "cacerts.digicert.com"
)

// certificates keeps PayPal's keys by the URL of their certificate. There is one, and a second in the days in which
// PayPal changes it.
type certificates struct {
	mu    sync.Mutex
	byURL map[string]certified
}

type certified struct {
	key   *rsa.PublicKey
	until time.Time
}

func (cs *certificates) get(address string) *rsa.PublicKey {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byURL[address]; ok && time.Now().Before(c.until) {
		return c.key
	}
	return nil
}

func (cs *certificates) put(address string, c certified) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byURL == nil || len(cs.byURL) >= maxCertificates {
		cs.byURL = map[string]certified{}
	}
	cs.byURL[address] = c
}

// key is that of a certificate, which PayPal's own site serves and a root certifies for a name of PayPal's. Invalid
// where it is another's, Unavailable where it can't be fetched: PayPal sends again.
func (p *Provider) key(ctx context.Context, address string) (*rsa.PublicKey, error) {
	if key := p.certificates.get(address); key != nil {
		return key, nil
	}
	select {
	case p.fetching <- struct{}{}: // URLs that don't exist keep a few requests busy and no more
		defer func() { <-p.fetching }()
	case <-ctx.Done():
		return nil, unreachable(ctx.Err())
	}
	if key := p.certificates.get(address); key != nil { // fetched while this one waited
		return key, nil
	}
	text, err := p.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	chain, err := parse(text)
	if err != nil {
		return nil, notPayPals("no certificate: " + err.Error())
	}
	leaf := chain[0]
	if err := p.certify(ctx, leaf, chain[1:]); err != nil {
		return nil, err
	}
	key, ok := leaf.PublicKey.(*rsa.PublicKey)
	if !ok || !named(leaf) {
		return nil, notPayPals("the certificate has another name or kind of key")
	}
	until := time.Now().Add(keepFor)
	if leaf.NotAfter.Before(until) {
		until = leaf.NotAfter
	}
	p.certificates.put(address, certified{key, until})
	return key, nil
}

// named reports whether a certificate is for a name at paypal.com.
func named(leaf *x509.Certificate) bool {
	for _, name := range leaf.DNSNames {
		if strings.HasSuffix(strings.ToLower(name), ".paypal.com") {
			return true
		}
	}
	return false
}

// certify checks the chain from a certificate to a root. Where the links between them didn't come along, it asks the
// authority for them, at the address that the certificate names. They need no trust: the roots check them.
func (p *Provider) certify(ctx context.Context, leaf *x509.Certificate, between []*x509.Certificate) error {
	options := x509.VerifyOptions{Roots: p.roots, Intermediates: x509.NewCertPool(),
		// It signs messages, which is no use that certificates have a word for.
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	for _, c := range between {
		options.Intermediates.AddCert(c)
	}
	last := leaf
	if len(between) > 0 {
		last = between[len(between)-1]
	}
	for range maxChain {
		_, err := leaf.Verify(options)
		if err == nil {
			return nil
		}
		if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown {
			return notPayPals("the certificate isn't valid: " + err.Error())
		}
		issuer := p.issuerOf(last)
		if issuer == "" {
			return notPayPals("the certificate leads to no root")
		}
		text, err := p.fetch(ctx, issuer)
		if err != nil {
			return err
		}
		next, err := parse(text)
		if err != nil {
			return notPayPals("no certificate of the authority: " + err.Error())
		}
		options.Intermediates.AddCert(next[0])
		last = next[0]
	}
	return notPayPals("the certificate leads to no root")
}

// issuerOf is where the certificate of a certificate's authority is, "" where that is no place that is asked. RFC 5280,
// section 4.2.2.1: it is served over plain HTTP.
func (p *Provider) issuerOf(c *x509.Certificate) string {
	for _, address := range c.IssuingCertificateURL {
		if u, err := url.Parse(address); err == nil && u.User == nil &&
			(u.Scheme == "http" && u.Host == issuers || p.own != nil && p.trusted(u)) {
			return address
		}
	}
	return ""
}

// fetch gets a small file.
func (p *Provider) fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, notPayPals("the certificate's address can't be called")
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxCertificate+1))
	switch {
	case err != nil:
		return nil, unreachable(err)
	case res.StatusCode >= 500, res.StatusCode == http.StatusTooManyRequests:
		return nil, orbit.Errorf(orbit.Unavailable, "PayPal's certificate can't be fetched at the moment.")
	case res.StatusCode != http.StatusOK, len(text) > maxCertificate:
		return nil, notPayPals("there is no certificate at its address")
	}
	return text, nil
}

// parse reads certificates, of PEM or a single one of DER, the first first.
func parse(text []byte) (chain []*x509.Certificate, err error) {
	for rest := text; len(chain) < maxChain; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	if len(chain) > 0 {
		return chain, nil
	}
	c, err := x509.ParseCertificate(text)
	return []*x509.Certificate{c}, err
}
