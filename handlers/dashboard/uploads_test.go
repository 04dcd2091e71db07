package dashboard

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func formOf(t *testing.T, write func(*multipart.Writer) error) uploads {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return uploads{body.Bytes(), w.FormDataContentType()}
}

func file(w *multipart.Writer, field, name string, data []byte) error {
	p, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = p.Write(data)
	}
	return err
}

// All files of a form are read, wherever its batch stands, and nothing of them comes to the temporary folder however
// large they are.
func TestUploadForm(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	large := make([]byte, orbit.MaxImageBytes+1)
	form := formOf(t, func(w *multipart.Writer) error {
		for i := range 3 {
			if err := file(w, "image", fmt.Sprint(i, ".png"), large[:len(large)-i]); err != nil {
				return err
			}
		}
		if err := file(w, "other", "x.png", large); err != nil {
			return err
		}
		if err := file(w, "image", "", nil); err != nil { // nothing was chosen
			return err
		}
		return w.WriteField("batch", strings.Repeat("b", 99))
	})
	batch, files, err := form.survey()
	if err != nil || files != 3 || batch != strings.Repeat("b", 64) {
		t.Fatal(batch, files, err)
	}
	n := 0
	err = form.each(func(f upload) error {
		if f.name != fmt.Sprint(n, ".png") || f.size != int64(len(large)-n) || len(f.data) > orbit.MaxImageBytes {
			t.Errorf("%s of %d, %d", f.name, f.size, len(f.data))
		}
		n++
		return nil
	})
	if err != nil || n != 3 {
		t.Error(n, err)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "*")); err != nil || len(left) != 0 {
		t.Error("the temporary folder has ", left, err)
	}
	for name, bad := range map[string]uploads{
		"cut":         {form.body[:len(form.body)-9], form.contentType},
		"cut earlier": {form.body[:len(form.body)/2], form.contentType},
		"no boundary": {form.body, "multipart/form-data"},
		"other":       {form.body, "multipart/form-data; boundary=other"},
		"no form":     {form.body, "application/x-www-form-urlencoded"},
		"empty":       {nil, form.contentType},
	} {
		if _, n, err := bad.survey(); orbit.CodeOf(err) != orbit.Malformed {
			t.Errorf("%s: %d %v", name, n, err)
		}
	}
	stop := io.ErrClosedPipe
	if err := form.each(func(upload) error { return stop }); err != stop {
		t.Error(err)
	}
}

// Whatever the bytes: an answer, and as many files as the survey has counted.
func FuzzUploadForm(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=image; filename=x\r\n\r\nx\r\n--b--\r\n"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		form := uploads{body, "multipart/form-data; boundary=" + boundary}
		_, files, err := form.survey()
		if err != nil {
			return
		}
		n := 0
		if err := form.each(func(upload) error { n++; return nil }); err != nil || n != files {
			t.Fatal(n, files, err)
		}
	})
}
