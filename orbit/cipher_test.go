package orbit

import (
	"bytes"
	"testing"
)

// A secret opens in its own row, for its own purpose and under its own key, and is moved to another key once.
func TestCipher(t *testing.T) {
	t.Parallel()
	cipher := func(key, purpose string) Cipher {
		c, err := NewCipher([]byte(key), purpose)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one, other := cipher("a key of the platform's, 32 bytes", "a"), cipher("another key, of 32 bytes or more.", "a")
	row, rival := []byte("row"), []byte("rival")
	kept := one.Encrypt(row, "secret")
	if got, err := one.Decrypt(row, kept); err != nil || got != "secret" || bytes.Contains(kept, []byte("secret")) {
		t.Error(got, err)
	}
	if bytes.Equal(kept, one.Encrypt(row, "secret")) {
		t.Error("the same secret encrypts to the same bytes")
	}
	for name, c := range map[string]Cipher{"another key": other,
		"another purpose": cipher("a key of the platform's, 32 bytes", "b")} {
		if _, err := c.Decrypt(row, kept); err == nil {
			t.Error(name, "opens it")
		}
	}
	if _, err := one.Decrypt(rival, kept); err == nil {
		t.Error("it opens in another row")
	}
	moved := Reencrypt(one, other, row, kept)
	if got, err := other.Decrypt(row, moved); err != nil || got != "secret" {
		t.Error(got, err)
	}
	if !bytes.Equal(Reencrypt(one, other, row, moved), moved) || string(Reencrypt(one, other, row, []byte("x"))) != "x" {
		t.Error("what was moved, or opens with neither key, was changed")
	}
}
