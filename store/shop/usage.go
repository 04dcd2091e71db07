package shop

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// usage selects what a shop has used, with $1 the day on which this month began.
const usage = `SELECT (SELECT count(*) FROM products) AS products,
	coalesce((SELECT in_month FROM order_numbers WHERE month = $1::date), 0) AS orders_this_month,
	(SELECT coalesce(sum(bytes), 0) FROM media) AS storage_bytes,
	coalesce((SELECT bytes FROM traffic WHERE month = $1::date), 0) AS bandwidth_bytes_this_month`

// day is a time's date as PostgreSQL reads it.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Usage returns what the shop has used of its plan.
func (t *Tenant) Usage(ctx context.Context) (orbit.Usage, error) {
	return pg.One[orbit.Usage](ctx, t, usage, day(orbit.MonthOf(time.Now())))
}

// Usage reads what the shop has used of its plan.
func (r *Reader) Usage(now time.Time) *pg.Result[orbit.Usage] {
	return pg.Ask[orbit.Usage](r.Reader, usage, day(orbit.MonthOf(now)))
}

// NoticeArgs is the durable job that writes the owners of a shop that a limit of their plan is near or reached.
type NoticeArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
}

// Kind names the job in river's table.
func (NoticeArgs) Kind() string { return "notice" }

// InsertOpts puts notices among the emails.
func (NoticeArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: pg.QueueEmail, MaxAttempts: pg.JobAttempts}
}

// notice notes that a limit is near or reached, with the job that writes the owners, if that is so and this month's
// note isn't there yet. The job goes with b.
func (t *Tenant) notice(ctx context.Context, b *pg.Batch, m orbit.Meter) error {
	level := m.Level()
	if level == 0 {
		return nil
	}
	n, err := pg.Exec(ctx, t, `INSERT INTO plan_notices (merchant_id, month, "limit", level, used, most)
		SELECT $1, $2::date, $3, l, $4, $5 FROM unnest(ARRAY[80, 100]) l WHERE l <= $6 ON CONFLICT DO NOTHING`,
		t.merchant, day(orbit.MonthOf(time.Now())), m.Key, m.Used, *m.Value, level)
	if err == nil && n > 0 {
		b.FairJob(NoticeArgs{t.merchant}, t.merchant)
	}
	return err
}

// errNoRoom is the cause of refusing an image that the plan's storage doesn't hold.
var errNoRoom = errors.New("the plan's storage doesn't hold it")

// NoteRefused notes that an image was refused for lack of room, if it was refused for that: storage is hardly ever used
// to its last byte. The refusal has undone all that its own transaction wrote.
func (s Scope) NoteRefused(ctx context.Context, refused error) error {
	if !errors.Is(refused, errNoRoom) {
		return nil
	}
	return s.Do(ctx, func(t *Tenant) error {
		r := t.Reader()
		plan := pg.Ask[orbit.Plan](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Plan{})+` FROM merchants m
			JOIN plans p ON p.id = m.plan_id WHERE m.id = $1`, t.merchant)
		used := r.Usage(time.Now())
		if err := r.Read(ctx); err != nil {
			return err
		}
		storage := plan.Value.Limits.Meter(orbit.LimitStorage, used.Value.StorageBytes)
		storage.Refused = true
		b := t.db.Batch()
		if err := t.notice(ctx, b, storage); err != nil {
			return err
		}
		return b.Run(ctx, t)
	})
}

// Notice is what a shop's owners are written about limits of their plan.
type Notice struct {
	Merchant orbit.Merchant
	Plan     orbit.Plan
	Owners   []orbit.User
	Meters   []orbit.Meter // as they were when they reached their level
	Month    time.Time
}

// WriteNotices writes the emails of all notices of the shop that have none: compose returns one for each owner. Done
// twice, as after a crash, it writes them once.
func (s Scope) WriteNotices(ctx context.Context, compose func(Notice) ([]orbit.Email, error)) error {
	return s.Do(ctx, func(t *Tenant) error {
		told, err := pg.All[struct {
			Limit             string
			Level, Used, Most int64
			Month             time.Time
		}](ctx, t, `WITH told AS (
				UPDATE plan_notices SET emailed_at = now() WHERE emailed_at IS NULL RETURNING *)
			SELECT "limit", level, used, most, month FROM told ORDER BY level DESC`)
		if err != nil || len(told) == 0 {
			return err
		}
		n := Notice{Month: told[0].Month}
		r := t.Reader()
		merchant := pg.Ask[orbit.Merchant](r.Reader, `SELECT `+t.db.Columns("m", "", n.Merchant)+` FROM merchants m
			WHERE id = $1`, t.merchant)
		plan := pg.Ask[orbit.Plan](r.Reader, `SELECT `+t.db.Columns("p", "", n.Plan)+` FROM merchants m
			JOIN plans p ON p.id = m.plan_id WHERE m.id = $1`, t.merchant)
		if err := r.Read(ctx); err != nil {
			return err
		}
		n.Merchant, n.Plan = merchant.Value, plan.Value
		if n.Owners, err = t.owners(ctx); err != nil {
			return err
		}
		for _, limit := range n.Plan.Limits.List() {
			// Of both levels of a limit, the higher one is news.
			for _, x := range told {
				if x.Limit == limit.Key {
					limit.Value = &x.Most
					n.Meters = append(n.Meters, orbit.Meter{Limit: limit, Used: x.Used,
						Refused: x.Level == orbit.LevelReached && x.Used < x.Most})
					break
				}
			}
		}
		emails, err := compose(n)
		if err != nil {
			return err
		}
		b := t.db.Batch()
		for i := range emails {
			b.Email(&emails[i])
		}
		return b.Run(ctx, t)
	})
}

// RequeueNotices gives a new job to each shop with a notice that was made a while ago and has none.
func RequeueNotices(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT DISTINCT n.merchant_id FROM plan_notices n
		WHERE n.emailed_at IS NULL AND `+
		pg.WithoutJob("n.created_at", `j.kind = 'notice' AND j.args ->> 'merchantId' = n.merchant_id::text`)+` LIMIT 100`,
		func(b *pg.Batch, id orbit.MerchantID) { b.Job(NoticeArgs{id}) })
}
