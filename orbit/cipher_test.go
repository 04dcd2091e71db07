package orbit

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	firstKey  = "the first key, of more than 32 characters"
	secondKey = "the second key, of more than 32 characters"
	thirdKey  = "the third key, of more than 32 characters"
)

func cipherOf(t testing.TB, purpose SecretPurpose, current string, old ...string) Cipher {
	t.Helper()
	var before [][]byte
	for _, key := range old {
		before = append(before, []byte(key))
	}
	c, err := NewSecretKeys([]byte(current), before...).Cipher(purpose)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// aeadBefore is the cipher of the releases before key ids, as they had it: they run beside this one during a
// deployment.
func aeadBefore(t testing.TB, secretKey string, purpose SecretPurpose) cipher.AEAD {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(secretKey), nil, string(purpose), 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

// places of two merchants, of two accounts each.
func places() []SecretPlace {
	var all []SecretPlace
	for range 2 {
		m := NewID[Merchant]()
		for range 2 {
			all = append(all, PaymentSecret(m, "stripe", NewID[Payment]()))
		}
	}
	return all
}

// A secret opens in its place, for its purpose and under its key alone, and doesn't show.
func TestCipher(t *testing.T) {
	t.Parallel()
	for _, purpose := range []SecretPurpose{WebhookSecrets, TwoStepSecrets, PaymentSecrets} {
		one := cipherOf(t, purpose, firstKey)
		all := places()
		kept := one.Encrypt(all[0], NewSecret("canary"))
		if got, err := one.Decrypt(all[0], kept); err != nil || got.Reveal() != "canary" {
			t.Error(purpose, got.Reveal(), err)
		}
		if bytes.Contains(kept, []byte("canary")) || bytes.Equal(kept, one.Encrypt(all[0], NewSecret("canary"))) {
			t.Error(purpose, "it shows, or twice the same secret gives the same bytes")
		}
		for _, place := range all[1:] {
			if _, err := one.Decrypt(place, kept); err == nil {
				t.Error(purpose, "it opens in another row")
			}
		}
		for _, other := range []SecretPurpose{WebhookSecrets, TwoStepSecrets, PaymentSecrets} {
			if _, err := cipherOf(t, other, firstKey).Decrypt(all[0], kept); (err == nil) != (other == purpose) {
				t.Error(purpose, "as", other, err)
			}
		}
	}
	if _, err := (SecretKeys{}).Cipher(PaymentSecrets); err == nil {
		t.Error("a cipher without a key")
	}
}

// A secret is bound to each part of its place, and no two places are the same to a cipher.
func TestSecretPlace(t *testing.T) {
	t.Parallel()
	c := cipherOf(t, PaymentSecrets, firstKey)
	m, rival, row := NewID[Merchant](), NewID[Merchant](), NewID[Payment]()
	here := PaymentSecret(m, "stripe", row)
	kept := c.Encrypt(here, NewSecret("canary"))
	for name, place := range map[string]SecretPlace{
		"another merchant":  {rival, here.Kind, here.Row, here.Field},
		"another kind":      {here.Merchant, "paypal", here.Row, here.Field},
		"another row":       {here.Merchant, here.Kind, NewID[Payment](), here.Field},
		"another field":     {here.Merchant, here.Kind, here.Row, "old secrets"},
		"kind and field":    {here.Merchant, here.Kind + "s", here.Row, here.Field[1:]},
		"ids the other way": {MerchantID(here.Row), here.Kind, here.Merchant, here.Field},
		"none":              {},
	} {
		if _, err := c.Decrypt(place, kept); err == nil {
			t.Error("it opens in", name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.Custom(func(t *rapid.T) SecretPlace {
			id := rapid.SampledFrom([][16]byte{{}, {1}, {6, 's', 't'}})
			text := rapid.SampledFrom([]string{"", "a", "ab", "b", "\x01", "\x01a", "a\x01", "stripe"})
			return SecretPlace{id.Draw(t, "merchant"), text.Draw(t, "kind"), id.Draw(t, "row"), text.Draw(t, "field")}
		})
		a, b := place.Draw(t, "a"), place.Draw(t, "b")
		if (a == b) != bytes.Equal(a.associated(nil), b.associated(nil)) {
			t.Fatal("two places are one")
		}
	})
}

// Every secret returns from every place, whichever of the keys encrypted it, and no byte of it can be changed.
func TestCipherRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		purpose := rapid.SampledFrom([]SecretPurpose{WebhookSecrets, TwoStepSecrets, PaymentSecrets}).Draw(r, "purpose")
		place := SecretPlace{Row: NewID[Payment](), Kind: rapid.String().Draw(r, "kind"), Field: rapid.String().Draw(r, "f")}
		secret := rapid.String().Draw(r, "secret")
		kept := cipherOf(t, purpose, firstKey).Encrypt(place, NewSecret(secret))
		c := cipherOf(t, purpose, secondKey, firstKey)
		if got, err := c.Decrypt(place, kept); err != nil || got.Reveal() != secret {
			r.Fatal(got.Reveal(), err)
		}
		bad := bytes.Clone(kept)
		bad[rapid.IntRange(0, len(bad)-1).Draw(r, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		if _, err := c.Decrypt(place, bad); err == nil {
			r.Fatal("it opens with a flipped bit")
		}
		if _, err := c.Decrypt(place, kept[:rapid.IntRange(0, len(kept)-1).Draw(r, "length")]); err == nil {
			r.Fatal("it opens with its end cut off")
		}
	})
}

// A key that isn't there is one sentence, which names it where it can.
func TestMissingKey(t *testing.T) {
	t.Parallel()
	place := places()[0]
	id := func(key string) string { return cipherOf(t, PaymentSecrets, key).keys[0].id() }
	kept := cipherOf(t, PaymentSecrets, firstKey).Encrypt(place, NewSecret("canary"))
	webhook := cipherOf(t, WebhookSecrets, firstKey).Encrypt(place, NewSecret("canary"))
	for name, c := range map[string]struct {
		cipher    Cipher
		encrypted []byte
		want      string
	}{
		"another key": {cipherOf(t, PaymentSecrets, secondKey), kept, "the key " + id(firstKey) +
			" encrypted it and this program has " + id(secondKey) + "; set SECRET_KEY_OLD to the missing key"},
		"two other keys": {cipherOf(t, PaymentSecrets, secondKey, thirdKey), kept, "the key " + id(firstKey) +
			" encrypted it and this program has " + id(secondKey) + " and " + id(thirdKey) +
			"; set SECRET_KEY_OLD to the missing key"},
		"damaged": {cipherOf(t, PaymentSecrets, firstKey), kept[:len(kept)-1],
			"it is damaged, or was encrypted for another row"},
		"of an earlier release": {cipherOf(t, WebhookSecrets, secondKey), webhook,
			"it is damaged, or a key encrypted it that isn't among this program's, " + id(secondKey) +
				"; set SECRET_KEY_OLD to the missing key"},
	} {
		_, err := c.cipher.Decrypt(place, c.encrypted)
		const sentence = "A stored secret can't be decrypted"
		if err == nil || err.Error() != sentence+": "+c.want || Sentence(err) != sentence+"." ||
			CodeOf(err) != Internal || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A change of the key moves every secret once, and leaves alone what it can't open.
func TestReencrypt(t *testing.T) {
	t.Parallel()
	for _, purpose := range []SecretPurpose{WebhookSecrets, TwoStepSecrets, PaymentSecrets} {
		place := places()[0]
		kept := cipherOf(t, purpose, firstKey).Encrypt(place, NewSecret("canary"))
		both := cipherOf(t, purpose, secondKey, firstKey)
		moved, err := both.Reencrypt(place, kept)
		if err != nil {
			t.Error(purpose, err)
		}
		if got, err := cipherOf(t, purpose, secondKey).Decrypt(place, moved); err != nil || got.Reveal() != "canary" {
			t.Error(purpose, got.Reveal(), err)
		}
		if _, err := cipherOf(t, purpose, firstKey).Decrypt(place, moved); err == nil {
			t.Error(purpose, "the key before opens what was moved")
		}
		if again, err := both.Reencrypt(place, moved); err != nil || !bytes.Equal(again, moved) {
			t.Error(purpose, "what was moved is moved again:", err)
		}
		for _, void := range [][]byte{nil, []byte("x"), []byte(form), cipherOf(t, purpose, thirdKey).Encrypt(place,
			NewSecret("x"))} {
			if got, err := both.Reencrypt(place, void); err == nil || !bytes.Equal(got, void) {
				t.Error(purpose, "what no key opens was changed, or isn't reported")
			}
		}
	}
}

// Releases before key ids and this one open what the other encrypts, in all that both know.
func TestCipherOfEarlierReleases(t *testing.T) {
	t.Parallel()
	// Encrypted by the program of commit 1782582 with firstKey.
	row := [16]byte(unhex(t, "0198f0d2a1b27c3d8e4f5a6b7c8d9e0f"))
	for purpose, kept := range map[SecretPurpose]string{
		WebhookSecrets: "46150ec6e94ca4c9382072c33d78474d067c4730f95568cc66e460e9292ca8b65654e08fdd3f22f9dda4a18b82fb" +
			"31392c0c0ea94419e6",
		TwoStepSecrets: "a0befc684eccc404d0dc351dc2683a7a70c5793becfbb1ffcddb9b50f631ae7ae7cbe713cac8b5471e7d3ad760241e" +
			"19f4d259f4955057",
	} {
		const want = "whsec_of an earlier release"
		place := SecretPlace{Merchant: NewID[Merchant](), Kind: "any", Row: row, Field: "secret"}
		for _, c := range []Cipher{cipherOf(t, purpose, firstKey), cipherOf(t, purpose, secondKey, firstKey)} {
			if got, err := c.Decrypt(place, unhex(t, kept)); err != nil || got.Reveal() != want {
				t.Error(purpose, got.Reveal(), err)
			}
		}
		ours := cipherOf(t, purpose, firstKey).Encrypt(place, NewSecret("canary"))
		got, err := aeadBefore(t, firstKey, purpose).Open(nil, nil, ours, row[:])
		if err != nil || string(got) != "canary" {
			t.Error(purpose, "a process of an earlier release can't open ours:", err)
		}
	}
	// Purposes that they don't know take the present form alone, which says its key.
	place := places()[0]
	bare := aeadBefore(t, firstKey, PaymentSecrets).Seal(nil, nil, []byte("canary"), place.Row[:])
	if _, err := cipherOf(t, PaymentSecrets, firstKey).Decrypt(place, bare); err == nil {
		t.Error("a payment account's secret opens that is bound to its row alone")
	}
	c := cipherOf(t, PaymentSecrets, firstKey)
	fingerprint, err := hkdf.Key(sha256.New, []byte(firstKey), nil, "orbit360 fingerprint", 16)
	if err != nil || !bytes.HasPrefix(c.Encrypt(place, NewSecret("x")), append([]byte("k1:"), fingerprint[:4]...)) {
		t.Error("it doesn't begin with its key's id", err)
	}
	// And when earlier releases are gone, one more line of code has every purpose do so, and reads what they left.
	later := cipherOf(t, WebhookSecrets, firstKey)
	if kept := later.keys[0].encrypt(place, NewSecret("canary")); !bytes.HasPrefix(kept, []byte(form)) {
		t.Error("no id in front")
	} else if got, err := later.Decrypt(place, kept); err != nil || got.Reveal() != "canary" {
		t.Error("a later release's doesn't open here, beside it:", err)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzDecrypt(f *testing.F) {
	place := SecretPlace{Kind: "stripe", Field: "secrets"}
	one, bare := cipherOf(f, PaymentSecrets, firstKey), cipherOf(f, WebhookSecrets, firstKey)
	f.Add([]byte(nil))
	f.Add([]byte(form))
	f.Add([]byte(one.keys[0].head))
	f.Add([]byte(one.keys[0].head + strings.Repeat("x", 28)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range []Cipher{one, bare} {
			if got, err := c.Decrypt(place, b); err == nil || !got.IsZero() || strings.Contains(err.Error(), "\n") {
				t.Error(got.Reveal(), err)
			}
		}
	})
}
