package orbit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Two-step sign-in asks for a code of the person's authenticator app after the password: time-based one-time passwords
// (RFC 6238) of six digits, a new one every 30 seconds, under HMAC-SHA-1, which is what all apps take.
const (
	totpEvery       = 30 * time.Second
	totpDigits      = 6
	totpSecretBytes = 20 // RFC 4226, section 4, R6
	totpDrift       = 1  // steps that a phone's clock may be off, either way
)

// How long a person has for the code after the password, and how many recovery codes an account has.
const (
	SecondStepFor = 10 * time.Minute
	RecoveryCodes = 10
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewTOTPSecret makes the secret that an app and the platform share, as people type it.
func NewTOTPSecret() string { return base32Text.EncodeToString(randomBytes(totpSecretBytes)) }

// TOTPStep returns the number of the step that a time is in.
func TOTPStep(t time.Time) int64 { return t.Unix() / int64(totpEvery.Seconds()) }

// TOTPCode returns the code of a secret in a step.
func TOTPCode(secret string, step int64) (string, error) {
	key, err := base32Text.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("orbit: a secret of two-step sign-in isn't base32: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf // dynamic truncation (RFC 4226, section 5.3)
	return fmt.Sprintf("%0*d", totpDigits, binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000), nil
}

// MatchTOTP returns the step, of now or one beside it, that a code is of; ok is false where it is of none. The caller
// refuses a step that has been used.
func MatchTOTP(secret, code string, now time.Time) (step int64, ok bool, err error) {
	code = strings.Join(strings.Fields(code), "")
	for s := TOTPStep(now) - totpDrift; s <= TOTPStep(now)+totpDrift; s++ {
		want, err := TOTPCode(secret, s)
		if err != nil {
			return 0, false, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok, nil
}

// TOTPAddress is what an app reads out of a QR code (the otpauth form that Google Authenticator began).
func TOTPAddress(secret, account string) string {
	q := url.Values{"secret": {secret}, "issuer": {"ORBIT360"}}
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/ORBIT360:" + account, RawQuery: q.Encode()}).String()
}

// NewRecoveryCodes makes the codes that open the account, once each, of somebody who has lost their app: 80 random bits
// in four groups of four.
func NewRecoveryCodes() []string {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		c := strings.ToLower(base32Text.EncodeToString(randomBytes(10)))
		codes[i] = c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
	}
	return codes
}

// NormalRecoveryCode returns a typed recovery code as it was made; "" for what can't be one.
func NormalRecoveryCode(typed string) string {
	c := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(typed))
	if len(c) != 16 {
		return ""
	}
	return c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return b
}
