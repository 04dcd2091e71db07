package shop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueueMedia is a queue of its own: making images takes a core for a second and much memory.
const QueueMedia = "media"

// MediaArgs is the durable job that makes an image's sizes.
type MediaArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
	MediaID    orbit.MediaID    `json:"imageId"`
	Heavy      bool             `json:"heavy,omitempty"` // takes long or much memory: one at a time
}

// Kind names the job in river's table.
func (MediaArgs) Kind() string { return "media" }

// InsertOpts gives images their queue.
func (MediaArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMedia, MaxAttempts: pg.JobAttempts}
}

// uploadPatience is how long an upload may take from its reservation to its row. What comes to nothing is swept after
// that, and counts against the plan no longer.
const uploadPatience = 5 * time.Minute

// ReserveImage keeps room for an upload before anything of it is written to the blob store: a place among the product's
// images (without a product: the shop's own) and its bytes of the plan's storage. AddImage or ReleaseImage ends it;
// where neither comes, the files are swept. Known reports an image of that id that is there already, for which nothing
// is reserved. Conflict where the product or the plan's storage is full, with what other uploads have reserved;
// NotFound for a product that isn't there.
func (e *Edit) ReserveImage(ctx context.Context, p orbit.Media) (known bool, err error) {
	if known, err = e.roomFor(ctx, p); err != nil || known {
		return known, err
	}
	b := e.db.Batch()
	b.Exec(`INSERT INTO media_reserved (merchant_id, hash, image_id, product_id, bytes, expires_at)
		VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
		e.merchant, p.Hash, p.ID, p.ProductID, p.Bytes, uploadPatience.Seconds())
	b.Exec(`INSERT INTO blob_trash (prefix, due_at, until)
		VALUES ($1, now() + make_interval(secs => $2), now() + make_interval(secs => $2))`,
		BlobPrefix(e.merchant, p.Hash), uploadPatience.Seconds())
	return false, b.Run(ctx, e.PGX)
}

// roomFor reports whether an image is there already, and otherwise checks that there is room for it beside the others
// and what uploads under way have reserved. The merchant's row is locked.
func (e *Edit) roomFor(ctx context.Context, p orbit.Media) (known bool, err error) {
	var product bool
	var images int
	var used int64
	err = e.PGX.QueryRow(ctx, `WITH reserved AS (
			SELECT image_id, product_id, max(bytes) AS bytes FROM media_reserved r
			WHERE image_id <> $2 AND expires_at > now() AND NOT EXISTS (SELECT FROM media WHERE id = r.image_id)
			GROUP BY image_id, product_id)
		SELECT $1::uuid IS NULL OR EXISTS (SELECT FROM products WHERE id = $1), EXISTS (SELECT FROM media WHERE id = $2),
			(SELECT count(*) FROM media WHERE product_id IS NOT DISTINCT FROM $1) + (SELECT count(*) FROM reserved
			WHERE product_id IS NOT DISTINCT FROM $1),
			(SELECT coalesce(sum(bytes), 0) FROM media) + (SELECT coalesce(sum(bytes), 0)
			FROM reserved)`, pg.Texts([]any{p.ProductID, p.ID})...).Scan(&product, &known, &images, &used)
	if err != nil {
		return false, err
	}
	if !product {
		return false, orbit.Errorf(orbit.NotFound, "There is no such product. It may have been deleted.")
	}
	if known {
		return true, nil
	}
	if limit := orbit.ImageLimit(p.ProductID); images >= limit {
		whose := "A product can have at most %d images. Delete one first."
		if p.ProductID.IsZero() {
			whose = "A shop can have at most %d images beside those of its products. Delete one first."
		}
		return false, orbit.Errorf(orbit.Conflict, whose, limit)
	}
	plan, err := e.plan(ctx)
	if err != nil {
		return false, err
	}
	if limit := plan.Limits.StorageBytes; limit != nil && used+p.Bytes > *limit {
		return false, orbit.Errorf(orbit.Conflict,
			"Your plan %s holds %s of images, and this one would be more. Delete some that you don't need, or ask us for a larger plan.", plan.Name, orbit.Bytes(*limit))
	}
	return false, nil
}

// ReleaseImage gives back what ReserveImage has reserved for an upload that came to nothing. Unused reports whether its
// files belong to nothing, and may be deleted: false where AddImage has taken them after all.
func (t *Tenant) ReleaseImage(ctx context.Context, hash string) (unused bool, err error) {
	tag, err := t.PGX.Exec(ctx, `UPDATE blob_trash SET due_at = now() WHERE prefix = $1`, BlobPrefix(t.merchant, hash))
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	_, err = t.PGX.Exec(ctx, `DELETE FROM media_reserved WHERE hash = $1`, hash)
	return err == nil, err
}

// AddImage makes an image of an upload that was reserved and whose file is in the blob store now, with the job that
// makes its sizes. Added is false where the same upload, sent twice, is an image already: this one's file is not needed
// then. Conflict and NotFound as for ReserveImage; Unavailable where the reservation has expired.
func (e *Edit) AddImage(ctx context.Context, p orbit.Media, heavy bool) (added bool, err error) {
	if known, err := e.roomFor(ctx, p); err != nil || known {
		return false, err
	}
	tag, err := e.PGX.Exec(ctx, `DELETE FROM blob_trash WHERE prefix = $1 AND due_at > now() + interval '1 minute'`,
		BlobPrefix(e.merchant, p.Hash))
	if err != nil {
		return false, err
	}
	if tag.RowsAffected() == 0 {
		return false, orbit.Errorf(orbit.Unavailable, "The upload took too long. Try again.")
	}
	var waiting int
	if err := e.PGX.QueryRow(ctx, `SELECT count(*) FROM media WHERE status = 'processing'`).Scan(&waiting); err != nil {
		return false, err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM media_reserved WHERE hash = $1`, p.Hash)
	b.Exec(`INSERT INTO media (merchant_id, id, product_id, hash, name, alt, width, height, bytes, position)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
			(SELECT coalesce(max(position), 0) + 1 FROM media WHERE product_id IS NOT DISTINCT FROM $3))`,
		e.merchant, p.ID, p.ProductID, p.Hash, p.Name, p.Alt, p.Width, p.Height, p.Bytes)
	b.JobOf(MediaArgs{MerchantID: e.merchant, MediaID: p.ID, Heavy: heavy}, lane(waiting, heavy))
	err = e.commit(ctx, b, orbit.ActionImageAdded, p.Name, orbit.Details{"image": p.ID.String(), "product": p.ProductID.String()})
	return err == nil, err
}

// lane is the priority of a merchant's next image, 1 (first) to 4, by how many of the same merchant's wait: who uploads
// a thousand lets those with a few go first. A heavy one lets others go first too.
func lane(waiting int, heavy bool) int {
	n := 1
	for _, most := range []int{4, 16, 64} {
		if waiting >= most {
			n++
		}
	}
	if heavy {
		n++
	}
	return min(n, 4)
}

// RequeueImages gives a new job to each image that was to be made a while ago and has none. Row-level security lets
// nothing of other shops be locked: two processes that look at once add two jobs, the second of which finds it made.
func RequeueImages(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	type image struct {
		MerchantID orbit.MerchantID
		ID         orbit.MediaID
	}
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT m.merchant_id, m.id FROM media m WHERE m.status = 'processing'
		AND `+pg.WithoutJob("m.created_at", `j.kind = 'media' AND j.args ->> 'imageId' = m.id::text`)+` LIMIT 100`,
		func(b *pg.Batch, p image) { b.Job(MediaArgs{MerchantID: p.MerchantID, MediaID: p.ID}) })
}

func (e *Edit) plan(ctx context.Context) (p orbit.Plan, err error) {
	return p, e.scan(ctx, &p, `SELECT `+e.db.Columns("p", "", p)+` FROM plans p WHERE id = $1`, e.Merchant.PlanID)
}

// Image is one image of the shop's.
func (t *Tenant) Image(ctx context.Context, id orbit.MediaID) (p orbit.Media, err error) {
	return p, t.scan(ctx, &p, `SELECT `+t.db.Columns("m", "", p)+` FROM media m WHERE id = $1`, id)
}

// Images are a product's images in order, or the shop's own (zero), those too that aren't ready.
func (t *Tenant) Images(ctx context.Context, product orbit.ProductID) (ps []orbit.Media, err error) {
	return ps, t.scan(ctx, &ps, `SELECT `+t.db.Columns("m", "",
		orbit.Media{})+` FROM media m WHERE product_id IS NOT DISTINCT FROM $1 ORDER BY position, id`, product)
}

// ImageReady notes what was made of an image and has its product show it. The upload itself, under original, is no
// longer needed. NotFound for an image that was deleted meanwhile; Conflict where the plan's storage doesn't hold
// what was made.
func (t *Tenant) ImageReady(ctx context.Context, p orbit.Media, original string) error {
	var plan string
	var limit *int64
	err := t.PGX.QueryRow(ctx, `SELECT p.name, (p.limits->>'storageBytes')::bigint FROM merchants m
		JOIN plans p ON p.id = m.plan_id WHERE m.id = $1 FOR NO KEY UPDATE OF m`,
		t.merchant.String()).Scan(&plan, &limit)
	if err != nil {
		return pg.MapError(err)
	}
	if limit != nil {
		var others int64
		if err := t.PGX.QueryRow(ctx, `SELECT coalesce(sum(bytes), 0) FROM media WHERE id <> $1`,
			p.ID.String()).Scan(&others); err != nil {
			return err
		}
		if others+p.Bytes > *limit {
			return orbit.Errorf(orbit.Conflict,
				"Your plan %s holds %s of images, and this one in all its sizes would be more. Delete some that you don't need, or ask us for a larger plan.", plan, orbit.Bytes(*limit))
		}
	}
	b := t.db.Batch()
	b.Exec(`SELECT orbit_show_images($1::uuid)`, p.ProductID)
	b.Exec(`INSERT INTO blob_trash (prefix, due_at, until) VALUES ($1, now(), now()) ON CONFLICT (prefix) DO NOTHING`,
		original)
	return t.imageMade(ctx, p, b)
}

// ImageFailed notes that an image can't be made of its file, with p.Error as the reason. None of its files is needed.
func (t *Tenant) ImageFailed(ctx context.Context, p orbit.Media) error {
	p.Status, p.Bytes, p.Widths, p.JPEG = orbit.MediaFailed, 0, nil, 0
	b := t.db.Batch()
	b.Exec(`INSERT INTO blob_trash (prefix, due_at, until) VALUES ($1, now(), now() + make_interval(secs => $2))
		ON CONFLICT (prefix) DO UPDATE SET due_at = excluded.due_at`,
		BlobPrefix(p.MerchantID, p.Hash), uploadPatience.Seconds())
	return t.imageMade(ctx, p, b)
}

func (t *Tenant) imageMade(ctx context.Context, p orbit.Media, b *pg.Batch) error {
	tag, err := t.PGX.Exec(ctx, `UPDATE media
		SET status = $2, error = $3, width = $4, height = $5, widths = $6, jpeg = $7, bytes = $8 WHERE id = $1`,
		p.ID.String(), p.Status, p.Error, p.Width, p.Height, append([]int{}, p.Widths...), p.JPEG, p.Bytes)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return orbit.Errorf(orbit.NotFound, "This image was deleted.")
	}
	b.Notify(pg.MerchantChannel, t.merchant.String())
	return b.Run(ctx, t.PGX)
}

// DeleteImage deletes an image for good. NotFound for one that isn't the product's (zero: the shop's own), Conflict for
// one that the public release shows.
func (e *Edit) DeleteImage(ctx context.Context, product orbit.ProductID, id orbit.MediaID) error {
	var name, hash string
	if err := e.PGX.QueryRow(ctx, `DELETE FROM media WHERE id = $1 AND product_id IS NOT DISTINCT FROM $2
		RETURNING name, hash`, pg.Texts([]any{id, product})...).Scan(&name, &hash); err != nil {
		return err
	}
	if _, err := e.ReleasesUsing(ctx, orbit.Media{Name: name, Hash: hash}); err != nil {
		return err
	}
	return e.commitImage(ctx, e.db.Batch(), orbit.ActionImageDeleted, product, id, name)
}

// ReleasesUsing returns the numbers of the older releases that show an image. Conflict where the public one shows it.
func (t *Tenant) ReleasesUsing(ctx context.Context, p orbit.Media) (older []int, err error) {
	var public bool
	err = t.PGX.QueryRow(ctx, `SELECT coalesce(bool_or(r.id = m.release_id), false), coalesce(array_agg(r.number
	ORDER BY r.number), '{}')
		FROM merchants m JOIN releases r ON r.merchant_id = m.id WHERE m.id = $1
		AND strpos(r.settings::text, $2) > 0`, t.merchant.String(), p.Hash).Scan(&public, &older)
	if public {
		return nil, orbit.Errorf(orbit.Conflict, "Your shop's theme shows %s. Choose another image there first, and publish.",
			p.Name)
	}
	return older, pg.MapError(err)
}

// DescribeImage gives an image its alternative text.
func (e *Edit) DescribeImage(ctx context.Context, product orbit.ProductID, id orbit.MediaID, alt string) error {
	alt, err := orbit.CheckAlt(alt)
	if err != nil {
		return err
	}
	var name string
	if err := e.PGX.QueryRow(ctx, `UPDATE media SET alt = $3 WHERE id = $1 AND product_id IS NOT DISTINCT FROM $2
		RETURNING name`, pg.Texts([]any{id, product, alt})...).Scan(&name); err != nil {
		return err
	}
	return e.commitImage(ctx, e.db.Batch(), orbit.ActionImageDescribed, product, id, name)
}

// MoveImage puts an image one place forward (-1) or back (1), where there is one.
func (e *Edit) MoveImage(ctx context.Context, product orbit.ProductID, id orbit.MediaID, by int) error {
	ps, err := e.Images(ctx, product)
	if err != nil {
		return err
	}
	from := slices.IndexFunc(ps, func(p orbit.Media) bool { return p.ID == id })
	if from < 0 {
		return orbit.Errorf(orbit.NotFound, "There is no such image. It may have been deleted.")
	}
	name := ps[from].Name
	if to := from + by; to >= 0 && to < len(ps) {
		ps[from], ps[to] = ps[to], ps[from]
	}
	b := e.db.Batch()
	for i, p := range ps {
		b.Exec(`UPDATE media SET position = $2 WHERE id = $1`, p.ID, i+1)
	}
	return e.commitImage(ctx, b, orbit.ActionImageMoved, product, id, name)
}

// commitImage runs a change to an image, and has its product show what is there now.
func (e *Edit) commitImage(ctx context.Context, b *pg.Batch, action orbit.Action, product orbit.ProductID, id orbit.MediaID,
	name string) error {
	b.Exec(`SELECT orbit_show_images($1::uuid)`, product)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, action, name, orbit.Details{"image": id.String(), "product": product.String()})
}

// BlobPrefix is what the keys of an image's files start with in the blob store.
func BlobPrefix(m orbit.MerchantID, hash string) string {
	return fmt.Sprintf("%s/%s-", m, strings.ToLower(hash))
}
