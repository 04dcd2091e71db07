package kit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// Preview is what a signed link lets its holder see: a shop that may not be open yet, as it is or in a draft.
type Preview struct {
	Merchant orbit.MerchantID
	Draft    orbit.ReleaseID // zero: the release that is public, or will be
	Expires  time.Time
}

// PreviewQuery is the parameter of an address that holds a preview's token.
const PreviewQuery = "preview"

// PreviewFor is how long a link is good.
const PreviewFor = 12 * time.Hour

// A token is version, merchant, draft, expiry and the first half of an HMAC-SHA256 over these, in base64url.
const (
	previewVersion = 1
	previewSigned  = 1 + 16 + 16 + 4
	previewSum     = 16
)

// PreviewToken signs a preview.
func (k *Kit) PreviewToken(p Preview) string {
	b := make([]byte, 0, previewSigned+previewSum)
	b = append(append(append(b, previewVersion), p.Merchant[:]...), p.Draft[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(p.Expires.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, k.previewSum(b)...))
}

func (k *Kit) previewSum(b []byte) []byte {
	mac := hmac.New(sha256.New, k.PreviewKey)
	mac.Write(b)
	return mac.Sum(nil)[:previewSum]
}

// OpenPreview reads a token. One that nobody here signed is NotFound, an expired one Forbidden.
func (k *Kit) OpenPreview(token string, now time.Time) (p Preview, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != previewSigned+previewSum || b[0] != previewVersion ||
		!hmac.Equal(b[previewSigned:], k.previewSum(b[:previewSigned])) {
		return p, orbit.Missing()
	}
	copy(p.Merchant[:], b[1:17])
	copy(p.Draft[:], b[17:33])
	p.Expires = time.Unix(int64(binary.BigEndian.Uint32(b[33:])), 0)
	if now.After(p.Expires) {
		return p, orbit.Errorf(orbit.Forbidden, "This preview has expired. Ask for a new link.")
	}
	return p, nil
}

// PreviewURL is a fresh link to a page of a shop, as it is or in a draft, for somebody who may see it. Whatever isn't
// the path of a page is the home page.
func (k *Kit) PreviewURL(m orbit.Merchant, draft orbit.ReleaseID, path string) string {
	return k.PreviewUntil(m, draft, path, time.Now().Add(PreviewFor))
}

// PreviewUntil is PreviewURL for a link that is good until a time; it is the same whenever it is made.
func (k *Kit) PreviewUntil(m orbit.Merchant, draft orbit.ReleaseID, path string, expires time.Time) string {
	token := k.PreviewToken(Preview{Merchant: m.ID, Draft: draft, Expires: expires})
	page, err := url.Parse(path)
	if err != nil || !strings.HasPrefix(path, "/") || page.Host != "" || page.Scheme != "" {
		page = &url.URL{Path: "/"}
	}
	return k.Addresses.Shop(m.Subdomain) + (&url.URL{Path: page.Path,
		RawQuery: url.Values{PreviewQuery: {token}}.Encode()}).String()
}
