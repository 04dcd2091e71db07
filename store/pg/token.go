package pg

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Token is a secret of 256 random bits in URL-safe text. The database keeps its hash alone.
func Token() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash is what the database keeps of a token.
func Hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
