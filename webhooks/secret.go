package webhooks

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
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

// box encrypts secrets for the database: AES-256-GCM with a random nonce in front, bound to the webhook, so
// that an encrypted secret moved to another row can't be decrypted there.
type box struct{ aead cipher.AEAD }

func newBox(secretKey []byte) (box, error) {
	key, err := hkdf.Key(sha256.New, secretKey, nil, "orbit360 webhook secrets", 32)
	if err != nil {
		return box{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return box{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return box{aead}, err
}

func (b box) encrypt(id orbit.WebhookID, secret string) []byte {
	return b.aead.Seal(nil, nil, []byte(secret), id[:])
}

var errDecrypt = errors.New("webhooks: a secret can't be decrypted; SECRET_KEY isn't the one it was encrypted with")

func (b box) decrypt(id orbit.WebhookID, encrypted []byte) (string, error) {
	plain, err := b.aead.Open(nil, nil, encrypted, id[:])
	if err != nil {
		return "", errDecrypt
	}
	return string(plain), nil
}

// Reencrypt returns a function that moves encrypted secrets from one key to another. What the new key decrypts stays as
// it is, so that it can be done again after a crash in the middle.
func Reencrypt(from, to []byte) (func(id orbit.WebhookID, encrypted []byte) ([]byte, error), error) {
	before, err := newBox(from)
	if err != nil {
		return nil, err
	}
	after, err := newBox(to)
	if err != nil {
		return nil, err
	}
	return func(id orbit.WebhookID, encrypted []byte) ([]byte, error) {
		if _, err := after.decrypt(id, encrypted); err == nil {
			return encrypted, nil
		}
		secret, err := before.decrypt(id, encrypted)
		if err != nil {
			return encrypted, nil // void already: it was encrypted with neither
		}
		return after.encrypt(id, secret), nil
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
