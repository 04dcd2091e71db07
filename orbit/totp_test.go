package orbit

import (
	"strings"
	"testing"
	"time"
)

// The test vectors of RFC 6238, appendix B, for SHA-1, cut to six digits.
func TestTOTPCode(t *testing.T) {
	t.Parallel()
	secret := base32Text.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		now := time.Unix(at, 0)
		if got, err := TOTPCode(secret, TOTPStep(now)); got != want || err != nil {
			t.Errorf("%d: %s %v, want %s", at, got, err, want)
		}
		// A clock may be a step off either way, and no more. (A minute before 59 is before 1970, in step 0 too.)
		for drift, ok := range map[time.Duration]bool{-60 * time.Second: at < 60, -30 * time.Second: true, 0: true,
			30 * time.Second: true, 60 * time.Second: false} {
			step, matched, err := MatchTOTP(secret, " "+want[:3]+" "+want[3:], now.Add(drift))
			if err != nil || matched != ok || (ok && step != TOTPStep(now)) {
				t.Errorf("%d, %v off: %d %v %v", at, drift, step, matched, err)
			}
		}
	}
	for _, code := range []string{"", "0", "287 08", "2870820", "abcdef"} {
		if _, ok, err := MatchTOTP(secret, code, time.Unix(59, 0)); ok || err != nil {
			t.Errorf("%q: %v %v", code, ok, err)
		}
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	codes := NewRecoveryCodes()
	seen := map[string]bool{}
	for _, c := range codes {
		if seen[c] || len(c) != 19 {
			t.Error(c)
		}
		seen[c] = true
		for _, typed := range []string{c, strings.ToUpper(c), strings.ReplaceAll(c, "-", " ")} {
			if NormalRecoveryCode(typed) != c {
				t.Errorf("%q isn't %q", typed, c)
			}
		}
	}
	if len(seen) != RecoveryCodes || NormalRecoveryCode("123456") != "" || NormalRecoveryCode(codes[0]+"a") != "" {
		t.Error(codes)
	}
	const want = "otpauth://totp/ORBIT360:ann@example.com?issuer=ORBIT360&secret=ABC"
	if a := TOTPAddress("ABC", "ann@example.com"); a != want {
		t.Error(a)
	}
}
