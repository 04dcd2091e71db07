package orbit

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// SecretKeys holds the platform's secret keys: SECRET_KEY, which encrypts, and those that it replaces, which decrypt
// what they once encrypted.
type SecretKeys struct{ keys []Secret }

// NewSecretKeys returns the keys, the current one first.
func NewSecretKeys(current []byte, old ...[]byte) SecretKeys {
	keys := []Secret{NewSecret(string(current))}
	for _, key := range old {
		keys = append(keys, NewSecret(string(key)))
	}
	return SecretKeys{keys}
}

// Cipher returns the cipher of one purpose.
func (k SecretKeys) Cipher(purpose SecretPurpose) (Cipher, error) {
	c := Cipher{bare: purpose.bare()}
	for _, key := range k.keys {
		ck, err := newCipherKey([]byte(key.Reveal()), purpose)
		if err != nil {
			return Cipher{}, fmt.Errorf("%s: %w", purpose, err)
		}
		c.keys = append(c.keys, ck)
	}
	if len(c.keys) == 0 {
		return Cipher{}, errors.New("orbit: a cipher without a secret key")
	}
	return c, nil
}

// SecretPurpose is what secrets are kept for. Each has a key of its own, derived from each of the platform's.
type SecretPurpose string

// The purposes. Their texts go into the keys: another one opens nothing.
const (
	WebhookSecrets SecretPurpose = "orbit360 webhook secrets"
	TwoStepSecrets SecretPurpose = "orbit360 two-step sign-in"
	PaymentSecrets SecretPurpose = "orbit360 payment accounts"
)

// bare reports whether secrets are still encrypted in the form of the releases that knew no key ids. Their processes
// run beside ours during a deployment, or again after one that is undone, and open no other form. Ours open both: when
// no release that is deployed beside the next one knows the bare form alone, delete this.
func (p SecretPurpose) bare() bool { return p == WebhookSecrets || p == TwoStepSecrets }

// SecretPlace is where an encrypted secret stands. It is bound to its place: moved to another merchant, kind, row or
// field, it doesn't open.
type SecretPlace struct {
	Merchant MerchantID // zero for the platform's own
	Kind     string     // of row, such as a payment account's provider
	Row      [16]byte   // the row's id
	Field    string
}

// WebhookSecret is the place of a webhook's signing secret, the one before a rotation included: it moves to the other
// column as it is.
func WebhookSecret(of MerchantID, id WebhookID) SecretPlace {
	return SecretPlace{of, "webhook", id, "secret"}
}

// TwoStepSecret is the place of a person's secret of two-step sign-in.
func TwoStepSecret(id UserID) SecretPlace {
	return SecretPlace{Kind: "user", Row: id, Field: "two-step secret"}
}

// PaymentSecret is the place of the secrets of a merchant's account at a provider of payments: one JSON text.
func PaymentSecret(of MerchantID, provider string, account [16]byte) SecretPlace {
	return SecretPlace{of, provider, account, "secrets"}
}

// associated returns the place for a cipher, behind the form of what is encrypted. Texts have their length in front, so
// that no two places give the same bytes; and all are longer than a bare row id.
func (p SecretPlace) associated(head []byte) []byte {
	b := bytes.Clone(head)
	b = append(b, p.Merchant[:]...)
	b = append(b, p.Row[:]...)
	for _, text := range []string{p.Kind, p.Field} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return b
}

// Cipher encrypts the secrets of one purpose for the database by AES-256-GCM. An encrypted secret begins with its form
// and the id of its key; then come a random nonce and the secret.
type Cipher struct {
	keys []cipherKey // the one that encrypts first
	bare bool
}

type cipherKey struct {
	head string // form and id
	aead cipher.AEAD
}

const (
	form  = "k1:"
	keyID = 4 // bytes: they tell keys apart, and say nothing about them
)

func newCipherKey(secretKey []byte, purpose SecretPurpose) (cipherKey, error) {
	// How the key's fingerprint begins, which the database has.
	id, err := hkdf.Key(sha256.New, secretKey, nil, "orbit360 fingerprint", keyID)
	if err != nil {
		return cipherKey{}, err
	}
	key, err := hkdf.Key(sha256.New, secretKey, nil, string(purpose), 32)
	if err != nil {
		return cipherKey{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return cipherKey{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return cipherKey{form + string(id), aead}, err
}

// id returns the key's id as people read it.
func (k cipherKey) id() string { return hex.EncodeToString([]byte(k.head[len(form):])) }

func (k cipherKey) encrypt(place SecretPlace, secret Secret) []byte {
	head := []byte(k.head)
	return k.aead.Seal(head, nil, []byte(secret.Reveal()), place.associated(head))
}

func (k cipherKey) encryptBare(place SecretPlace, secret Secret) []byte {
	return k.aead.Seal(nil, nil, []byte(secret.Reveal()), place.Row[:])
}

func (k cipherKey) decrypt(place SecretPlace, encrypted []byte) (Secret, error) {
	head := []byte(k.head)
	rest, ok := bytes.CutPrefix(encrypted, head)
	if !ok {
		return Secret{}, errors.New("another key's")
	}
	plain, err := k.aead.Open(nil, nil, rest, place.associated(head))
	return NewSecret(string(plain)), err
}

func (k cipherKey) decryptBare(place SecretPlace, encrypted []byte) (Secret, error) {
	plain, err := k.aead.Open(nil, nil, encrypted, place.Row[:])
	return NewSecret(string(plain)), err
}

// Encrypt returns a secret as its place in the database has it.
func (c Cipher) Encrypt(place SecretPlace, secret Secret) []byte {
	if c.bare {
		return c.keys[0].encryptBare(place, secret)
	}
	return c.keys[0].encrypt(place, secret)
}

// Decrypt returns the secret of a place, which any of the keys encrypted. The error says in a sentence what is wrong,
// and holds nothing of the secret; its cause is for operators.
func (c Cipher) Decrypt(place SecretPlace, encrypted []byte) (Secret, error) {
	_, secret, err := c.open(place, encrypted)
	return secret, err
}

// open also returns which of the keys it was.
func (c Cipher) open(place SecretPlace, encrypted []byte) (key int, _ Secret, _ error) {
	for i, k := range c.keys {
		if secret, err := k.decrypt(place, encrypted); err == nil {
			return i, secret, nil
		}
	}
	// One random nonce in sixteen million begins like a form: such a secret is bare all the same.
	for i, k := range c.keys {
		if !c.bare {
			break
		}
		if secret, err := k.decryptBare(place, encrypted); err == nil {
			return i, secret, nil
		}
	}
	return 0, Secret{}, Wrap(Internal, c.reason(encrypted), "A stored secret can't be decrypted.")
}

// reason returns why none of the keys opens what is encrypted.
func (c Cipher) reason(encrypted []byte) error {
	var known []string
	for _, k := range c.keys {
		if bytes.HasPrefix(encrypted, []byte(k.head)) {
			return errors.New("it is damaged, or was encrypted for another row")
		}
		known = append(known, k.id())
	}
	have := strings.Join(known, " and ")
	if rest, ok := bytes.CutPrefix(encrypted, []byte(form)); ok && len(rest) > keyID {
		return fmt.Errorf("the key %x encrypted it and this program has %s; set SECRET_KEY_OLD to the missing key",
			rest[:keyID], have)
	}
	return fmt.Errorf("it is damaged, or a key encrypted it that isn't among this program's, %s; "+
		"set SECRET_KEY_OLD to the missing key", have)
}

// Reencrypt returns a secret as the current key encrypts it. What that key encrypted stays as it is, so that it can be
// done again after a crash; what none of the keys opens stays too, and is an error.
func (c Cipher) Reencrypt(place SecretPlace, encrypted []byte) ([]byte, error) {
	key, secret, err := c.open(place, encrypted)
	if err != nil || key == 0 {
		return encrypted, err
	}
	return c.Encrypt(place, secret), nil
}
