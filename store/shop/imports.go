package shop

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ImportArgs is the durable job that checks or runs an import, whichever its status asks for.
type ImportArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
	ImportID   orbit.ImportID   `json:"importId"`
}

// Kind names the job in river's table.
func (ImportArgs) Kind() string { return "import" }

// InsertOpts gives the job its queue.
func (ImportArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueImports, MaxAttempts: pg.JobAttempts}
}

// maxUnfinished is how many imports of a shop can be checked or run at once.
const maxUnfinished = 3

// ReserveImport notes before a file is written to the blob store that it goes with this hash, so that it is swept in
// any case. Conflict while too many imports of the shop aren't done.
func (e *Edit) ReserveImport(ctx context.Context, hash string) error {
	busy, err := pg.One[int](ctx, e, `SELECT count(*) FROM imports WHERE status IN ('checking', 'running')`)
	if err != nil {
		return err
	}
	if busy >= maxUnfinished {
		return orbit.Errorf(orbit.Conflict, "%d imports are under way. Wait until one of them is done.", busy)
	}
	b := e.db.Batch()
	b.Exec(`INSERT INTO blob_trash (prefix, due_at, until)
		VALUES ($1, now() + make_interval(secs => $2), now() + make_interval(secs => $2))`,
		BlobPrefix(e.merchant, hash), orbit.ImportsKept.Seconds())
	return b.Run(ctx, e)
}

// AddImport adds an import with the job that checks its file, which lies in the blob store now. The same id again
// changes nothing.
func (e *Edit) AddImport(ctx context.Context, i orbit.Import) error {
	b := e.db.Batch()
	b.Exec(`INSERT INTO imports (merchant_id, id, file_name, hash, bytes, overwrite, erase, run_at_once, actor_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, e.merchant, i.ID, i.FileName, i.Hash, i.Bytes,
		i.Overwrite, i.Erase, i.RunAtOnce, e.Actor.ID)
	b.Exec(`DELETE FROM imports WHERE id IN (SELECT id FROM imports WHERE status IN ('checked', 'done', 'failed')
		ORDER BY created_at DESC, id DESC OFFSET $1)`, orbit.MaxImports-1)
	b.FairJob(ImportArgs{e.merchant, i.ID}, e.merchant)
	return b.Run(ctx, e)
}

// Import returns one of the shop's imports.
func (t *Tenant) Import(ctx context.Context, id orbit.ImportID) (i orbit.Import, err error) {
	return pg.One[orbit.Import](ctx, t, `SELECT `+t.db.Columns("i", "", i)+` FROM imports i WHERE id = $1`, id)
}

// Imports returns the newest n of the shop's imports, without their faults.
func (t *Tenant) Imports(ctx context.Context, n int) ([]orbit.Import, error) {
	return pg.All[orbit.Import](ctx, t, `SELECT `+t.db.Columns("i", "", orbit.Import{})+` FROM (SELECT i.merchant_id, i.id,
		i.status, i.file_name, i.hash, i.bytes, i.overwrite, i.erase, i.run_at_once, i.actor_id, i.rows, i.done, i.created,
		i.updated, i.skipped, i.failed, i.blanks, i.columns, '[]'::jsonb AS errors, i.message, i.operation_id, i.version,
		i.created_at, i.updated_at FROM imports i ORDER BY created_at DESC, id DESC LIMIT $1) i`, n)
}

// RunImport orders that an import that was checked be run, erasing what blank cells stand for if erase says so. Done
// again it changes nothing. Conflict for one that isn't checked, and where the plan has no room for its products.
func (e *Edit) RunImport(ctx context.Context, id orbit.ImportID, erase bool) (i orbit.Import, err error) {
	i, err = pg.One[orbit.Import](ctx, e, `SELECT `+e.db.Columns("i", "", i)+` FROM imports i
		WHERE id = $1 FOR UPDATE`, id)
	switch {
	case err != nil || i.Status == orbit.ImportRunning || i.Status == orbit.ImportDone:
		return i, err
	case i.Status == orbit.ImportChecking:
		return i, orbit.Errorf(orbit.Conflict, "The file is still being checked.")
	case i.Status == orbit.ImportFailed:
		return i, orbit.Errorf(orbit.Conflict, "This file can't be imported. Mend it, and upload it again.")
	case i.Created+i.Updated == 0:
		return i, orbit.Errorf(orbit.Conflict, "There is nothing in this file to import.")
	}
	b := e.db.Batch()
	if err := e.startImport(ctx, b, &i, erase); err != nil {
		return i, err
	}
	return i, b.Run(ctx, e)
}

// startImport has a checked import run: its counts begin again, and its operation.
func (e *Edit) startImport(ctx context.Context, b *pg.Batch, i *orbit.Import, erase bool) error {
	if i.Created > 0 {
		has, err := pg.One[int64](ctx, e, `SELECT count(*) FROM products`)
		if err != nil {
			return err
		}
		if err := e.roomForProducts(ctx, e.db.Batch(), has, int64(i.Created)); err != nil {
			return err
		}
	}
	o := e.addOperation(b, orbit.Operation{ID: orbit.OperationID(i.ID), Kind: orbit.OperationImport,
		Status: orbit.OperationRunning, Title: i.FileName}, i.Created+i.Updated)
	b.Exec(`UPDATE operations SET products = 0 WHERE id = $1`, o.ID)
	i.Status, i.Erase, i.OperationID, i.Done = orbit.ImportRunning, erase, o.ID, 0
	b.Exec(`UPDATE imports SET status = 'running', erase = $2, operation_id = $3, done = 0, created = 0, updated = 0,
		skipped = 0, failed = 0, errors = '[]', actor_id = $4, version = version + 1, updated_at = now() WHERE id = $1`,
		i.ID, erase, o.ID, e.Actor.ID)
	b.FairJob(ImportArgs{e.merchant, i.ID}, e.merchant)
	e.heardImport(b)
	return nil
}

// SheetsByHandle returns products by their handles; those that aren't there are left out.
func (t *Tenant) SheetsByHandle(ctx context.Context, handles []string) ([]orbit.ProductSheet, error) {
	ids, err := pg.All[orbit.ProductID](ctx, t, `SELECT id FROM products WHERE handle = ANY($1)`, handles)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return t.Sheets(ctx, ids)
}

// ImportChecked notes what the check of a file has found; one that is to run at once starts. What was changed in
// between changes nothing.
func ImportChecked(ctx context.Context, db Database, found orbit.Import) error {
	return withImport(ctx, db, found, orbit.ImportChecking, func(e *Edit, now orbit.Import) error {
		b := e.db.Batch()
		b.Exec(`UPDATE imports SET status = $2, rows = $3, created = $4, updated = $5, skipped = $6, failed = $7, blanks = $8,
			columns = $9, errors = $10, message = $11, version = version + 1, updated_at = now() WHERE id = $1`, found.ID,
			string(found.Status), found.Rows, found.Created, found.Updated, found.Skipped, found.Failed, found.Blanks,
			append([]string{}, found.Columns...), faultsJSON(found.Errors), found.Message)
		e.heardImport(b)
		if found.Status == orbit.ImportChecked && now.RunAtOnce && found.Created+found.Updated > 0 {
			err := e.startImport(ctx, b, &found, now.Erase)
			if orbit.CodeOf(err) == orbit.Conflict {
				b.Exec(`UPDATE imports SET status = 'failed', message = $2 WHERE id = $1`, found.ID, orbit.Sentence(err))
			} else if err != nil {
				return err
			}
		}
		return b.Run(ctx, e)
	})
}

// faultsJSON is faults as jsonb, which can't hold a NUL.
func faultsJSON(faults []orbit.ImportFault) string {
	kept := make([]orbit.ImportFault, len(faults))
	for n, f := range faults {
		for _, text := range []*string{&f.Column, &f.Value, &f.Message} {
			*text = strings.ReplaceAll(*text, "\x00", "")
		}
		kept[n] = f
	}
	data, _ := json.Marshal(kept) // texts and numbers
	return string(data)
}

// ImportStep writes some products of a running import, in the name of who started it, and how far the import is then,
// in one transaction: edit gets those that are there, by their handles, and says what the file makes of each and what
// the import has become. A Conflict for which Overtaken is true where another process was quicker.
func ImportStep(ctx context.Context, db Database, i orbit.Import, handles []string,
	edit func(map[string]orbit.ProductSheet, orbit.Units) (orbit.Import, []ImportWrite)) error {
	return withImport(ctx, db, i, orbit.ImportRunning, func(e *Edit, now orbit.Import) error {
		if now.Done != i.Done {
			return errOvertaken
		}
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		ids, err := pg.All[orbit.ProductID](ctx, e, `SELECT id FROM products WHERE handle = ANY($1)`, handles)
		if err != nil {
			return err
		}
		held, err := e.hold(ctx, ids)
		if err != nil {
			return err
		}
		there := make(map[string]orbit.ProductSheet, len(held))
		for _, s := range held {
			there[s.Product.Handle] = s
		}
		next, made := edit(there, settings.Units())
		b, images := e.db.Batch(), e.db.Batch()
		var writes []productWrite
		for _, w := range made {
			write := productWrite{there[w.Edit.Product.Handle], w.Edit}
			if write.changes() {
				writes = append(writes, write)
			}
			e.addImportImages(images, i.ID, w, write.was)
		}
		if err := e.writeProducts(ctx, b, orbit.ReasonImported, writes); err != nil {
			return err
		}
		e.remember(b, now.OperationID, writes)
		b.Exec(`UPDATE operations SET products = products + $2 WHERE id = $1`, now.OperationID, len(writes))
		e.noteProgress(b, next)
		if err := b.Run(ctx, e); err != nil {
			return err
		}
		return images.Run(ctx, e) // of products that are there by now
	})
}

// ImportWrite is what a file makes of one product.
type ImportWrite struct {
	Edit   orbit.ProductEdit
	Images []orbit.FileImage
}

// errOvertaken reports that another process has gone on with an import.
var errOvertaken = orbit.Errorf(orbit.Conflict, "Another process imports this file.")

func (e *Edit) noteProgress(b *pg.Batch, i orbit.Import) {
	b.Exec(`UPDATE imports SET done = $2, created = $3, updated = $4, skipped = $5, failed = $6, errors = $7,
		version = version + 1, updated_at = now() WHERE id = $1`, i.ID, i.Done, i.Created, i.Updated, i.Skipped, i.Failed,
		faultsJSON(i.Errors))
	e.heardImport(b)
}

// heardImport has open pages about imports hear that something has changed.
func (e *Edit) heardImport(b *pg.Batch) {
	b.Notify(pg.LiveChannel, e.merchant.String()+" import.progress")
}

// FinishImport notes that a running import is done, or why it can't go on; what was imported stays, and can be undone.
func FinishImport(ctx context.Context, db Database, i orbit.Import) error {
	return withImport(ctx, db, i, orbit.ImportRunning, func(e *Edit, now orbit.Import) error {
		b := e.db.Batch()
		e.noteProgress(b, i)
		b.Exec(`UPDATE imports SET status = $2, message = $3 WHERE id = $1`, i.ID, string(i.Status), i.Message)
		b.Exec(`UPDATE operations SET status = 'done' WHERE id = $1`, now.OperationID)
		b.Event(orbit.ImportEvent(i))
		return e.commit(ctx, b, orbit.ActionProductsImported, i.FileName, orbit.Details{"import": i.ID.String(),
			"created": i.Created, "updated": i.Updated})
	})
}

// withImport runs fn with an import locked, if it has a status still, in the name of who ordered it.
func withImport(ctx context.Context, db Database, i orbit.Import, status orbit.ImportStatus,
	fn func(*Edit, orbit.Import) error) error {
	return db.Engine().InTx(ctx, func(t pg.Tx) error {
		e, err := alone(ctx, db, t, i.MerchantID)
		if err != nil || e == nil {
			return err
		}
		now, err := pg.One[orbit.Import](ctx, e, `SELECT `+e.db.Columns("i", "", i)+` FROM imports i WHERE id = $1
			FOR UPDATE`, i.ID)
		if orbit.CodeOf(err) == orbit.NotFound || (err == nil && now.Status != status) {
			return errOvertaken
		}
		if err != nil {
			return err
		}
		if e.Merchant.Status != orbit.MerchantActive {
			return orbit.Errorf(orbit.Unavailable, "The shop is suspended.")
		}
		if err := e.inNameOf(ctx, now.ActorID); err != nil {
			return err
		}
		return fn(e, now)
	})
}

// Overtaken reports whether an error says that another process has gone on with an import.
func Overtaken(err error) bool { return err == errOvertaken } //nolint:errorlint // it is handed on as it is

// RequeueImports gives a new job to each import that isn't finished and has none.
func RequeueImports(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT i.merchant_id, i.id FROM imports i
		WHERE i.status IN ('checking', 'running') AND `+pg.WithoutJob("i.updated_at",
		`j.kind = 'import' AND j.args ->> 'importId' = i.id::text`)+` LIMIT 100`,
		func(b *pg.Batch, i orbit.Import) { b.Job(ImportArgs{i.MerchantID, i.ID}) })
}
