package kit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// SendImage answers with a file of a merchant's image, or a part of it (RFC 9110, section 14: one range of bytes), as
// it comes from the blob store. Its address never means anything else, so browsers keep it for a year.
func (k *Kit) SendImage(c *fiber.Ctx, m orbit.MerchantID, name, visibility string) error {
	if k.Media == nil {
		return orbit.Errorf(orbit.NotFound, "There is no such image.")
	}
	f, err := k.Media.File(c.UserContext(), m, name)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, f.ContentType)
	c.Set(fiber.HeaderCacheControl, visibility+", max-age=31536000, immutable")
	c.Set(fiber.HeaderETag, f.ETag)
	c.Set(fiber.HeaderLastModified, time.Unix(f.Changed, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	c.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set(headerEmbedding, "same-origin")
	if visibility == "public" {
		c.Set(headerEmbedding, "cross-origin") // search engines and social networks show images too
	}
	if NoneMatch(c.Get(fiber.HeaderIfNoneMatch), f.ETag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	from, length := int64(0), f.Size
	if r := c.Get(fiber.HeaderRange); r != "" && (c.Get(fiber.HeaderIfRange) == "" ||
		c.Get(fiber.HeaderIfRange) == f.ETag) {
		first, n, ok, possible := byteRange(r, f.Size)
		switch {
		case ok && !possible:
			c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", f.Size))
			return c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable)
		case ok:
			from, length = first, n
			c.Status(fiber.StatusPartialContent).Set(fiber.HeaderContentRange,
				fmt.Sprintf("bytes %d-%d/%d", from, from+length-1, f.Size))
		}
	}
	if c.Method() == fiber.MethodHead {
		c.Context().Response.SkipBody = true
		c.Context().Response.Header.SetContentLength(int(length))
		return nil
	}
	// Not the request's context: the body is read when the handler has returned.
	body, err := f.Open(c.Context(), from, length)
	if err != nil {
		return err
	}
	c.Context().SetBodyStream(body, int(length)) // closes it
	return nil
}

// byteRange reads one range of bytes. ok is false for what is ignored (other units, several ranges, malformed),
// possible is false for what 416 answers: fasthttp.ParseByteRange gives one error for both, and RFC 9110 (section 14.2)
// two answers.
func byteRange(header string, size int64) (from, length int64, ok, possible bool) {
	spec, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !found || !dash || strings.Contains(spec, ",") {
		return 0, 0, false, false
	}
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false, false
		}
		n = min(n, size)
		return size - n, n, true, n > 0
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, 0, false, false
	}
	to := size - 1
	if last != "" {
		if to, err = strconv.ParseInt(last, 10, 64); err != nil || to < from {
			return 0, 0, false, false
		}
	}
	to = min(to, size-1)
	return from, to - from + 1, true, from < size
}

// A request may be larger than others where its address holds a ticket: signed, for one path, and given only to members
// of a shop. So nobody else can have the server read as much. Files of more than 16 MiB together wait on disk.
const (
	ticketQuery = "ticket"
	ticketFor   = 24 * time.Hour
	// UploadBytes is what an upload may have at most, all its files together.
	UploadBytes = 64 << 20
	// UploadTime is how long it may take.
	UploadTime = 3 * time.Minute
)

// Ticket gives a path with a ticket for an upload.
func (k *Kit) Ticket(path string, now time.Time) string {
	until := strconv.FormatInt(now.Add(ticketFor).Unix(), 36)
	return path + "?" + ticketQuery + "=" + until + "." + k.ticketSum(path, until)
}

func (k *Kit) ticketSum(path, until string) string {
	mac := hmac.New(sha256.New, k.PreviewKey)
	fmt.Fprintf(mac, "upload %s %s", until, path)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// HasTicket reports whether the target of a request, its path and query, has a ticket that is still good.
func (k *Kit) HasTicket(target string, now time.Time) bool {
	path, raw, _ := strings.Cut(target, "?")
	query, err := url.ParseQuery(raw)
	if err != nil {
		return false
	}
	until, sum, ok := strings.Cut(query.Get(ticketQuery), ".")
	expires, err := strconv.ParseInt(until, 36, 64)
	return ok && err == nil && hmac.Equal([]byte(sum), []byte(k.ticketSum(path, until))) &&
		now.Before(time.Unix(expires, 0))
}
