package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"gocloud.dev/blob"
	"golang.org/x/image/webp"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// shops has two shops with a product each.
type shops struct {
	*testing.T
	db          *store.DB
	folder      string // of the blob store
	media       *Service
	user        orbit.UserID
	moss, nord  orbit.MerchantID
	mug, basket orbit.ProductID
}

func open(t *testing.T) *shops {
	t.Helper()
	db := storetest.New(t)
	folder := t.TempDir()
	bucket, err := Open(t.Context(), FolderURL(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	s := &shops{T: t, db: db, folder: folder, media: New(Config{DB: db, Log: slog.New(slog.DiscardHandler),
		Bucket: bucket}), user: orbit.NewID[orbit.User]()}
	s.exec(`INSERT INTO users (id, email, name, role) VALUES ($1, 'ada@example.com', 'Ada', 'merchant')`, s.user.String())
	s.moss, s.mug = s.shop("Moss")
	s.nord, s.basket = s.shop("Nord")
	return s
}

func (s *shops) exec(sql string, args ...any) {
	s.Helper()
	if _, err := s.db.Pool().Exec(s.Context(), sql, args...); err != nil {
		s.Fatal(err)
	}
}

func (s *shops) shop(name string) (orbit.MerchantID, orbit.ProductID) {
	s.Helper()
	id, product := orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Product]()
	if _, err := s.db.CreateMerchant(s.Context(), id, orbit.Application{Name: name, OwnerName: "Some One",
		Email: name + "@example.com", Category: "home-garden"}, nil, orbit.System); err != nil {
		s.Fatal(err)
	}
	s.exec(`UPDATE merchants SET status = 'active', plan_id = (SELECT id FROM plans WHERE slug = 'starter') WHERE id = $1`,
		id.String())
	s.exec(`INSERT INTO memberships (merchant_id, user_id) VALUES ($1, $2)`, id.String(), s.user.String())
	p := orbit.Product{MerchantID: id, ID: product, Handle: "mug", Title: "Mug", Status: orbit.ProductActive,
		Options: []orbit.Option{}, Variants: []orbit.Variant{{MerchantID: id, ID: orbit.NewID[orbit.Variant](),
			ProductID: product, Title: "Default", Values: []string{}, Price: 100}}}
	if err := s.edit(id, func(e *shop.Edit) error { return e.CreateProduct(s.Context(), p, nil) }); err != nil {
		s.Fatal(err)
	}
	return id, product
}

func (s *shops) member(id orbit.MerchantID) shop.Member {
	return shop.MemberOf(s.db, orbit.Actor{ID: s.user, Name: "ada@example.com"}, id, orbit.PermissionMember)
}

func (s *shops) edit(id orbit.MerchantID, fn func(*shop.Edit) error) error {
	return s.member(id).Change(s.Context(), fn)
}

func (s *shops) reserve(p orbit.Media) (known bool, err error) {
	err = s.edit(p.MerchantID, func(e *shop.Edit) (err error) { known, err = e.ReserveImage(s.Context(), p); return err })
	return known, err
}

func (s *shops) release(p orbit.Media) (unused bool, err error) {
	err = shop.For(s.db, p.MerchantID).Do(s.Context(), func(t *shop.Tenant) (err error) {
		unused, err = t.ReleaseImage(s.Context(), p.Hash)
		return err
	})
	return unused, err
}

func (s *shops) addImage(p orbit.Media) (added bool, err error) {
	err = s.edit(p.MerchantID, func(e *shop.Edit) (err error) {
		added, err = e.AddImage(s.Context(), p, false)
		return err
	})
	return added, err
}

func (s *shops) add(name, batch string, file []byte) error {
	return s.media.Add(s.Context(), s.member(s.moss), Upload{Product: s.mug, Batch: batch, Name: name, File: file})
}

func (s *shops) images() (ps []orbit.Media, p orbit.Product) {
	s.Helper()
	err := shop.For(s.db, s.moss).Do(s.Context(), func(t *shop.Tenant) error {
		sheet, err := t.Sheet(s.Context(), s.mug)
		ps, p = sheet.Images, sheet.Product
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return ps, p
}

func (s *shops) work(p orbit.Media) error {
	return (&worker{Service: s.media}).Work(s.Context(), &river.Job[shop.MediaArgs]{
		Args: shop.MediaArgs{MerchantID: p.MerchantID, MediaID: p.ID}})
}

func (s *shops) keys() []string {
	s.Helper()
	var out []string
	for list := s.media.Bucket.List(nil); ; {
		o, err := list.Next(s.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			s.Fatal(err)
		}
		out = append(out, o.Key)
	}
}

func (s *shops) sweep() {
	s.Helper()
	if err := s.media.Sweep(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// An upload becomes files of every width, upright and without a word of where it was taken; its own file goes.
func TestImageIsMade(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.add(`C:\holiday\../..\mug.jpg`, "b", withEXIF(asJPEG(t, quarters(1200, 700)), 6)); err != nil {
		t.Fatal(err)
	}
	ps, product := s.images()
	if len(ps) != 1 || ps[0].Status != orbit.MediaProcessing || ps[0].Name != "mug.jpg" || len(product.Images) != 0 {
		t.Fatalf("%+v %+v", ps, product.Images)
	}
	for range 2 { // a job that is delivered twice does nothing more
		if err := s.work(ps[0]); err != nil {
			t.Fatal(err)
		}
	}
	s.sweep()
	ps, product = s.images()
	p := ps[0]
	if p.Status != orbit.MediaReady || p.Width != 700 || p.Height != 1200 ||
		!slices.Equal(p.Widths, []int{160, 320, 640}) || p.JPEG != 640 || len(product.Images) != 1 ||
		product.Images[0].Hash != p.Hash {
		t.Fatalf("%+v %+v", p, product.Images)
	}
	var all int64
	for _, key := range s.keys() {
		file, err := s.media.Bucket.ReadAll(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		all += int64(len(file))
		if bytes.Contains(file, []byte("Exif")) || bytes.Contains(file, []byte("EXIF")) ||
			bytes.Contains(file, []byte("GPS")) || strings.Contains(key, "mug") || strings.Contains(key, "original") {
			t.Errorf("%s tells too much", key)
		}
		if !strings.HasSuffix(key, ".webp") {
			continue
		}
		m, err := webp.Decode(bytes.NewReader(file))
		if err != nil || cornersOf(m) != "brwg" || !strings.HasSuffix(key, fmt.Sprintf("-%d.webp", m.Bounds().Dx())) {
			t.Errorf("%s: %v %v", key, err, m.Bounds())
		}
	}
	if n := len(s.keys()); n != 4 || all != p.Bytes {
		t.Errorf("%d files of %d bytes, the row says %d", n, all, p.Bytes)
	}
}

// Transparent, gray, palette and tiny images all come out.
func TestKinds(t *testing.T) {
	t.Parallel()
	s := open(t)
	clear := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	for i := range clear.Pix {
		clear.Pix[i] = byte(i)
	}
	for i, file := range [][]byte{asPNG(t, clear), asPNG(t, image.NewGray16(image.Rect(0, 0, 40, 40))), asGIF(t, 5),
		asPNG(t, image.NewRGBA(image.Rect(0, 0, 1, 1)))} {
		if err := s.add("x", fmt.Sprint(i), file); err != nil {
			t.Fatal(i, err)
		}
	}
	ps, _ := s.images()
	for _, p := range ps {
		if err := s.work(p); err != nil {
			t.Fatal(err)
		}
	}
	if ps, product := s.images(); len(product.Images) != 4 {
		t.Fatalf("%+v", ps)
	}
}

// A job that dies in the middle is done again, and nothing is left of the attempt.
func TestKilledJobIsResumed(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.add("mug.png", "b", asPNG(t, quarters(400, 400))); err != nil {
		t.Fatal(err)
	}
	ps, _ := s.images()
	killed, n := errors.New("killed"), 0
	s.media.Wrote = func(string) error {
		if n++; n == 2 {
			return killed
		}
		return nil
	}
	if err := s.work(ps[0]); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	if ps, p := s.images(); ps[0].Status != orbit.MediaProcessing || p.Images != nil {
		t.Fatalf("%+v", ps)
	}
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if ps, _ := s.images(); ps[0].Status != orbit.MediaReady || len(s.keys()) != len(ps[0].Widths)+1 {
		t.Errorf("%+v %v", ps, s.keys())
	}
}

// Its image deleted under way, a job leaves nothing behind.
func TestDeletedUnderWay(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.add("mug.png", "b", asPNG(t, quarters(400, 400))); err != nil {
		t.Fatal(err)
	}
	ps, _ := s.images()
	s.media.Wrote = func(string) error {
		s.media.Wrote = nil
		if err := s.edit(s.moss, func(e *shop.Edit) error {
			return e.DeleteImage(s.Context(), s.mug, ps[0].ID)
		}); err != nil {
			return err
		}
		return s.media.Sweep(s.Context())
	}
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	if len(s.keys()) == 0 {
		t.Fatal("the job was to write on after the sweep")
	}
	s.exec(`UPDATE blob_trash SET due_at = now() - interval '1 second', until = now() - interval '1 second'`)
	s.sweep()
	if keys := s.keys(); len(keys) != 0 {
		t.Error(keys)
	}
}

// An image that can't be drawn fails with the reason, and its file is deleted.
func TestDamaged(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asJPEG(t, quarters(64, 64))
	at := bytes.Index(file, []byte{0xff, 0xda})
	for i := at + 14; i < len(file)-2; i++ {
		file[i] = 0xfe // no code of its tables
	}
	if err := s.add("mug.jpg", "b", file); err != nil {
		t.Fatal(err)
	}
	ps, _ := s.images()
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if ps, p := s.images(); ps[0].Status != orbit.MediaFailed || !strings.Contains(ps[0].Error, "damaged") ||
		ps[0].Bytes != 0 || p.Images != nil || len(s.keys()) != 0 {
		t.Errorf("%+v %v", ps, s.keys())
	}
}

// The plan's storage holds although all uploads come at once; a form that is sent twice makes one image.
func TestStorageLimit(t *testing.T) {
	t.Parallel()
	s := open(t)
	file := asPNG(t, quarters(64, 64))
	s.exec(`UPDATE plans SET limits = jsonb_set(limits, '{storageBytes}', to_jsonb($1::bigint)) WHERE slug = 'starter'`,
		int64(3*len(file)))
	var wait sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for i := range 12 {
		wait.Go(func() {
			if err := s.add("x.png", fmt.Sprint(i/2), file); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if refused++; orbit.CodeOf(err) != orbit.Conflict ||
					!strings.Contains(orbit.Sentence(err), "Your Starter plan includes") {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if ps, _ := s.images(); len(ps) != 3 || refused != 6 {
		t.Errorf("%d images, %d refused", len(ps), refused)
	}
	// Of what was refused nothing was written, or it is gone by now.
	if keys := s.keys(); len(keys) != 3 {
		t.Error(keys)
	}
	if n := s.count(`SELECT count(*) FROM media_reserved`); n != 0 {
		t.Errorf("%d reservations are left", n)
	}
}

// super sees the rows of all merchants.
func (s *shops) super() *pgx.Conn {
	s.Helper()
	conn, err := pgx.Connect(s.Context(), storetest.SuperURL(s.db.Pool().Config().ConnString()))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close(context.WithoutCancel(s.Context())) })
	return conn
}

func (s *shops) count(sql string, args ...any) (n int) {
	s.Helper()
	if err := s.super().QueryRow(s.Context(), sql, args...).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.add("mug.png", "b", asPNG(t, quarters(200, 200))); err != nil {
		t.Fatal(err)
	}
	// Another's product: as if it didn't exist.
	err := s.media.Add(t.Context(), s.member(s.moss), Upload{Product: s.basket, Batch: "b",
		File: asPNG(t, quarters(9, 9))})
	if orbit.CodeOf(err) != orbit.NotFound {
		t.Error(err)
	}
	stranger := shop.MemberOf(s.db, orbit.Actor{ID: orbit.NewID[orbit.User]()}, s.moss, orbit.PermissionMember)
	err = s.media.Add(t.Context(), stranger, Upload{Product: s.mug, File: asPNG(t, quarters(9, 9))})
	if orbit.CodeOf(err) != orbit.NotFound {
		t.Error("a stranger's upload:", err)
	}
	ps, _ := s.images()
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%s-160.webp", ps[0].Hash)
	f, err := s.media.File(t.Context(), s.moss, name)
	if err != nil || f.ContentType != "image/webp" || f.Size == 0 {
		t.Fatal(f, err)
	}
	if _, err := s.media.File(t.Context(), s.nord, name); orbit.CodeOf(err) != orbit.NotFound {
		t.Error(err)
	}
	for _, bad := range []string{"", ps[0].Hash + "-original", ps[0].Hash + "-0160.webp", ps[0].Hash + "-160.png",
		"../" + name, name + "\x00", strings.ToUpper(name), "%2e%2e"} {
		if _, err := s.media.File(t.Context(), s.moss, bad); orbit.CodeOf(err) != orbit.NotFound {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := s.edit(s.nord, func(e *shop.Edit) error {
		return e.DeleteImage(t.Context(), s.basket, ps[0].ID)
	}); orbit.CodeOf(err) != orbit.NotFound {
		t.Error(err)
	}
	if err := shop.For(s.db, s.nord).Do(t.Context(), func(t *shop.Tenant) error {
		_, err := t.Image(s.Context(), ps[0].ID)
		return err
	}); orbit.CodeOf(err) != orbit.NotFound {
		t.Error(err)
	}
}

// A product deleted takes its files along; an upload that never became an image is swept.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.add("mug.png", "b", asPNG(t, quarters(200, 200))); err != nil {
		t.Fatal(err)
	}
	ps, _ := s.images()
	if err := s.work(ps[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.edit(s.moss, func(e *shop.Edit) error { return e.DeleteProduct(t.Context(), s.mug) }); err != nil {
		t.Fatal(err)
	}
	never := orbit.Media{MerchantID: s.moss, ID: orbit.NewID[orbit.Media](), Hash: strings.Repeat("ab", 16), Width: 1,
		Height: 1, Bytes: 1}
	prefix := shop.BlobPrefix(s.moss, never.Hash)
	if known, err := s.reserve(never); known || err != nil {
		t.Fatal(known, err)
	}
	if err := s.media.Bucket.WriteAll(t.Context(), prefix+original, []byte("x"), &blob.WriterOptions{}); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if keys := s.keys(); len(keys) != 1 {
		t.Error("an upload that may still become an image is gone, or the product's are not: ", keys)
	}
	s.exec(`UPDATE blob_trash SET due_at = now() - interval '1 second', until = now() - interval '1 second'`)
	s.sweep()
	s.sweep()
	if prefixes, err := s.db.BlobTrash(context.WithoutCancel(t.Context())); len(s.keys()) != 0 || len(prefixes) != 0 ||
		err != nil {
		t.Error(s.keys(), prefixes, err)
	}
}

// An upload that is too late to write its row doesn't become an image: its file is being swept.
func TestSlowUpload(t *testing.T) {
	t.Parallel()
	s := open(t)
	p := orbit.Media{MerchantID: s.moss, ID: orbit.NewID[orbit.Media](), ProductID: s.mug, Hash: strings.Repeat("cd", 16),
		Width: 1, Height: 1, Bytes: 1}
	if added, err := s.addImage(p); added ||
		orbit.CodeOf(err) != orbit.Unavailable {
		t.Error(added, err)
	}
	if ps, _ := s.images(); len(ps) != 0 {
		t.Error(ps)
	}
}

// TestHeld leaves the blob store as it is, which may be another installation's.
func TestHeld(t *testing.T) {
	t.Parallel()
	s := open(t)
	key := shop.BlobPrefix(s.moss, "0123456789abcdef") + original
	if err := s.media.Bucket.WriteAll(t.Context(), key, []byte("of the other installation"), nil); err != nil {
		t.Fatal(err)
	}
	s.exec(`INSERT INTO blob_trash (prefix, due_at, until) VALUES ($1, now(), now())`, strings.TrimSuffix(key, original))
	s.media.Held = true
	s.sweep()
	if err := s.add("a.png", "1", []byte("no matter what")); orbit.CodeOf(err) != orbit.Unavailable {
		t.Errorf("an upload while the store is held: %v", err)
	}
	if keys := s.keys(); !slices.Equal(keys, []string{key}) {
		t.Errorf("the store holds %v", keys)
	}
	s.media.Held = false
	s.sweep()
	if keys := s.keys(); len(keys) != 0 {
		t.Errorf("%v wasn't swept afterwards", keys)
	}
}
