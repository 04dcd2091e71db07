package shop_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// dresses gives a shop its first release, in a theme.
func (m *market) dresses(id orbit.MerchantID, theme string) {
	m.Helper()
	m.sql(`INSERT INTO releases (merchant_id, id, number, theme_id, engine, engine_version, settings, source)
		SELECT $1, gen_random_uuid(), 1, id, engine, '1', '{"accent": "#112233"}', 'setup' FROM themes WHERE slug = $2`,
		id.String(), theme)
	m.sql(`UPDATE merchants SET release_id = r.id, theme_id = r.theme_id FROM releases r
		WHERE r.merchant_id = merchants.id AND merchants.id = $1`, id.String())
}

func (m *market) theme(slug string) orbit.Theme {
	m.Helper()
	t, err := m.db.Theme(m.Context(), slug)
	if err != nil {
		m.Fatal(err)
	}
	return t
}

func (m *market) public(id orbit.MerchantID) (r orbit.ReleaseRow) {
	m.Helper()
	m.in(id, func(ctx context.Context, t *shop.Tenant) (err error) { r, err = t.CurrentRelease(ctx); return err })
	return r
}

// admin is somebody who runs the platform, with an account.
func (m *market) admin() orbit.Actor {
	m.Helper()
	id := orbit.NewID[orbit.User]()
	m.sql(`INSERT INTO users (id, email, name, role) VALUES ($1, 'root@platform.example', 'Root', 'admin')`, id.String())
	return orbit.Actor{ID: id, Name: "root@platform.example"}
}

// change is a change of theme as a page that is opened now orders it.
func (m *market) change(id orbit.MerchantID, slug string) orbit.ThemeChange {
	t := m.theme(slug)
	return orbit.ThemeChange{To: t.ID, Edition: t.Edition(), Upon: m.public(id).Number}
}

// wear orders a change of theme. Settings go along as they are.
func wear(ctx context.Context, db *store.DB, id orbit.MerchantID, c orbit.ThemeChange, who orbit.Actor) error {
	return shop.For(db, id).ChangeTheme(ctx, c, who,
		func(_, to orbit.Theme, was orbit.Release) (orbit.Release, error) {
			return orbit.Release{ThemeID: to.ID, Engine: to.Engine, EngineVersion: "1", Settings: was.Settings}, nil
		},
		func(c orbit.ThemeChanged, owner orbit.User) (orbit.Email, error) {
			return orbit.Email{MessageID: "<" + c.After.ID.String() + "@test>", MerchantID: c.Merchant.ID,
				Recipient: owner.Email, Subject: c.From.Name + " to " + c.To.Name, Status: orbit.EmailLocal}, nil
		})
}

// TestChangeTheme: an admin's change is one release, with the owner's email, in the platform's name; the drafts of the
// shop's people stay, what was public can be restored, and the other shop is as it was.
func TestChangeTheme(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.dresses(m.alpha, "upfront-modern")
	m.dresses(m.beta, "upfront-modern")
	owner, admin := m.owner(m.alpha), m.admin()
	m.sql(`INSERT INTO theme_drafts (merchant_id, user_id, theme_id, upon, settings)
		SELECT $1, $2, id, 1, '{}' FROM themes WHERE slug = 'upfront-classic'`, m.alpha.String(), owner.String())
	c := m.change(m.alpha, "upfront-classic")
	if err := wear(t.Context(), m.db, m.alpha, c, admin); err != nil {
		t.Fatal(err)
	}
	now := m.public(m.alpha)
	if now.Number != 2 || now.ThemeName != "Upfront Classic" || now.Source != orbit.FromSupport ||
		now.Author != orbit.Support || now.CreatedBy != admin.ID || now.Settings["accent"] != "#112233" {
		t.Errorf("%+v", now)
	}
	if n := m.count(`SELECT count(*) FROM theme_drafts WHERE merchant_id = $1`, m.alpha.String()); n != 1 {
		t.Error("the owner's drafts:", n)
	}
	if n := m.count(`SELECT count(*) FROM emails WHERE merchant_id = $1 AND subject = 'Upfront Modern to Upfront Classic'`,
		m.alpha.String()); n != 1 {
		t.Error("emails:", n)
	}
	log, err := m.db.AuditLog(t.Context(), m.alpha, 1, 0)
	if err != nil || log[0].Action != orbit.ActionMerchantTheme || log[0].Target != "Upfront Classic" ||
		log[0].Actor != admin.Name || log[0].Detail["from"] != "Upfront Modern" {
		t.Error(log, err)
	}
	seen, err := m.db.Activity(t.Context(), store.ActivityFilter{Merchant: m.alpha, Areas: orbit.ActivityAreas(),
		Limit: 5})
	if err != nil || len(seen.Rows) == 0 || seen.Rows[0].Who() != orbit.Support ||
		seen.Rows[0].Sentence() != "changed the theme to Upfront Classic" {
		t.Error(seen.Rows, err)
	}
	if b := m.public(m.beta); b.Number != 1 || b.ThemeName != "Upfront Modern" {
		t.Errorf("the other shop: %+v", b)
	}

	// A second click finds the theme there, and changes nothing.
	if err := wear(t.Context(), m.db, m.alpha, c, admin); orbit.CodeOf(err) != orbit.Conflict ||
		orbit.Sentence(err) != "Alpha has the Upfront Classic theme already." {
		t.Error("second click:", err)
	}
	err = shop.MemberOf(m.db, orbit.Actor{ID: owner, Name: "alpha@example.com"}, m.alpha,
		orbit.PermissionOnlineStore).Change(t.Context(), func(e *shop.Edit) error {
		return e.RollBackRelease(t.Context(), 1)
	})
	if back := m.public(m.alpha); err != nil || back.Number != 1 || back.ThemeName != "Upfront Modern" {
		t.Error(back, err)
	}
	if n := m.count(`SELECT count(*) FROM releases WHERE merchant_id = $1`, m.alpha.String()); n != 2 {
		t.Error("releases:", n)
	}
}

// TestChangeThemeRefused: a change isn't made of a page that is out of date, to a theme that isn't available, or for a
// merchant without a shop; a suspended shop gets it.
func TestChangeThemeRefused(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.dresses(m.alpha, "upfront-modern")
	admin := m.admin()
	stale := m.change(m.alpha, "upfront-classic")
	if err := wear(t.Context(), m.db, m.alpha, m.change(m.alpha, "upfront-minimal"), admin); err != nil {
		t.Fatal(err)
	}
	if err := wear(t.Context(), m.db, m.alpha, stale, admin); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("another version is public:", err)
	}
	edited := m.change(m.alpha, "upfront-classic")
	m.sql(`UPDATE themes SET config = '{"accent": "#000000"}', updated_at = now() + interval '1 second'
		WHERE slug = 'upfront-classic'`)
	if err := wear(t.Context(), m.db, m.alpha, edited, admin); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("the theme was changed:", err)
	}
	if _, err := m.db.SetThemeActive(t.Context(), edited.To, false, orbit.System); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]orbit.ThemeChange{"deactivated": m.change(m.alpha, "upfront-classic"),
		"unknown": {To: orbit.NewID[orbit.Theme](), Edition: "x", Upon: 2}} {
		if err := wear(t.Context(), m.db, m.alpha, c, admin); orbit.CodeOf(err) != orbit.Invalid ||
			!orbit.FaultsOf(err).On("theme") {
			t.Error(what, err)
		}
	}
	pending := apply(t, m.db, "Gamma")
	if err := wear(t.Context(), m.db, pending, edited, admin); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("pending:", err)
	}
	if err := m.db.Suspend(t.Context(), m.alpha, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	if err := wear(t.Context(), m.db, m.alpha, m.change(m.alpha, "upfront-modern"), admin); err != nil {
		t.Error("suspended:", err)
	}
	if now := m.public(m.alpha); now.Number != 3 {
		t.Errorf("%+v", now)
	}
}

// TestTwoAdminsChangeTheTheme: of many changes at once to two themes, over two processes, one is made.
func TestTwoAdminsChangeTheTheme(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.dresses(m.alpha, "upfront-modern")
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	admin := m.admin()
	var wg sync.WaitGroup
	errs := make([]error, 16)
	changes := []orbit.ThemeChange{m.change(m.alpha, "upfront-classic"), m.change(m.alpha, "upfront-minimal")}
	for i := range errs {
		c, db := changes[i%2], []*store.DB{m.db, other}[i/2%2]
		wg.Go(func() { errs[i] = wear(t.Context(), db, m.alpha, c, admin) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if orbit.CodeOf(err) != orbit.Conflict {
			t.Error(err)
		}
	}
	if n := m.count(`SELECT count(*) FROM releases WHERE merchant_id = $1`, m.alpha.String()); made != 1 || n != 2 {
		t.Error("made:", made, "releases:", n)
	}
}

// TestAuthorsOfTheShop: of what admins of the platform do in a shop, its people read "ORBIT360 support" and no address:
// of versions, shared previews and what is scheduled.
func TestAuthorsOfTheShop(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.dresses(m.alpha, "upfront-modern")
	owner, admin := m.owner(m.alpha), m.admin()
	authors := func() (all []string) {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			list, err := tenant.Releases(ctx, 1, 0)
			if err != nil {
				return err
			}
			shared, err := tenant.SharedPreviews(ctx)
			if err != nil {
				return err
			}
			scheduled, _, err := tenant.ScheduledRelease(ctx)
			all = []string{list[0].Author, shared[0].Author, scheduled.Author}
			return err
		})
		return all
	}
	for _, by := range []struct {
		id   orbit.UserID
		read string
	}{{admin.ID, orbit.Support}, {owner, "Owner"}} {
		m.sql(`DELETE FROM drafts`)
		m.sql(`DELETE FROM scheduled_releases`)
		m.sql(`UPDATE releases SET created_by = $1`, by.id.String())
		m.sql(`INSERT INTO drafts (merchant_id, id, theme_id, engine, settings, created_by, expires_at, shared)
			SELECT merchant_id, gen_random_uuid(), theme_id, engine, settings, created_by, now() + interval '1 hour', true
			FROM releases`)
		m.sql(`INSERT INTO scheduled_releases (merchant_id, id, theme_id, engine, engine_version, settings, upon, publish_at,
			created_by) SELECT merchant_id, gen_random_uuid(), theme_id, engine, '2', '{}', 1, $1, created_by
			FROM releases`, time.Now().Add(-time.Minute))
		for i, got := range authors() {
			if got != by.read {
				t.Error(i, got, "want", by.read)
			}
		}
	}
	// What is published at its time is in the audit log in the person's own name.
	m.sql(`UPDATE scheduled_releases SET created_by = $1`, admin.ID.String())
	if done, err := shop.PublishScheduled(t.Context(), m.db, m.alpha); !done || err != nil {
		t.Fatal(done, err)
	}
	log, err := m.db.AuditLog(t.Context(), m.alpha, 1, 0)
	if err != nil || log[0].Action != orbit.ActionReleasePublished || log[0].Actor != admin.Name {
		t.Error(log, err)
	}
}
