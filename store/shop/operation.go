package shop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueueImports is the queue of what works on many products at once: files, and undoing.
const QueueImports = "imports"

// UndoArgs is the durable job that undoes an operation.
type UndoArgs struct {
	MerchantID  orbit.MerchantID  `json:"merchantId"`
	OperationID orbit.OperationID `json:"operationId"`
	UserID      orbit.UserID      `json:"userId"` // who asked for it
}

// Kind names the job in river's table.
func (UndoArgs) Kind() string { return "undo" }

// InsertOpts gives the job its queue.
func (UndoArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueImports, MaxAttempts: pg.JobAttempts}
}

// BulkEdit changes products that are there, all or none, as an operation that can be undone: change gets them as they
// are, in the order in which they are asked for, and says what becomes of each. The same operation again changes
// nothing. Errors are change's and those of SaveProduct; Conflict for a read-only product.
func (e *Edit) BulkEdit(ctx context.Context, id orbit.OperationID, ids []orbit.ProductID,
	change func(now []orbit.ProductSheet) ([]orbit.ProductEdit, error)) (o orbit.Operation, err error) {
	if o, err = e.Operation(ctx, id); orbit.CodeOf(err) != orbit.NotFound {
		return o, err
	}
	held, err := e.hold(ctx, ids)
	if err != nil {
		return o, err
	}
	edits, err := change(held)
	if err != nil {
		return o, err
	}
	var writes []productWrite
	for i, edit := range edits {
		if w := (productWrite{held[i], edit}); w.changes() {
			writes = append(writes, w)
		}
	}
	o = orbit.Operation{MerchantID: e.merchant, ID: id, Kind: orbit.OperationBulkEdit, Status: orbit.OperationDone}
	if len(writes) == 0 {
		return o, nil
	}
	b := e.db.Batch()
	if err := e.writeProducts(ctx, b, orbit.ReasonEdited, writes); err != nil {
		return o, err
	}
	o = e.addOperation(b, o, len(writes))
	e.remember(b, o.ID, writes)
	return o, e.commit(ctx, b, orbit.ActionProductsEdited, products(int64(len(writes))),
		orbit.Details{"operation": id.String()})
}

// addOperation adds an operation for about n products, and forgets what is too much by then.
func (e *Edit) addOperation(b *pg.Batch, o orbit.Operation, n int) orbit.Operation {
	o.MerchantID, o.Who, o.Products, o.CreatedAt = e.merchant, e.Actor.Name, n, pg.Stamp()
	o.UndoUntil = o.CreatedAt.Add(orbit.UndoWithin)
	b.Exec(`DELETE FROM operations WHERE id IN (SELECT id FROM operations WHERE status IN ('done', 'undone')
		ORDER BY created_at DESC, id DESC OFFSET $1)`, orbit.MaxOperations-1)
	b.Exec(`UPDATE operations SET undo_until = now() WHERE undo_until > now() AND status = 'done' AND id IN (
		SELECT id FROM (SELECT id, sum(products) OVER (ORDER BY created_at DESC, id DESC) AS products FROM operations
			WHERE undo_until > now()) newer WHERE products + $1 > $2)`, n, orbit.MaxUndoable)
	b.Insert("operations", o)
	return o
}

// remember keeps products as they were before an operation. One that the operation changes again is kept as it was at
// first.
func (e *Edit) remember(b *pg.Batch, id orbit.OperationID, writes []productWrite) {
	type kept struct {
		ProductID string          `json:"product_id"`
		Title     string          `json:"title"`
		Before    json.RawMessage `json:"before"`
		Version   int             `json:"version"`
	}
	rows := make([]kept, 0, len(writes))
	for _, w := range writes {
		row := kept{ProductID: w.edit.Product.ID.String(), Title: w.edit.Product.Title, Version: 1,
			Before: json.RawMessage("null")}
		if !w.isNew() {
			data, err := json.Marshal(orbit.ProductImage{Product: w.was.Product, In: w.was.In, StockBy: w.edit.StockBy})
			if err != nil {
				b.Err = err
				return
			}
			row.Before, row.Version = data, w.was.Product.Version+1
		}
		rows = append(rows, row)
	}
	data, err := json.Marshal(rows)
	if err != nil {
		b.Err = err
		return
	}
	b.Exec(`INSERT INTO operation_products (merchant_id, operation_id, product_id, title, before, version)
		SELECT $1, $2, n.product_id, n.title, nullif(n.before, 'null'::jsonb), n.version
		FROM jsonb_to_recordset($3::jsonb) n(product_id uuid, title text, before jsonb, version integer)
		ON CONFLICT (merchant_id, operation_id, product_id) DO UPDATE SET version = excluded.version`,
		e.merchant, id, string(data))
}

// Operation returns one of the shop's operations.
func (t *Tenant) Operation(ctx context.Context, id orbit.OperationID) (o orbit.Operation, err error) {
	return pg.One[orbit.Operation](ctx, t, `SELECT `+t.db.Columns("o", "", o)+` FROM operations o WHERE id = $1`, id)
}

// OperationsAfter returns up to n of the shop's operations, the newest first, those after one of a time and an id.
func (t *Tenant) OperationsAfter(ctx context.Context, at time.Time, id string, n int) ([]orbit.Operation, error) {
	return pg.All[orbit.Operation](ctx, t, `SELECT `+t.db.Columns("o", "", orbit.Operation{})+` FROM operations o
		WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
		ORDER BY created_at DESC, id DESC LIMIT $3`, orNull(at), orNullText(id), n)
}

// orNullText is a text, NULL for none.
func orNullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// InTheWay returns what was done since to products of an operation, so that it can't be undone: up to
// orbit.MaxInTheWay sentences. Those that it has created would be deleted, so the quantities and images that people
// gave them count too; sales don't.
func (t *Tenant) InTheWay(ctx context.Context, id orbit.OperationID) (why []string, err error) {
	var reasons []string
	for _, r := range orbit.AdjustmentReasons() {
		reasons = append(reasons, string(r.Value))
	}
	rows, err := pg.All[struct{ Title, Why string }](ctx, t, `SELECT title, why FROM (
		SELECT coalesce(p.title, o.title) AS title, o.product_id, CASE
			WHEN p.id IS NULL THEN 'was deleted'
			WHEN p.version <> o.version THEN 'was edited'
			WHEN o.before IS NOT NULL THEN ''
			WHEN EXISTS (SELECT FROM variants v JOIN inventory_adjustments a
				ON a.merchant_id = v.merchant_id AND a.variant_id = v.id
				WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND a.reason = ANY($3)) THEN 'has other quantities'
			WHEN EXISTS (SELECT FROM media m WHERE m.merchant_id = p.merchant_id AND m.product_id = p.id AND NOT EXISTS (
				SELECT FROM import_images i JOIN imports f ON f.merchant_id = i.merchant_id AND f.id = i.import_id
				WHERE i.merchant_id = p.merchant_id AND i.product_id = p.id AND i.media_id = m.id
				AND f.operation_id = o.operation_id)) THEN 'has other images'
			ELSE '' END AS why
		FROM operation_products o LEFT JOIN products p ON p.merchant_id = o.merchant_id AND p.id = o.product_id
		WHERE o.operation_id = $1) found WHERE why <> '' ORDER BY lower(title), product_id LIMIT $2`, id,
		orbit.MaxInTheWay, reasons)
	for _, r := range rows {
		why = append(why, r.Title+" "+r.Why+" since.")
	}
	return why, err
}

// Undo orders that an operation be undone: the job does it. Done again it changes nothing. Conflict after UndoUntil,
// while the operation still runs, and where later changes stand in the way, which are its faults.
func (e *Edit) Undo(ctx context.Context, id orbit.OperationID) (o orbit.Operation, err error) {
	o, err = pg.One[orbit.Operation](ctx, e, `SELECT `+e.db.Columns("o", "", o)+` FROM operations o WHERE id = $1
		FOR UPDATE`, id)
	switch {
	case err != nil || o.Status == orbit.OperationUndoing || o.Status == orbit.OperationUndone:
		return o, err
	case o.Status == orbit.OperationRunning:
		return o, orbit.Errorf(orbit.Conflict, "This is still running. Wait until it is done.")
	case !o.CanUndo(time.Now()):
		return o, orbit.Errorf(orbit.Conflict, "This can't be undone any longer.")
	}
	why, err := e.InTheWay(ctx, id)
	if err != nil {
		return o, err
	}
	if len(why) > 0 {
		return o, inTheWay(why)
	}
	o.Status, o.Failure = orbit.OperationUndoing, ""
	b := e.db.Batch()
	b.Exec(`UPDATE operations SET status = 'undoing', failure = '' WHERE id = $1`, id)
	b.Job(UndoArgs{e.merchant, id, e.Actor.ID})
	return o, b.Run(ctx, e)
}

func inTheWay(why []string) error {
	faults := make([]orbit.Fault, len(why))
	for i, w := range why {
		faults[i] = orbit.Fault{Field: "product", Message: w}
	}
	return orbit.Errorf(orbit.Conflict, "This can't be undone: later changes stand in the way.").With(faults...)
}

// RunUndo undoes an operation, in the name of who asked for it: all of it, or nothing where something was changed in
// between, or anything fails but the database's being away; that is noted then. Done again it changes nothing.
func RunUndo(ctx context.Context, db Database, job UndoArgs) error {
	undo := func(fn func(context.Context, *Edit) error) error {
		return db.Engine().InTx(ctx, func(t pg.Tx) error {
			e, err := alone(ctx, db, t, job.MerchantID)
			if err != nil || e == nil {
				return err
			}
			if err := e.inNameOf(ctx, job.UserID); err != nil {
				return err
			}
			return fn(ctx, e)
		})
	}
	err := undo(func(ctx context.Context, e *Edit) error { return e.undo(ctx, job.OperationID) })
	code := orbit.CodeOf(err)
	if err == nil || code == orbit.Unavailable || ctx.Err() != nil {
		return err
	}
	noted := undo(func(ctx context.Context, e *Edit) error {
		b := e.db.Batch()
		b.Exec(`UPDATE operations SET status = 'done', failure = $2 WHERE id = $1 AND status = 'undoing'`,
			job.OperationID, orbit.Sentence(err))
		e.heardImport(b)
		return b.Run(ctx, e)
	})
	if code == orbit.Internal {
		return errors.Join(err, noted) // for the log: the job finds nothing to undo then
	}
	return noted
}

func (e *Edit) undo(ctx context.Context, id orbit.OperationID) error {
	o, err := pg.One[orbit.Operation](ctx, e, `SELECT `+e.db.Columns("o", "", orbit.Operation{})+` FROM operations o
		WHERE id = $1 FOR UPDATE`, id)
	if err != nil || o.Status != orbit.OperationUndoing {
		return err
	}
	if e.Merchant.Status != orbit.MerchantActive {
		return orbit.Errorf(orbit.Conflict, "The shop is suspended.")
	}
	rows, err := pg.All[struct {
		ProductID orbit.ProductID
		Before    string
	}](ctx, e, `SELECT product_id, coalesce(before::text, '') AS before FROM operation_products
		WHERE operation_id = $1`, id)
	if err != nil {
		return err
	}
	images := make(map[orbit.ProductID]orbit.ProductImage, len(rows))
	var ids, created []orbit.ProductID
	for _, r := range rows {
		if r.Before == "" {
			created = append(created, r.ProductID)
			continue
		}
		var image orbit.ProductImage
		if err := json.Unmarshal([]byte(r.Before), &image); err != nil {
			return fmt.Errorf("operation %s, product %s: %w", id, r.ProductID, err)
		}
		images[r.ProductID] = image
		ids = append(ids, r.ProductID)
	}
	held, err := e.hold(ctx, append(ids, created...))
	if err != nil {
		return err
	}
	why, err := e.InTheWay(ctx, id) // they are held now
	if err == nil && len(why) > 0 {
		err = inTheWay(why)
	}
	if err != nil {
		return err
	}
	var writes []productWrite
	for _, now := range held {
		if image, changed := images[now.Product.ID]; changed {
			writes = append(writes, productWrite{now, image.Upon(now)})
		}
	}
	return e.putBack(ctx, o, writes, created)
}

// putBack writes products as they were, and deletes those that an operation has created.
func (e *Edit) putBack(ctx context.Context, o orbit.Operation, writes []productWrite, created []orbit.ProductID) error {
	b := e.db.Batch()
	if len(created) > 0 {
		b.Exec(`DELETE FROM products WHERE id = ANY($1)`, created)
		for _, id := range created {
			b.Event(orbit.ProductEvent(orbit.ProductWasDeleted, id))
		}
	}
	if err := e.writeProducts(ctx, b, orbit.ReasonUndone, writes); err != nil {
		return err
	}
	// What was done before this operation can be undone next: each product is again as it was then.
	for _, w := range writes {
		b.Exec(`UPDATE operation_products SET version = $3 WHERE product_id = $1 AND version = $2`, w.edit.Product.ID,
			w.edit.Product.Version, w.was.Product.Version+1)
	}
	b.Exec(`DELETE FROM media m USING import_images i, imports f WHERE f.operation_id = $1
		AND i.merchant_id = f.merchant_id AND i.import_id = f.id AND m.merchant_id = i.merchant_id AND m.id = i.media_id`,
		o.ID)
	b.Exec(`SELECT orbit_show_images(product_id) FROM (SELECT DISTINCT i.product_id FROM imports f JOIN import_images i
		ON i.merchant_id = f.merchant_id AND i.import_id = f.id WHERE f.operation_id = $1) shown`, o.ID)
	b.Exec(`DELETE FROM import_images i USING imports f WHERE f.operation_id = $1 AND i.merchant_id = f.merchant_id
		AND i.import_id = f.id`, o.ID)
	b.Exec(`UPDATE operations SET status = 'undone', undone_at = now() WHERE id = $1`, o.ID)
	b.Exec(`DELETE FROM operation_products WHERE operation_id = $1`, o.ID)
	e.heardImport(b)
	target := strings.TrimSpace(o.Title)
	if target == "" {
		target = products(int64(o.Products))
	}
	return e.commit(ctx, b, orbit.ActionOperationUndone, target, orbit.Details{"operation": o.ID.String()})
}

// RequeueUndos gives a new job to each operation that was to be undone and has none.
func RequeueUndos(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT o.merchant_id, o.id FROM operations o
		WHERE o.status = 'undoing' AND `+pg.WithoutJob("o.created_at",
		`j.kind = 'undo' AND j.args ->> 'operationId' = o.id::text`)+` LIMIT 100`,
		func(b *pg.Batch, o orbit.Operation) { b.Job(UndoArgs{MerchantID: o.MerchantID, OperationID: o.ID}) })
}
