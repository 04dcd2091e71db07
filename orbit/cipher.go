package orbit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// Cipher encrypts secrets for the database: AES-256-GCM with a random nonce in front, bound to the row that the secret
// stands in, so that an encrypted secret moved to another row can't be decrypted there.
type Cipher struct{ aead cipher.AEAD }

// NewCipher returns the cipher of one purpose. Each purpose has a key of its own, derived from the platform's.
func NewCipher(secretKey []byte, purpose string) (Cipher, error) {
	key, err := hkdf.Key(sha256.New, secretKey, nil, purpose, 32)
	if err != nil {
		return Cipher{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Cipher{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Cipher{aead}, err
}

// Encrypt returns a secret as a row keeps it. Row is the row's id.
func (c Cipher) Encrypt(row []byte, secret string) []byte {
	return c.aead.Seal(nil, nil, []byte(secret), row)
}

var errDecrypt = errors.New("a secret can't be decrypted; SECRET_KEY isn't the one it was encrypted with")

// Decrypt returns the secret of a row.
func (c Cipher) Decrypt(row, encrypted []byte) (string, error) {
	plain, err := c.aead.Open(nil, nil, encrypted, row)
	if err != nil {
		return "", errDecrypt
	}
	return string(plain), nil
}

// Reencrypt moves an encrypted secret from one cipher to another. What the new one decrypts stays as it is, so that it
// can be done again after a crash in the middle; what neither decrypts is void and stays too.
func Reencrypt(from, to Cipher, row, encrypted []byte) []byte {
	if _, err := to.Decrypt(row, encrypted); err == nil {
		return encrypted
	}
	secret, err := from.Decrypt(row, encrypted)
	if err != nil {
		return encrypted
	}
	return to.Encrypt(row, secret)
}
