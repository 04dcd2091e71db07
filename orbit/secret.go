package orbit

import (
	"errors"
	"fmt"
	"io"
)

// masked is what is printed in the place of a secret.
const masked = "[secret]"

// Secret is a text that must show nowhere but where it is meant to: fmt, slog and encoding/json print a mask. It is
// behind a function, because fmt reads a struct's own fields, and answers verbs such as %d, without asking the methods.
// The zero Secret is empty.
type Secret struct{ reveal func() string }

// NewSecret returns a text as a secret.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String returns the mask, or nothing where there is no secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return masked
}

// GoString returns the mask.
func (s Secret) GoString() string { return s.String() }

// MarshalText returns the mask, for JSON and slog's handlers too: what is marshaled can't be read back. The way
// to store a secret is Cipher.Encrypt.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes a secret from JSON or the environment. It refuses the mask: that is a secret that was marshaled
// by mistake, and is gone.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == masked {
		return errors.New("orbit: the mask of a secret instead of the secret")
	}
	*s = NewSecret(string(text))
	return nil
}

// String returns what a log may have of the account.
func (a PaymentAccount) String() string { return a.Provider + " account " + masked }

// Format prints the account without its secrets.
func (a PaymentAccount) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// MarshalText returns what a log may have: as JSON the account has no secrets either.
func (a PaymentAccount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Format prints the webhook without its secret. It has no mask in JSON, which is encrypted with the account's secrets.
func (w ProviderWebhook) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, w.ID+" "+masked) }
