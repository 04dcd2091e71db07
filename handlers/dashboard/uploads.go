package dashboard

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// uploads reads a form with files one part after another, so that a file that is refused is never copied. fasthttp has
// received it by then: 16 MiB in memory, the rest in the system's temporary folder, which it clears with the request.
type uploads struct {
	body        []byte
	contentType string
}

// uploadsOf returns a request's form, which is valid as long as the request.
func uploadsOf(c *fiber.Ctx) uploads {
	return uploads{body: c.Request().Body(), contentType: string(c.Request().Header.ContentType())}
}

// upload is one file of such a form.
type upload struct {
	name string // as the client says
	size int64
	data []byte // of orbit.MaxImageBytes at most
}

// survey gives the form's batch and how many files it has, wherever they stand in it. Malformed for what is no such
// form.
func (u uploads) survey() (batch string, files int, err error) {
	err = u.parts(func(p *multipart.Part) error {
		switch {
		case isFile(p):
			some, err := io.CopyN(io.Discard, p, 1)
			if err != nil && !errors.Is(err, io.EOF) {
				return unreadable(err)
			}
			if some > 0 || p.FileName() != "" { // a field without a chosen file has neither
				files++
			}
		case p.FormName() == "batch":
			b, err := io.ReadAll(io.LimitReader(p, 64))
			if err != nil {
				return unreadable(err)
			}
			batch = string(b)
		}
		return nil
	})
	return batch, files, err
}

// each hands over one file after the other; what is handed over is valid until the next. An error of fn ends it.
func (u uploads) each(fn func(upload) error) error {
	var data bytes.Buffer
	return u.parts(func(p *multipart.Part) error {
		if !isFile(p) {
			return nil
		}
		data.Reset()
		size, err := io.Copy(&data, io.LimitReader(p, orbit.MaxImageBytes))
		if err != nil {
			return unreadable(err)
		}
		more, err := io.Copy(io.Discard, p)
		if err != nil {
			return unreadable(err)
		}
		if size == 0 && p.FileName() == "" {
			return nil
		}
		return fn(upload{p.FileName(), size + more, data.Bytes()})
	})
}

func isFile(p *multipart.Part) bool {
	return p.FormName() == "image" && (p.FileName() != "" || p.Header.Get("Content-Type") != "")
}

func unreadable(err error) error {
	return orbit.Wrap(orbit.Malformed, err, "The upload can't be read. Choose the images again.")
}

// parts walks the form. Errors of its own are Malformed.
func (u uploads) parts(fn func(*multipart.Part) error) error {
	kind, params, err := mime.ParseMediaType(u.contentType)
	if err != nil {
		return unreadable(err)
	}
	if kind != "multipart/form-data" || params["boundary"] == "" {
		return unreadable(errors.New("dashboard: not a form with files"))
	}
	form := multipart.NewReader(bytes.NewReader(u.body), params["boundary"])
	for {
		p, err := form.NextRawPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it means that the form's end is missing
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		if err := fn(p); err != nil {
			return err
		}
	}
}
