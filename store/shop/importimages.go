package shop

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// FetchArgs is the durable job that fetches the images that an import names, one after the other.
type FetchArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
	ImportID   orbit.ImportID   `json:"importId"`
}

// Kind names the job in river's table.
func (FetchArgs) Kind() string { return "fetch" }

// InsertOpts gives the job its queue: slow hosts hold up no import.
func (FetchArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueFetch, MaxAttempts: pg.JobAttempts}
}

// QueueFetch is the queue of what is fetched from other hosts.
const QueueFetch = "fetch"

// addImportImages notes the images that a file names and its product hasn't got, to be fetched after the import. One of
// the shop's own is recognized by its address.
func (e *Edit) addImportImages(b *pg.Batch, id orbit.ImportID, w ImportWrite, was orbit.ProductSheet) {
	p := w.Edit.Product
	for n, image := range w.Images {
		if orbit.HasImage(was.Images, image.URL) {
			continue
		}
		b.Exec(`INSERT INTO import_images (merchant_id, id, import_id, product_id, url, alt, position, variants)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8::uuid[] WHERE NOT EXISTS (SELECT FROM import_images WHERE product_id = $4
			AND url = $5 AND status <> 'failed')`, e.merchant, orbit.NewID[orbit.ImportImage](), id, p.ID, image.URL, image.Alt,
			n, texts(image.Variants))
	}
}

// ImportImages returns the images of an import, those of products that are there.
func (t *Tenant) ImportImages(ctx context.Context, id orbit.ImportID, status orbit.ImportImageStatus, n int) (
	[]orbit.ImportImage, error) {
	return pg.All[orbit.ImportImage](ctx, t, `SELECT `+t.db.Columns("i", "", orbit.ImportImage{})+` FROM import_images i
		WHERE import_id = $1 AND status = $2 ORDER BY product_id, position, id LIMIT $3`, id, string(status), n)
}

// CountImportImages returns how many images of an import there are by status.
func (t *Tenant) CountImportImages(ctx context.Context, id orbit.ImportID) (map[orbit.ImportImageStatus]int, error) {
	rows, err := pg.All[struct {
		Status orbit.ImportImageStatus
		N      int
	}](ctx, t, `SELECT status, count(*) AS n FROM import_images WHERE import_id = $1 GROUP BY 1`, id)
	counts := map[orbit.ImportImageStatus]int{}
	for _, r := range rows {
		counts[r.Status] = r.N
	}
	return counts, err
}

// ImageComing notes before an image is made which media it will be, so that undoing its import finds it. An error for
// which Overtaken is true where the import was undone, or another process has made the image.
func ImageComing(ctx context.Context, db Database, i orbit.ImportImage) error {
	return For(db, i.MerchantID).Do(ctx, func(t *Tenant) error {
		n, err := pg.Exec(ctx, t, `UPDATE import_images SET media_id = $2 WHERE id = $1 AND status = 'waiting'`, i.ID,
			i.MediaID)
		if err == nil && n == 0 {
			return errOvertaken
		}
		return err
	})
}

// ImageFetched notes what came of an image that a file names: the media it is, shown by its variants, or why not. Where
// the import was undone while it was made, it is deleted.
func ImageFetched(ctx context.Context, db Database, i orbit.ImportImage) error {
	return db.Engine().InTx(ctx, func(t pg.Tx) error {
		e, err := alone(ctx, db, t, i.MerchantID)
		if err != nil || e == nil {
			return err
		}
		n, err := pg.Exec(ctx, e, `UPDATE import_images SET status = $2, error = $3, media_id = $4 WHERE id = $1`, i.ID,
			string(i.Status), i.Error, i.MediaID)
		if err != nil {
			return err
		}
		if n == 0 {
			return e.unfetched(ctx, i)
		}
		b := e.db.Batch()
		if i.Status == orbit.ImportImageReady {
			b.Exec(`UPDATE media SET alt = $2 WHERE id = $1 AND alt = ''`, i.MediaID, i.Alt)
			b.Exec(`UPDATE variants v SET media_id = m.id FROM media m WHERE m.id = $1 AND m.product_id = $2
				AND v.product_id = $2 AND v.id = ANY($3::uuid[])`, i.MediaID, i.ProductID, texts(i.Variants))
			b.Exec(`SELECT orbit_show_images($1::uuid)`, i.ProductID)
		}
		e.heardImport(b)
		return b.Run(ctx, e)
	})
}

// unfetched deletes an image that is no longer wanted.
func (e *Edit) unfetched(ctx context.Context, i orbit.ImportImage) error {
	if i.MediaID.IsZero() {
		return nil
	}
	err := e.DeleteImage(ctx, i.ProductID, i.MediaID)
	if orbit.CodeOf(err) == orbit.NotFound {
		return nil // its product is gone too
	}
	return err
}

// StartFetching has the images of an import be fetched, where it names any.
func StartFetching(ctx context.Context, db Database, i orbit.Import) error {
	return For(db, i.MerchantID).Do(ctx, func(t *Tenant) error {
		waiting, err := pg.One[bool](ctx, t, `SELECT EXISTS (SELECT FROM import_images WHERE import_id = $1
			AND status = 'waiting')`, i.ID)
		if err != nil || !waiting {
			return err
		}
		b := t.db.Batch()
		b.FairJob(FetchArgs{t.merchant, i.ID}, t.merchant)
		return b.Run(ctx, t)
	})
}

// RequeueFetches gives a new job to each import with images that wait and no job for them.
func RequeueFetches(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT DISTINCT i.merchant_id, i.import_id AS id FROM import_images i
		WHERE i.status = 'waiting' AND `+pg.WithoutJob("i.created_at",
		`j.kind IN ('fetch', 'import') AND j.args ->> 'importId' = i.import_id::text`)+` LIMIT 100`,
		func(b *pg.Batch, i orbit.Import) { b.Job(FetchArgs{i.MerchantID, i.ID}) })
}
