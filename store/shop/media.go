package shop

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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
	return false, b.Run(ctx, e)
}

// roomFor reports whether an image is there already, and otherwise checks that there is room for it beside the others
// and what uploads under way have reserved. The merchant's row is locked.
func (e *Edit) roomFor(ctx context.Context, p orbit.Media) (known bool, err error) {
	room, err := pg.One[struct {
		Product, Known bool
		Images         int
		Used           int64
	}](ctx, e, `WITH reserved AS (
			SELECT image_id, product_id, max(bytes) AS bytes FROM media_reserved r
			WHERE image_id <> $2 AND expires_at > now() AND NOT EXISTS (SELECT FROM media WHERE id = r.image_id)
			GROUP BY image_id, product_id)
		SELECT $1::uuid IS NULL OR EXISTS (SELECT FROM products WHERE id = $1) AS product,
			EXISTS (SELECT FROM media WHERE id = $2) AS known,
			(SELECT count(*) FROM media WHERE product_id IS NOT DISTINCT FROM $1) + (SELECT count(*) FROM reserved
				WHERE product_id IS NOT DISTINCT FROM $1) AS images,
			(SELECT coalesce(sum(bytes), 0) FROM media) + (SELECT coalesce(sum(bytes), 0) FROM reserved) AS used`,
		p.ProductID, p.ID)
	if err != nil {
		return false, err
	}
	if !room.Product {
		return false, orbit.Errorf(orbit.NotFound, "There is no such product. It may have been deleted.")
	}
	if room.Known {
		return true, nil
	}
	if err := e.mayEdit(ctx, p.ProductID); err != nil {
		return false, err
	}
	if limit := orbit.ImageLimit(p.ProductID); room.Images >= limit {
		message := "A product can have at most %d images. Delete one first."
		if p.ProductID.IsZero() {
			message = "A shop can have at most %d images beside those of its products. Delete one first."
		}
		return false, orbit.Errorf(orbit.Conflict, message, limit)
	}
	plan, err := e.plan(ctx)
	if err != nil {
		return false, err
	}
	if limit := plan.Limits.StorageBytes; limit != nil && room.Used+p.Bytes > *limit {
		return false, orbit.Wrap(orbit.Conflict, errNoRoom, fmt.Sprintf("Your %s plan includes %s of images, and this one "+
			"would be more. Delete images that you don't need, or change your plan under Settings → Plan.", plan.Name,
			orbit.Bytes(*limit)))
	}
	return false, nil
}

// ReleaseImage gives back what ReserveImage has reserved for an upload that came to nothing. Unused reports whether its
// files belong to nothing, and may be deleted: false where AddImage has taken them after all.
func (t *Tenant) ReleaseImage(ctx context.Context, hash string) (unused bool, err error) {
	n, err := pg.Exec(ctx, t, `UPDATE blob_trash SET due_at = now() WHERE prefix = $1`, BlobPrefix(t.merchant, hash))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = pg.Exec(ctx, t, `DELETE FROM media_reserved WHERE hash = $1`, hash)
	return err == nil, err
}

// AddImage makes an image of an upload that was reserved and has its file in the blob store now, with the job that
// makes its sizes. Added is false where the same upload, sent twice, is an image already: this one's file is not needed
// then. Conflict and NotFound as for ReserveImage; Unavailable where the reservation has expired.
func (e *Edit) AddImage(ctx context.Context, p orbit.Media, heavy bool) (added bool, err error) {
	if known, err := e.roomFor(ctx, p); err != nil || known {
		return false, err
	}
	n, err := pg.Exec(ctx, e, `DELETE FROM blob_trash WHERE prefix = $1 AND due_at > now() + interval '1 minute'`,
		BlobPrefix(e.merchant, p.Hash))
	if err != nil {
		return false, err
	}
	if n == 0 {
		return false, orbit.Errorf(orbit.Unavailable, "The upload took too long. Try again.")
	}
	waiting, err := pg.One[int](ctx, e, `SELECT count(*) FROM media WHERE status = 'processing'`)
	if err != nil {
		return false, err
	}
	b := e.db.Batch()
	b.Exec(`DELETE FROM media_reserved WHERE hash = $1`, p.Hash)
	b.Exec(`INSERT INTO media (merchant_id, id, product_id, hash, name, alt, width, height, bytes, position)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
			(SELECT coalesce(max(position), 0) + 1 FROM media WHERE product_id IS NOT DISTINCT FROM $3))`,
		e.merchant, p.ID, p.ProductID, p.Hash, p.Name, p.Alt, p.Width, p.Height, p.Bytes)
	b.JobOf(MediaArgs{MerchantID: e.merchant, MediaID: p.ID, Heavy: heavy}, lane(waiting, heavy))
	err = e.commit(ctx, b, orbit.ActionImageAdded, p.Name, orbit.Details{"image": p.ID.String(),
		"product": p.ProductID.String()})
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

// Image returns one image of the shop's.
func (t *Tenant) Image(ctx context.Context, id orbit.MediaID) (p orbit.Media, err error) {
	return pg.One[orbit.Media](ctx, t, `SELECT `+t.db.Columns("m", "", p)+` FROM media m WHERE id = $1`, id)
}

// Images returns a product's images in order, or the shop's own (zero), those too that aren't ready.
func (t *Tenant) Images(ctx context.Context, product orbit.ProductID) (ps []orbit.Media, err error) {
	return pg.All[orbit.Media](ctx, t, `SELECT `+t.db.Columns("m", "", orbit.Media{})+` FROM media m
		WHERE product_id IS NOT DISTINCT FROM $1 ORDER BY position, id`, product)
}

// ImageReady notes what was made of an image and has its product show it. The upload itself, under original, is no
// longer needed. NotFound for an image that has been deleted; Conflict where the plan's storage doesn't hold
// what was made.
func (t *Tenant) ImageReady(ctx context.Context, p orbit.Media, original string) error {
	plan, err := pg.One[orbit.Plan](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.Plan{})+` FROM merchants m
		JOIN plans p ON p.id = m.plan_id WHERE m.id = $1 FOR NO KEY UPDATE OF m`, t.merchant)
	if err != nil {
		return err
	}
	b := t.db.Batch()
	if limit := plan.Limits.StorageBytes; limit != nil {
		others, err := pg.One[int64](ctx, t, `SELECT coalesce(sum(bytes), 0) FROM media WHERE id <> $1`, p.ID)
		if err != nil {
			return err
		}
		storage := plan.Limits.Meter(orbit.LimitStorage, others+p.Bytes)
		if storage.Over() {
			return orbit.Wrap(orbit.Conflict, errNoRoom, fmt.Sprintf("Your %s plan includes %s of images, and this one in all "+
				"its sizes would be more. Delete some that you don't need, or change your plan under Settings → Plan.", plan.Name,
				orbit.Bytes(*limit)))
		}
		if err := t.notice(ctx, b, storage); err != nil {
			return err
		}
	}
	b.Exec(`SELECT orbit_show_images($1::uuid)`, p.ProductID)
	if !p.ProductID.IsZero() {
		b.Event(orbit.ProductEvent(orbit.ProductWasUpdated, p.ProductID))
	}
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
	n, err := pg.Exec(ctx, t, `UPDATE media
		SET status = $2, error = $3, width = $4, height = $5, widths = $6, jpeg = $7, bytes = $8 WHERE id = $1`,
		p.ID, p.Status, p.Error, p.Width, p.Height, append([]int{}, p.Widths...), p.JPEG, p.Bytes)
	if err != nil {
		return err
	}
	if n == 0 {
		return orbit.Errorf(orbit.NotFound, "This image was deleted.")
	}
	b.Notify(pg.MerchantChannel, t.merchant.String())
	return b.Run(ctx, t)
}

// DeleteImage deletes an image for good. NotFound for one that isn't the product's (zero: the shop's own), Conflict for
// one that the public release shows.
func (e *Edit) DeleteImage(ctx context.Context, product orbit.ProductID, id orbit.MediaID) error {
	if err := e.mayEdit(ctx, product); err != nil {
		return err
	}
	gone, err := pg.One[orbit.Media](ctx, e, `DELETE FROM media WHERE id = $1 AND product_id IS NOT DISTINCT FROM $2
		RETURNING name, hash`, id, product)
	if err != nil {
		return err
	}
	if _, err := e.ReleasesUsing(ctx, gone); err != nil {
		return err
	}
	return e.commitImage(ctx, e.db.Batch(), orbit.ActionImageDeleted, product, id, gone.Name)
}

// ReleasesUsing returns the numbers of the older releases that show an image. Conflict where the public one shows it.
func (t *Tenant) ReleasesUsing(ctx context.Context, p orbit.Media) (older []int, err error) {
	using, err := pg.All[struct {
		Number int
		Public bool
	}](ctx, t, `SELECT r.number, r.id = m.release_id AS public FROM merchants m JOIN releases r ON r.merchant_id = m.id
		WHERE m.id = $1 AND strpos(r.settings::text, $2) > 0 ORDER BY r.number`, t.merchant, p.Hash)
	for _, r := range using {
		if r.Public {
			return nil, orbit.Errorf(orbit.Conflict,
				"Your shop's theme shows %s. Choose another image there first, and publish.", p.Name)
		}
		older = append(older, r.Number)
	}
	return older, err
}

// DescribeImage gives an image its alternative text.
func (e *Edit) DescribeImage(ctx context.Context, product orbit.ProductID, id orbit.MediaID, alt string) error {
	alt, err := orbit.CheckAlt(alt)
	if err != nil {
		return err
	}
	if err := e.mayEdit(ctx, product); err != nil {
		return err
	}
	name, err := pg.One[string](ctx, e, `UPDATE media SET alt = $3 WHERE id = $1 AND product_id IS NOT DISTINCT FROM $2
		RETURNING name`, id, product, alt)
	if err != nil {
		return err
	}
	return e.commitImage(ctx, e.db.Batch(), orbit.ActionImageDescribed, product, id, name)
}

// MoveImage puts an image one place forward (-1) or back (1), where there is one.
func (e *Edit) MoveImage(ctx context.Context, product orbit.ProductID, id orbit.MediaID, by int) error {
	if err := e.mayEdit(ctx, product); err != nil {
		return err
	}
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
func (e *Edit) commitImage(ctx context.Context, b *pg.Batch, action orbit.Action, product orbit.ProductID,
	id orbit.MediaID, name string) error {
	b.Exec(`SELECT orbit_show_images($1::uuid)`, product)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	if !product.IsZero() {
		b.Event(orbit.ProductEvent(orbit.ProductWasUpdated, product))
	}
	return e.commit(ctx, b, action, name, orbit.Details{"image": id.String(), "product": product.String()})
}

// BlobPrefix is what the keys of an image's files start with in the blob store.
func BlobPrefix(m orbit.MerchantID, hash string) string {
	return fmt.Sprintf("%s/%s-", m, strings.ToLower(hash))
}

// NewHash names the files of an upload. Each attempt has its own, so that deleting what one has left never takes
// another's.
func NewHash() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand's never fails
	return hex.EncodeToString(b[:])
}
