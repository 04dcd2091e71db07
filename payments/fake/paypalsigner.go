package fake

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// signer signs events as PayPal does: with an RSA key, the certificate of which it serves, alone. What is between that
// and the root is at the authority, to which the certificate points.
type signer struct {
	key    *rsa.PrivateKey
	base   string
	roots  *x509.CertPool
	root   []byte
	number int64

	authority    *ecdsa.PrivateKey
	intermediate *x509.Certificate

	mu     sync.Mutex
	served map[string][]byte // by the last part of the URL
}

// theirName is the name that PayPal's certificate has.
const theirName = "messageverificationcerts.paypal.com"

const certificatePath = "/v1/notifications/certs/"

func newSigner(base string) (*signer, error) {
	s := &signer{base: base, served: map[string][]byte{}, roots: x509.NewCertPool()}
	var err error
	if s.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, err
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if s.authority, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	root, err := s.certificate(s.template("A Root", true), nil, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, err
	}
	s.roots.AddCert(root)
	s.root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
	if s.intermediate, err = s.certificate(s.template("An Authority", true), root, &s.authority.PublicKey,
		rootKey); err != nil {
		return nil, err
	}
	s.served["authority"] = s.intermediate.Raw
	s.served["chain"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.intermediate.Raw})
	return s, s.certify("CERT-1", theirName, time.Now().Add(24*time.Hour))
}

// certify serves another certificate of the key, under the root.
func (s *signer) certify(id, name string, until time.Time) error {
	t := s.template(name, false)
	t.DNSNames, t.NotAfter = []string{name}, until
	t.IssuingCertificateURL = []string{s.base + certificatePath + "authority"}
	c, err := s.certificate(t, s.intermediate, &s.key.PublicKey, s.authority)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served[id] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	return nil
}

func (s *signer) template(name string, authority bool) *x509.Certificate {
	s.number++
	t := &x509.Certificate{SerialNumber: big.NewInt(s.number), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: authority}
	if authority {
		t.KeyUsage = x509.KeyUsageCertSign
	}
	return t
}

func (s *signer) certificate(template, parent *x509.Certificate, of any, by crypto.Signer) (*x509.Certificate, error) {
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, of, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (s *signer) serve(w http.ResponseWriter, id string) {
	s.mu.Lock()
	text := s.served[id]
	s.mu.Unlock()
	if text == nil {
		http.Error(w, "RESOURCE_NOT_FOUND", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(text) // a client that has gone
}

// sign returns the headers of an event. Its time is that of the first attempt, also in the later ones.
func (s *signer) sign(webhook, transmission string, at time.Time, body []byte) (http.Header, error) {
	sent := at.UTC().Format(time.RFC3339)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", transmission, sent, webhook, crc32.ChecksumIEEE(body)))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("Paypal-Transmission-Id", transmission)
	header.Set("Paypal-Transmission-Time", sent)
	header.Set("Paypal-Transmission-Sig", base64.StdEncoding.EncodeToString(signature))
	header.Set("Paypal-Cert-Url", s.base+certificatePath+"CERT-1")
	header.Set("Paypal-Auth-Algo", "SHA256withRSA")
	header.Set("Paypal-Auth-Version", "v2")
	return header, nil
}

// Sign returns the headers of a message that PayPal signs at a time, for a webhook.
func (p *PayPal) Sign(webhook string, at time.Time, body []byte) (http.Header, error) {
	return p.signer.sign(webhook, "transmission-by-hand", at, body)
}

// Certify serves a certificate of PayPal's key for another name and until another time, under the same root.
func (p *PayPal) Certify(id, name string, until time.Time) error {
	return p.signer.certify(id, name, until)
}
