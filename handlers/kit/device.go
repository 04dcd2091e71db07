package kit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// deviceFor is how long a browser is known by.
const deviceFor = 180 * 24 * time.Hour

// A device is known by a cookie that a sign-in leaves (OWASP, Device Cookies): 16 random bytes, the time, and a MAC
// over both and the account's address. It signs nobody in. It gives its holder tries of their own at that one account
// and a lane of their own to the hashing of passwords, so that floods from elsewhere, or from the same network, don't
// keep them out.
const (
	deviceNonce = 16
	deviceBytes = deviceNonce + 8 + sha256.Size
)

func (k *Kit) deviceCookie() string {
	if k.Addresses.Secure() {
		return "__Host-orbit-device"
	}
	return "orbit-device"
}

// device names the device that a request comes from, if it has signed in to the account of this address before; ""
// otherwise.
func (k *Kit) device(c *fiber.Ctx, email string) string {
	b, err := base64.RawURLEncoding.DecodeString(c.Cookies(k.deviceCookie()))
	if err != nil || len(b) != deviceBytes || !hmac.Equal(b[deviceNonce+8:], k.deviceMAC(b[:deviceNonce+8], email)) {
		return ""
	}
	age := time.Since(time.Unix(int64(binary.BigEndian.Uint64(b[deviceNonce:])), 0))
	if age < -time.Hour || age > deviceFor {
		return ""
	}
	return "device " + base64.RawURLEncoding.EncodeToString(b[:deviceNonce])
}

// rememberDevice leaves the cookie in a browser: where a page was asked for, not in programs that sign in and keep one
// cookie, the session's. Browsers say so (Fetch Metadata) wherever they come by https.
func (k *Kit) rememberDevice(c *fiber.Ctx, email string) {
	if c.Get("Sec-Fetch-Dest") != "document" {
		return
	}
	b := make([]byte, deviceNonce, deviceBytes)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	b = binary.BigEndian.AppendUint64(b, uint64(time.Now().Unix()))
	b = append(b, k.deviceMAC(b, email)...)
	c.Cookie(&fiber.Cookie{Name: k.deviceCookie(), Value: base64.RawURLEncoding.EncodeToString(b), Path: "/",
		HTTPOnly: true, Secure: k.Addresses.Secure(),
		SameSite: fiber.CookieSameSiteLaxMode, Expires: time.Now().Add(deviceFor)})
}

func (k *Kit) deviceMAC(head []byte, email string) []byte {
	mac := hmac.New(sha256.New, k.PreviewKey)
	mac.Write([]byte("known device "))
	mac.Write(head)
	mac.Write([]byte(strings.ToLower(email)))
	return mac.Sum(nil)
}
