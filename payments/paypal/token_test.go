package paypal

import (
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"
)

func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	var all tokens
	key := func(i int) [sha256.Size]byte { return sha256.Sum256(fmt.Append(nil, i)) }
	now := time.Now()
	for i := range 3 * maxTokens {
		until := now.Add(time.Hour)
		if i%2 == 0 {
			until = now.Add(-time.Hour)
		}
		all.put(key(i), token{value: "x", until: until})
		if _, ok := all.get(key(i)); ok == (i%2 == 0) {
			t.Fatalf("token %d: %v", i, ok)
		}
		if len(all.byAccount) > maxTokens {
			t.Fatalf("%d tokens are kept", len(all.byAccount))
		}
	}
	if len(all.byAccount) < maxTokens/2 {
		t.Errorf("%d tokens are left", len(all.byAccount))
	}
	all.forget(key(3*maxTokens - 1))
	if _, ok := all.get(key(3*maxTokens - 1)); ok {
		t.Error("it was to be forgotten")
	}
}

func TestCertificatesAreBounded(t *testing.T) {
	t.Parallel()
	var all certificates
	for i := range 10 * maxCertificates {
		address := fmt.Sprint(i)
		all.put(address, certified{new(rsa.PublicKey), time.Now().Add(time.Hour)})
		if all.get(address) == nil || len(all.byURL) > maxCertificates {
			t.Fatalf("%d of %d certificates are kept", len(all.byURL), i)
		}
	}
	all.put("old", certified{new(rsa.PublicKey), time.Now().Add(-time.Hour)})
	if all.get("old") != nil {
		t.Error("an old one is used")
	}
}
