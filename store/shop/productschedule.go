package shop

import (
	"context"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ProductsDueArgs is the durable job that has a shop's drafts become active when their time has come. It says no time:
// the rows do.
type ProductsDueArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
}

// Kind names the job in river's table.
func (ProductsDueArgs) Kind() string { return "products_due" }

// InsertOpts gives the job its queue.
func (ProductsDueArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueSchedule, MaxAttempts: pg.JobAttempts}
}

// scheduleProduct has a job come when a product is to become active.
func (e *Edit) scheduleProduct(b *pg.Batch, p orbit.Product) {
	if !p.PublishAt.IsZero() {
		b.JobAt(ProductsDueArgs{e.merchant}, p.PublishAt)
	}
}

// ActivateDue has a shop's drafts become active that are due, and returns how many. Where the plan has no room they
// stay drafts, without a time. Done again it changes nothing.
func ActivateDue(ctx context.Context, db Database, merchant orbit.MerchantID) (n int, err error) {
	err = db.Engine().InTx(ctx, func(t pg.Tx) error {
		e, err := alone(ctx, db, t, merchant)
		if err != nil || e == nil {
			return err
		}
		due, err := pg.All[struct {
			ID    orbit.ProductID
			Title string
		}](ctx, e, `SELECT id, title FROM products WHERE publish_at <= now() ORDER BY publish_at, id FOR UPDATE`)
		if err != nil || len(due) == 0 {
			return err
		}
		status := orbit.ProductActive
		if err := e.mayActivate(ctx); orbit.CodeOf(err) == orbit.Conflict || e.Merchant.Status != orbit.MerchantActive {
			status = orbit.ProductDraft
		} else if err != nil {
			return err
		}
		b := e.db.Batch()
		for _, p := range due {
			b.Exec(`UPDATE products SET status = CASE WHEN status = 'draft' THEN $2 ELSE status END, publish_at = NULL,
				version = version + 1, updated_at = now() WHERE id = $1`, p.ID, string(status))
			b.Event(orbit.ProductEvent(orbit.ProductWasUpdated, p.ID))
			if status == orbit.ProductActive {
				b.Audit(orbit.System, orbit.ActionProductUpdated, e.merchant, p.Title, orbit.Details{"product": p.ID.String(),
					"scheduled": true})
			}
		}
		n = len(due)
		return b.Run(ctx, e)
	})
	return n, err
}
