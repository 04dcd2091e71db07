package media

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// A bucket of S3's is opened without asking for it; a folder is made.
func TestOpen(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"s3://images?region=eu-central-1",
		"s3://images?region=us-east-1&endpoint=http://127.0.0.1:9000&use_path_style=true",
		FolderURL(filepath.Join(t.TempDir(), "a b", "media"))} {
		bucket, err := Open(t.Context(), url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if err := bucket.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(t.Context(), "ftp://images"); err == nil {
		t.Error("ftp was opened")
	}
}

// TestStoreAway has a blob store that takes connections and answers none, then one that takes none: requests get
// a 503 with Retry-After long before they would be cut, and a refused upload leaves no image.
func TestStoreAway(t *testing.T) {
	t.Parallel()
	frozen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t)
	bucket, err := Open(t.Context(),
		"s3://images?region=us-east-1&anonymous=true&use_path_style=true&endpoint=http://"+frozen.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	s.media.Bucket = bucket
	name := strings.Repeat("a", 32) + "-320.webp"
	away := func(what string, err error) {
		t.Helper()
		if e, ok := errors.AsType[*orbit.Error](err); !ok || e.Code != orbit.Unavailable || e.RetryAfter == 0 ||
			strings.Contains(orbit.Sentence(err), "S3") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = s.media.File(t.Context(), s.moss, name)
	away("frozen", err)
	_, err = File{bucket: bucket, key: name}.Open(t.Context(), 0, -1)
	away("frozen before the body", err)
	if errors.Is(err, context.Canceled) {
		t.Error("it looks as if the client had gone: ", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), telling+2*time.Second)
	defer cancel()
	away("an upload, frozen", s.media.Add(ctx, s.member(s.moss), Upload{Product: s.mug, Batch: "0",
		Name: "moss.png", File: asPNG(t, quarters(400, 300))}))
	if ctx.Err() != nil {
		t.Error("no time is left to say so")
	}

	if err := frozen.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s.media.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.media.greet(t.Context())
	if got := log.String(); !strings.Contains(got, "BLOB_URL") || !strings.Contains(got, "refused") ||
		strings.Contains(got, "blob.go") {
		t.Errorf("the log: %s", got)
	}
	_, err = s.media.File(t.Context(), s.moss, name)
	away("gone", err)
	away("an upload", s.add("moss.png", "1", asPNG(t, quarters(400, 300))))
	if ps, _ := s.images(); len(ps) != 0 {
		t.Errorf("%d images", len(ps))
	}
	// Neither counts any longer; what may have come of the first is swept.
	if n := s.count(`SELECT count(*) FROM media_reserved`); n != 0 {
		t.Errorf("%d reservations are left", n)
	}
	if n := s.count(`SELECT count(*) FROM blob_trash WHERE due_at > now()`); n != 0 {
		t.Errorf("%d uploads wait for their sweep", n)
	}
}
