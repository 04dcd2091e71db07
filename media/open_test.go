package media

import (
	"path/filepath"
	"testing"
)

// A bucket of S3's is opened without asking for it; a folder is made.
func TestOpen(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"s3://pictures?region=eu-central-1", "s3://pictures?region=us-east-1&endpoint=http://127.0.0.1:9000&use_path_style=true", FolderURL(filepath.Join(t.TempDir(), "a b", "media"))} {
		bucket, err := Open(t.Context(), url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if err := bucket.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(t.Context(), "ftp://pictures"); err == nil {
		t.Error("ftp was opened")
	}
}
