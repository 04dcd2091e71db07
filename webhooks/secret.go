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
func newSecret() orbit.Secret {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return orbit.NewSecret(secretPrefix + base64.RawURLEncoding.EncodeToString(b))
}

// Sign returns the value of the Orbit-Signature header: the time in Unix seconds and, for each secret in
// force, the HMAC-SHA256 of "{timestamp}.{body}" in hexadecimal.
func Sign(at time.Time, body string, secrets ...orbit.Secret) string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	header := "t=" + stamp
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		fmt.Fprintf(mac, "%s.%s", stamp, body)
		header += ",v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return header
}
