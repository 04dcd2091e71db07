package media

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"orbit360.app/media/jpeg"
	"orbit360.app/orbit"
)

// format is a kind of file that is taken, told by its content alone.
type format struct {
	name   string
	magic  func([]byte) bool
	whole  func([]byte) (end int, ok bool) // walks the file's parts; end is where the image ends
	config func([]byte) (image.Config, error)
	// decodes, for an image of that width
	open func(ctx context.Context, s *Service, file []byte, width int) (rows, error)
}

func formats() []format {
	return []format{
		{"JPEG", func(b []byte) bool { return bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}) }, wholeJPEG, configJPEG,
			openJPEG},
		{"PNG", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }, wholePNG,
			func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }, openWith(png.Decode)},
		{"WebP", func(b []byte) bool {
			return len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
		}, wholeWebP,
			func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) }, openWith(decodeWebP)},
		{"GIF", func(b []byte) bool {
			return bytes.HasPrefix(b, []byte("GIF87a")) || bytes.HasPrefix(b, []byte("GIF89a"))
		}, wholeGIF,
			func(b []byte) (image.Config, error) { return gif.DecodeConfig(bytes.NewReader(b)) }, openGIF},
	}
}

func configJPEG(b []byte) (image.Config, error) {
	f, ok := frameOf(b)
	if !ok {
		return image.Config{}, errors.New("media: a JPEG without a frame")
	}
	if why := f.unsupported(); why != "" {
		return image.Config{}, errKind(why)
	}
	return image.Config{Width: f.width, Height: f.height}, nil
}

// openJPEG decodes as few pixels as give an image of that width as sharply: twice as many each way.
func openJPEG(ctx context.Context, s *Service, file []byte, width int) (rows, error) {
	f, ok := frameOf(file)
	if !ok {
		return rows{}, jpeg.ErrDamaged
	}
	part := 1
	for part < 8 && f.width/(2*part) >= 2*width {
		part *= 2
	}
	p, err := s.jpeg.Open(ctx, file, part)
	if err != nil {
		return rows{}, err
	}
	next := p.Row
	if p.CMYK {
		next = func() ([]byte, error) {
			row, err := p.Row()
			inked(row)
			return row, err
		}
	}
	return rows{width: p.Width, height: p.Height, cmyk: p.CMYK, next: next, close: p.Close}, nil
}

// openWith decodes with one of Go's decoders, which read as they go: reading ends with the context.
func openWith(decode func(io.Reader) (image.Image, error)) func(context.Context, *Service, []byte, int) (rows, error) {
	return func(ctx context.Context, _ *Service, file []byte, _ int) (rows, error) {
		m, err := decode(&until{ctx, bytes.NewReader(file)})
		if err != nil {
			return rows{}, cmp.Or(ctx.Err(), err)
		}
		return rowsOf(m), nil
	}
}

// until reads while its context lasts, some bytes at a time: what they unpack to is little.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p[:min(len(p), 4096)])
}

// openGIF gives the first frame of a GIF on its canvas, as browsers begin.
func openGIF(ctx context.Context, _ *Service, file []byte, _ int) (rows, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return rows{}, err
	}
	m, err := gif.Decode(&until{ctx, bytes.NewReader(file)})
	if err != nil {
		return rows{}, cmp.Or(ctx.Err(), err) // gif's don't wrap the reader's
	}
	return rowsOn(m, image.Rect(0, 0, c.Width, c.Height)), nil
}

// Bounds of an image before it is decoded.
const (
	maxSide   = 16_383
	maxPixels = 50_000_000
	maxMemory = 320 << 20 // bytes that decoding may take
	maxWork   = 1 << 29   // samples that decoding may visit: those of an image, once for each scan that they are in
	maxFrames = 1_000     // of a GIF, of which the first is shown
)

// inspected is what is known of an upload without decoding it.
type inspected struct {
	format format
	size   image.Point // upright
	turn   int         // EXIF's orientation, 1 to 8
	memory int64       // bytes that decoding will take, about
	work   int64       // samples that it will visit
}

// errKind refuses what is no image that we take, whatever its name says.
func errKind(message string) error { return orbit.Errorf(orbit.Invalid, "%s", message) }

// inspect finds out what a file is and whether it may be decoded: by its content, its header and the lengths of its
// parts, at no more cost than reading it once. Errors are Invalid or TooLarge, with a sentence for people.
func inspect(file []byte) (in inspected, err error) {
	if len(file) == 0 {
		return in, errKind("The file is empty.")
	}
	if len(file) > orbit.MaxImageBytes {
		return in, orbit.Errorf(orbit.TooLarge,
			"An image can have at most %s; this one has %s. Resize or compress it.",
			orbit.Bytes(orbit.MaxImageBytes), orbit.Bytes(int64(len(file))))
	}
	found := false
	for _, f := range formats() {
		if f.magic(file) {
			in.format, found = f, true
		}
	}
	if !found {
		return in, errKind(strange(file))
	}
	if animatedWebP(in.format.name, file) {
		return in,
			errKind("Animated WebP isn't supported. Save a still image, or a GIF: its first frame is shown.")
	}
	config, err := in.format.config(file)
	if orbit.CodeOf(err) == orbit.Invalid && err != nil {
		return in, err
	}
	if err != nil {
		return in, errKind("This " + in.format.name + " can't be read: its header is damaged.")
	}
	if config.Width < 1 || config.Height < 1 {
		return in, errKind("This image has no size.")
	}
	in.work, in.memory = cost(in.format.name, file, config)
	if config.Width > maxSide || config.Height > maxSide || int64(config.Width)*int64(config.Height) > maxPixels ||
		in.memory > maxMemory {
		return in, orbit.Errorf(orbit.TooLarge,
			"This image has %d × %d pixels, which is too many. 4000 × 4000 is plenty.", config.Width, config.Height)
	}
	if in.work > maxWork {
		return in, orbit.Errorf(orbit.TooLarge,
			"This progressive JPEG has too many scans. Save it again with an image editor, without the progressive option.")
	}
	end, ok := in.format.whole(file)
	if !ok {
		return in, errKind("This " + in.format.name + " is damaged or incomplete. Export it again and retry.")
	}
	if suspicious(file[end:]) || (in.format.name != "JPEG" && len(bytes.TrimRight(file[end:], "\x00")) > 0) {
		return in, errKind("This file has extra data after the image. Export it again from an image editor.")
	}
	in.size, in.turn = image.Pt(config.Width, config.Height), orientation(in.format.name, file)
	if in.turn >= 5 {
		in.size = image.Pt(in.size.Y, in.size.X)
	}
	return in, nil
}

// strange says what a file is that isn't taken.
func strange(file []byte) string {
	head := file[:min(len(file), 512)]
	if len(head) > 12 && string(head[4:8]) == "ftyp" {
		switch brand := string(head[8:12]); brand {
		case "avif", "avis":
			return "AVIF isn't supported yet. Save the image as JPEG, PNG or WebP."
		case "heic", "heix", "mif1", "msf1", "heim", "heis":
			return "HEIC isn't supported. Export the image as JPEG and try again."
		}
		return "This is a video, not an image. Upload JPEG, PNG, WebP or GIF."
	}
	lower := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	switch {
	case bytes.Contains(lower, []byte("<svg")):
		return "SVG isn't supported because it can contain scripts. Save the image as PNG or JPEG."
	case bytes.HasPrefix(lower, []byte("<")):
		return "This is a web page, not an image. Upload JPEG, PNG, WebP or GIF."
	case bytes.HasPrefix(lower, []byte("%pdf")):
		return "This is a PDF, not an image. Upload JPEG, PNG, WebP or GIF."
	}
	return "We can't read this file. Upload JPEG, PNG, WebP or GIF."
}

// suspicious reports whether bytes behind an image are a file of another kind. Telephones put harmless things there.
func suspicious(rest []byte) bool {
	lower := bytes.ToLower(rest)
	for _, s := range []string{"<script", "<html", "<svg", "<!doctype", "<?php", "%pdf", "pk\x03\x04", "\x7felf"} {
		if bytes.Contains(lower, []byte(s)) {
			return true
		}
	}
	return false
}

// cost is about what decoding takes: samples that it visits, and bytes.
func cost(name string, file []byte, c image.Config) (work, memory int64) {
	pixels := int64(c.Width) * int64(c.Height)
	switch name {
	case "JPEG":
		if f, ok := frameOf(file); ok {
			return costJPEG(file, f)
		}
	case "GIF":
		return pixels, pixels
	case "WebP":
		return 4 * pixels, pixels * 6 // VP8L: pixels and their transforms
	}
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		return 4 * pixels, pixels * 8
	case color.Gray16Model:
		return pixels, pixels * 2
	case color.GrayModel:
		return pixels, pixels
	}
	if _, ok := c.ColorModel.(color.Palette); ok {
		return pixels, pixels
	}
	return 4 * pixels, pixels * 4
}

// wholePNG walks the chunks to IEND and checks each one's sum (PNG, third edition, section 5).
func wholePNG(b []byte) (end int, ok bool) {
	for at := 8; at+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n > int64(len(b)-at-12) {
			return 0, false
		}
		data := b[at+4 : at+8+int(n)]
		if crc32.ChecksumIEEE(data) != binary.BigEndian.Uint32(b[at+8+int(n):]) {
			return 0, false
		}
		at += 12 + int(n)
		if string(data[:4]) == "IEND" {
			return at, true
		}
	}
	return 0, false
}

// animatedWebP asks the flags of the extended format (RFC 9649, section 2.7).
func animatedWebP(name string, b []byte) bool {
	return name == "WebP" && len(b) > 20 && string(b[12:16]) == "VP8X" && b[20]&2 != 0
}

// wholeWebP compares the length in the header (RFC 9649, section 2.4).
func wholeWebP(b []byte) (end int, ok bool) {
	n := int64(binary.LittleEndian.Uint32(b[4:])) + 8
	if n > int64(len(b)) || n < 20 {
		return 0, false
	}
	return int(n), true
}

// wholeGIF walks the blocks to the trailer (GIF89a) and refuses more frames than anybody draws.
func wholeGIF(b []byte) (end int, ok bool) {
	at := 13
	if len(b) < at {
		return 0, false
	}
	if b[10]&0x80 != 0 {
		at += 3 << (b[10]&7 + 1)
	}
	frames := 0
	for at < len(b) {
		switch b[at] {
		case 0x3b:
			return at + 1, frames > 0
		case 0x21: // extension
			at += 2
		case 0x2c: // frame
			if frames++; frames > maxFrames || at+10 > len(b) {
				return 0, false
			}
			table := b[at+9]
			at += 10
			if table&0x80 != 0 {
				at += 3 << (table&7 + 1)
			}
			at++ // size of codes
		default:
			return 0, false
		}
		for at < len(b) && b[at] != 0 {
			at += 1 + int(b[at])
		}
		at++
	}
	return 0, false
}
