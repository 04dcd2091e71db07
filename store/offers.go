package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Themes and plans are offers: admins change them, merchants choose among those that are active.

// CreateTheme keeps a new theme. in must have passed Check, and its config the engine's schema. A slug
// that is taken is a Conflict with a fault on slug.
func (db *DB) CreateTheme(ctx context.Context, in orbit.ThemeInput, who orbit.Actor) (t orbit.Theme, err error) {
	t = orbit.Theme{ID: orbit.NewID[orbit.Theme](), CreatedAt: pg.Stamp()}
	t.UpdatedAt = t.CreatedAt
	setTheme(&t, in)
	return t, db.createOffer(ctx, themeOffer(), t, in.Slug, in, who)
}

// UpdateTheme replaces what people say about a theme. Shops keep their current version.
func (db *DB) UpdateTheme(ctx context.Context, id orbit.ThemeID, in orbit.ThemeInput, who orbit.Actor) (t orbit.Theme,
	err error) {
	return changeOffer(ctx, db, themeOffer(), id, who, func(t *orbit.Theme) (before, after any) {
		before = t.Input()
		setTheme(t, in)
		t.UpdatedAt = pg.Stamp()
		return before, in
	})
}

// SetThemeActive puts a theme on offer, or takes it off. Shops that have it keep it.
func (db *DB) SetThemeActive(ctx context.Context, id orbit.ThemeID, active bool, who orbit.Actor) (t orbit.Theme, err error) {
	return changeOffer(ctx, db, themeOffer(), id, who, func(t *orbit.Theme) (before, after any) {
		before = t.Input()
		t.Active, t.UpdatedAt = active, pg.Stamp()
		return before, t.Input()
	})
}

// DeleteTheme removes a theme that nobody uses; otherwise it is a Conflict that says who does.
func (db *DB) DeleteTheme(ctx context.Context, id orbit.ThemeID, who orbit.Actor) error {
	t, err := deleteOffer(ctx, db, themeOffer(), id, func(t orbit.Theme) string { return t.Slug }, who)
	if pg.ConstraintOf(err) == "" {
		return err
	}
	uses, usesErr := db.ThemeUses(ctx, id, namedUses)
	return inUse("theme", t.Name, uses, errors.Join(err, usesErr))
}

func setTheme(t *orbit.Theme, in orbit.ThemeInput) {
	t.Name, t.Slug, t.Description, t.Thumbnail, t.Version = in.Name, in.Slug, in.Description, in.Thumbnail, in.Version
	t.Engine, t.Config, t.Active = in.Engine, in.Config, in.Active
}

// CreatePlan keeps a new plan. in must have passed Check. A slug that is taken is a Conflict with a
// fault on slug.
func (db *DB) CreatePlan(ctx context.Context, in orbit.PlanInput, who orbit.Actor) (p orbit.Plan, err error) {
	p = orbit.Plan{ID: orbit.NewID[orbit.Plan](), CreatedAt: pg.Stamp()}
	p.UpdatedAt = p.CreatedAt
	setPlan(&p, in)
	return p, db.createOffer(ctx, planOffer(), p, in.Slug, in, who)
}

// UpdatePlan replaces what people say about a plan. Its limits bind every merchant on it at once.
func (db *DB) UpdatePlan(ctx context.Context, id orbit.PlanID, in orbit.PlanInput, who orbit.Actor) (p orbit.Plan,
	err error) {
	return changeOffer(ctx, db, planOffer(), id, who, func(p *orbit.Plan) (before, after any) {
		before = p.Input()
		setPlan(p, in)
		p.UpdatedAt = pg.Stamp()
		return before, in
	})
}

// SetPlanActive puts a plan on offer, or takes it off. Merchants that have it keep it.
func (db *DB) SetPlanActive(ctx context.Context, id orbit.PlanID, active bool, who orbit.Actor) (p orbit.Plan, err error) {
	return changeOffer(ctx, db, planOffer(), id, who, func(p *orbit.Plan) (before, after any) {
		before = p.Input()
		p.Active, p.UpdatedAt = active, pg.Stamp()
		return before, p.Input()
	})
}

// DeletePlan removes a plan that nobody uses; otherwise it is a Conflict that says who does.
func (db *DB) DeletePlan(ctx context.Context, id orbit.PlanID, who orbit.Actor) error {
	p, err := deleteOffer(ctx, db, planOffer(), id, func(p orbit.Plan) string { return p.Slug }, who)
	if pg.ConstraintOf(err) == "" {
		return err
	}
	uses, usesErr := db.PlanUses(ctx, id, namedUses)
	return inUse("plan", p.Name, uses, errors.Join(err, usesErr))
}

func setPlan(p *orbit.Plan, in orbit.PlanInput) {
	p.Name, p.Slug, p.Price, p.Currency, p.BillingCycle = in.Name, in.Slug, in.Price, in.Currency, in.BillingCycle
	p.Features, p.Limits, p.Popular, p.Active = in.Features, in.Limits, in.Popular, in.Active
}

// offer is what a table of offers is called, and what is done to it.
type offer struct {
	table                     string
	created, updated, deleted orbit.Action
}

func themeOffer() offer {
	return offer{"themes", orbit.ActionThemeCreated, orbit.ActionThemeUpdated, orbit.ActionThemeDeleted}
}

func planOffer() offer {
	return offer{"plans", orbit.ActionPlanCreated, orbit.ActionPlanUpdated, orbit.ActionPlanDeleted}
}

func (db *DB) createOffer(ctx context.Context, o offer, row any, slug string, in any, who orbit.Actor) error {
	b := db.Batch()
	b.Insert(o.table, row)
	b.Audit(who, o.created, orbit.MerchantID{}, slug, changes(nil, in))
	return slugFault(b.Run(ctx, db), slug)
}

// lockOffer returns a row that nobody else changes until the transaction ends.
func lockOffer[T any](ctx context.Context, db *DB, t pg.Tx, o offer, id fmt.Stringer) (row T, err error) {
	return pg.One[T](ctx, t, `SELECT `+db.Columns("o", "", row)+` FROM `+o.table+` o WHERE id = $1 FOR UPDATE`, id.String())
}

// changeOffer locks a row, has change alter it, and writes it with its audit entry; a change that changes nothing
// writes nothing.
func changeOffer[T any](ctx context.Context, db *DB, o offer, id fmt.Stringer, who orbit.Actor,
	change func(*T) (before, after any)) (row T, err error) {
	slug := ""
	err = db.InTx(ctx, func(t pg.Tx) error {
		if row, err = lockOffer[T](ctx, db, t, o, id); err != nil {
			return err
		}
		was := row
		before, after := change(&row)
		d := changes(before, after)
		if len(d) == 0 {
			row = was
			return nil
		}
		slug = reflect.ValueOf(after).FieldByName("Slug").String()
		b := db.Batch()
		b.Update(o.table, row)
		b.Audit(who, o.updated, orbit.MerchantID{}, slug, d)
		return b.Run(ctx, t)
	})
	return row, slugFault(err, slug)
}

// deleteOffer leaves it to the foreign keys whether the row may go: they see uses that begin at the
// same moment.
func deleteOffer[T any](ctx context.Context, db *DB, o offer, id fmt.Stringer, slug func(T) string,
	who orbit.Actor) (row T, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		if row, err = lockOffer[T](ctx, db, t, o, id); err != nil {
			return err
		}
		b := db.Batch()
		b.Exec(`DELETE FROM `+o.table+` WHERE id = $1`, id.String())
		b.Audit(who, o.deleted, orbit.MerchantID{}, slug(row), nil)
		return b.Run(ctx, t)
	})
	return row, err
}

// changes returns the fields that differ, each with what it was and what it is now.
func changes(before, after any) orbit.Details {
	d := orbit.Details{}
	was, is := asMap(before), asMap(after)
	for key, value := range is {
		if before == nil {
			d[key] = value
		} else if !reflect.DeepEqual(was[key], value) {
			d[key] = map[string]any{"from": was[key], "to": value}
		}
	}
	return d
}

// asMap reads a value as JSON does; lists and objects that are empty and that aren't there are the same.
func asMap(v any) map[string]any {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // inputs are plain data
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil && v != nil {
		panic(err)
	}
	for key, value := range m {
		if rv := reflect.ValueOf(value); value != nil && (rv.Kind() == reflect.Map || rv.Kind() == reflect.Slice) &&
			rv.Len() == 0 {
			m[key] = nil
		}
	}
	return m
}

// slugFault puts the refusal of a slug that is taken on the field.
func slugFault(err error, slug string) error {
	if c := pg.ConstraintOf(err); c != "themes_slug_key" && c != "plans_slug_key" {
		return err
	}
	message := orbit.Sentence(err)
	return &orbit.Error{Code: orbit.Conflict, Message: message, Err: err,
		Faults: []orbit.Fault{{Field: "slug", Message: message, Value: slug}}}
}

// namedUses is how many merchants a refusal needs to know by name.
const namedUses = 3

func inUse(kind, name string, u orbit.Uses, cause error) error {
	return orbit.Wrap(orbit.Conflict, cause, u.Refusal(kind, name))
}

// ThemeUses says which merchants use a theme: those that chose it, and those of which an older release
// or an earlier run tells of it. limit bounds how many are named.
func (db *DB) ThemeUses(ctx context.Context, id orbit.ThemeID, limit int) (u orbit.Uses, err error) {
	err = db.InTx(ctx, func(t pg.Tx) (err error) {
		// What row-level security shows of the shops' releases: those with this theme.
		if _, err := pg.Exec(ctx, t, `SELECT set_config('orbit.theme_id', $1, true)`, id); err != nil {
			return err
		}
		u, err = uses(ctx, t, `SELECT merchant_id, false FROM releases WHERE theme_id = $1
			UNION ALL SELECT id, true FROM merchants WHERE theme_id = $1
			UNION ALL SELECT merchant_id, `+openRun+` FROM merchant_provisionings WHERE theme_id = $1`, id, limit)
		return err
	})
	return u, err
}

// PlanUses says which merchants use a plan: those that are on it, and those of which an earlier run
// tells of it. limit bounds how many are named.
func (db *DB) PlanUses(ctx context.Context, id orbit.PlanID, limit int) (orbit.Uses, error) {
	return uses(ctx, db, `SELECT id, true FROM merchants WHERE plan_id = $1
		UNION ALL SELECT merchant_id, `+openRun+` FROM merchant_provisionings WHERE plan_id = $1`, id, limit)
}

// openRun is a run whose choices count though the merchant's row may not show them yet.
const openRun = `status IN ('PENDING', 'IN_PROGRESS', 'FAILED')`

func uses(ctx context.Context, on pg.Source, query string, id any, limit int) (u orbit.Uses, err error) {
	rows, err := pg.All[struct {
		orbit.Use `bun:",extend"`
		Total     int
		Now       int
	}](ctx, on, `WITH used (merchant_id, current) AS (`+query+`)
		SELECT m.id, m.name, m.status, bool_or(u.current) AS current, count(*) OVER () AS total,
			sum(CASE WHEN bool_or(u.current) THEN 1 ELSE 0 END) OVER () AS now
		FROM used u JOIN merchants m ON m.id = u.merchant_id GROUP BY m.id
		ORDER BY bool_or(u.current) DESC, m.name COLLATE orbit_order, m.id LIMIT $2`, id, limit)
	for _, r := range rows {
		u.Total, u.Current = r.Total, r.Now
		u.Merchants = append(u.Merchants, r.Use)
	}
	return u, err
}

// OfferCounts is how many merchants have chosen each theme and each plan.
func (db *DB) OfferCounts(ctx context.Context) (themes map[orbit.ThemeID]int, plans map[orbit.PlanID]int, err error) {
	rows, err := pg.All[struct {
		ThemeID orbit.ThemeID
		PlanID  orbit.PlanID
		N       int
	}](ctx, db, `SELECT theme_id, plan_id, count(*) AS n FROM merchants WHERE theme_id IS NOT NULL
		OR plan_id IS NOT NULL GROUP BY theme_id, plan_id`)
	themes, plans = map[orbit.ThemeID]int{}, map[orbit.PlanID]int{}
	for _, r := range rows {
		themes[r.ThemeID] += r.N
		plans[r.PlanID] += r.N
	}
	return themes, plans, err
}

// ProductsAbove returns the merchants on a plan with more products than so many, those with most first: whom
// a lower limit would touch.
func (db *DB) ProductsAbove(ctx context.Context, id orbit.PlanID, limit int64) (over []orbit.Use, err error) {
	return pg.All[orbit.Use](ctx, db, `SELECT m.id, m.name, m.status, true AS current, a.products
		FROM orbit_products_above($1::uuid, $2) a JOIN merchants m ON m.id = a.merchant
		ORDER BY a.products DESC, m.name COLLATE orbit_order, m.id`, id, limit)
}
