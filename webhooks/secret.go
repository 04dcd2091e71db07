package webhooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"orbit360.app/orbit"
)

// secretPrefix shows in a receiver's configuration what the value is.
const secretPrefix = "whsec_"

// newSecret returns what a receiver checks signatures with: 256 random bits. The whole text is the key.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return secretPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// cipherOf returns what encrypts the secrets of webhooks, each bound to its webhook's id.
func cipherOf(secretKey []byte) (orbit.Cipher, error) {
	return orbit.NewCipher(secretKey, "orbit360 webhook secrets")
}

// Reencrypt returns a function that moves encrypted secrets from one key to another, as orbit.Reencrypt does.
func Reencrypt(from, to []byte) (func(id orbit.WebhookID, encrypted []byte) ([]byte, error), error) {
	before, err := cipherOf(from)
	if err != nil {
		return nil, err
	}
	after, err := cipherOf(to)
	if err != nil {
		return nil, err
	}
	return func(id orbit.WebhookID, encrypted []byte) ([]byte, error) {
		return orbit.Reencrypt(before, after, id[:], encrypted), nil
	}, nil
}

// Sign returns the value of the Orbit-Signature header: the time in Unix seconds and, for each secret in
// force, the HMAC-SHA256 of "{timestamp}.{body}" in hexadecimal.
func Sign(at time.Time, body string, secrets ...string) string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	header := "t=" + stamp
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(mac, "%s.%s", stamp, body)
		header += ",v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return header
}
