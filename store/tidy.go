package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Everything that somebody can make grow is in one of two lists: swept or kept. A test over the catalog finds a
// table that is in neither, and ages a row of each that is swept.

// sweep deletes what has had its time from one table. The statement takes the most rows it may touch as $1 and an age
// in seconds as $2, finds them by an index, and leaves rows that somebody else holds for the next time: two replicas
// that sweep at once don't wait for each other, and no transaction grows with what has piled up.
type sweep struct {
	table string
	age   time.Duration // zero where the row itself says when it ends
	sql   string
}

// byTime deletes by a column of time that an index leads with.
func byTime(table, column string, age time.Duration, also string) sweep {
	return sweep{table, age, `DELETE FROM ` + table + ` WHERE ctid = ANY (ARRAY(SELECT ctid FROM ` + table + `
		WHERE ` + column + ` < now() - make_interval(secs => $2) ` + also + ` ORDER BY ` + column + ` LIMIT $1
		FOR UPDATE SKIP LOCKED))`}
}

// sweeps holds the platform's own tables. Rows that refer to a deleted one go with it.
var sweeps = []sweep{
	byTime("sessions", "expires_at", 0, ""),
	byTime("sessions", "seen_at", orbit.SessionIdleFor, ""),
	byTime("throttles", "arrival", 0, ""),
	byTime("idempotency_keys", "created_at", idempotencyKept, ""),
	byTime("support_visits", "created_at", 30*24*time.Hour, ""),
	byTime("one_time_links", "expires_at", 30*24*time.Hour, ""),
	byTime("traffic_flushes", "flushed_at", 24*time.Hour, ""),
	byTime("live_update_times", "hour", 31*24*time.Hour, ""),
	byTime("emails", "created_at", orbit.EmailsKept, `AND status <> 'queued'`),
	{"emails", orbit.EmailBodiesKept, `UPDATE emails SET html = '', text = '' WHERE id = ANY (ARRAY(SELECT id FROM emails
		WHERE created_at < now() - make_interval(secs => $2) AND (html <> '' OR text <> '') AND status <> 'queued'
		ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED))`},
	// What an admin has activated once, even if it was rolled back, is no longer a stranger's.
	byTime("merchants", "created_at", orbit.ApplicationsKept, `AND status = 'pending' AND NOT EXISTS (SELECT
		FROM merchant_provisionings r WHERE r.merchant_id = merchants.id)`),
}

// Swept names each table that shrinks by itself, and says by what.
func Swept() map[string]string {
	swept := map[string]string{
		"audit_log":          "Tidy, through orbit_sweep_audit",
		"carts":              "TidyShops",
		"cart_lines":         "with its cart",
		"applications":       "with its merchant",
		"drafts":             "TidyShops",
		"theme_drafts":       "TidyShops",
		"operations":         "TidyShops; orbit.MaxOperations of a shop at most",
		"operation_products": "TidyShops; orbit.MaxUndoable of a shop at most",
		"imports":            "TidyShops; orbit.MaxImports of a shop at most",
		"import_images":      "TidyShops, with its import or its product",
		"shop_events":        "Tidy, through orbit_sweep_events",
		"webhook_events":     "Tidy, through orbit_sweep_webhook_events",
		"webhook_deliveries": "with its event",
		"checkouts":          "Tidy, through orbit_sweep_checkouts",
		"payment_events":     "Tidy, through orbit_sweep_checkouts",
		"blob_trash":         "media.Service.Sweep",
		"workers":            "Sweep",
		"river_job":          "River, a day after a job has ended (a week where it was discarded)",
	}
	for _, s := range sweeps {
		swept[s.table] = "Tidy"
	}
	return swept
}

// Kept names each table that is kept on purpose, with what bounds it.
func Kept() map[string]string {
	const (
		admins   = "admins make these"
		shop     = "the shop's own, within its plan; goes with the merchant"
		books    = "the shop's books; orders are bounded by plan and network"
		setup    = "one for each activation, which admins order"
		derived  = "made of the rows that are searched; goes with them"
		reserved = "one for each upload under way, within the plan; goes when that ends, or with the sweep of its files"
		fixed    = "as many as the program has of it"
		monthly  = "a few rows a shop and month"
		changes  = "a shop changes its plan orbit.MaxPlanChanges times a month at most"
	)
	return map[string]string{
		"users": setup, "memberships": setup, "domains": setup, "deployment_metadata": setup, "merchant_provisionings": setup,
		"provisioning_steps": setup, "invitations": "of a shop at most orbit.MaxStaff with its members",
		"recovery_codes": "ten for each account with two-step sign-in",
		"merchant_sales": "one for each shop",
		"merchant_notes": "admins make these; orbit.MaxNotes of a merchant at most, with which they go",
		"themes":         admins, "plans": admins, "webhooks": admins,
		"api_keys": "admins make these; a shop has as many as orbit.MaxShopKeys and orbit.KeptKeys say",
		"settings": shop, "onboarding": shop, "integrations": shop, "products": shop, "variants": shop, "collections": shop,
		"collection_products": shop,
		"pages":               shop, "menus": shop, "payment_methods": shop,
		"shipping_rates":        "orbit.MaxShippingRates of a zone at most",
		"shipping_zones":        "orbit.MaxShippingZones of a shop at most",
		"tax_rates":             "orbit.MaxTaxRates of a shop at most",
		"inventory_adjustments": "the shop's books: one for each change of a quantity; goes with its variant",
		"redirects":             "orbit.MaxRedirects of a shop at most",
		"media":                 shop, "releases": shop, "scheduled_releases": "one for each shop",
		"discounts": "of a shop at most orbit.MaxDiscounts", "discount_uses": books,
		"discount_products":    "of a discount at most orbit.MaxDiscountProducts",
		"discount_collections": "of a discount at most orbit.MaxDiscountCollections",
		"customers":            books + "; orbit.MaxCustomers before staff can add no more",
		"orders":               books, "order_lines": books, "order_numbers": books, "payments": books,
		"order_revisions": books, "test_payments": books, "order_transactions": books, "refunds": books,
		"fulfillments":     books,
		"order_entries":    "the shop's books; notes of an order are shop.MaxOrderNotes at most",
		"payment_accounts": "one for each account of a provider that a shop has had",
		"traffic":          monthly, "plan_notices": monthly, "statements": monthly,
		"merchant_plans": changes, "plan_prices": admins,
		"sales_days": books, "sales_products": books, "sales_recounts": "one for each shop, until it is counted",
		"product_index": derived, "shop_words": derived, "merchant_index": derived, "order_index": derived,
		"deleted_products": "one for each product that was sold and is deleted", "media_reserved": reserved,
		"schema_migrations": fixed, "river_migration": fixed, "river_queue": fixed, "river_leader": fixed,
		"installation": fixed, "river_client": fixed, "river_client_queue": fixed,
		"river_notification": "empty here: PostgreSQL has NOTIFY",
	}
}

// How much one statement of a sweep may touch, and how many of them follow each other before the rest waits for
// the next time.
const (
	tidyRows    = 1000
	tidyBatches = 200
	tidyShops   = 500
)

// Tidy deletes what has had its time from the platform's own tables. What can't be swept now doesn't keep the rest.
func (db *DB) Tidy(ctx context.Context) error {
	var errs error
	for _, s := range sweeps {
		errs = errors.Join(errs, db.repeat(ctx, s.table, func() (int, error) {
			return pg.Exec(ctx, db, s.sql, tidyRows, s.age.Seconds())
		}))
	}
	return errors.Join(errs, db.repeat(ctx, "audit_log", func() (int, error) {
		return pg.One[int](ctx, db, `SELECT orbit_sweep_audit($1)`, tidyRows)
	}), db.repeat(ctx, "shop_events", func() (int, error) {
		return pg.One[int](ctx, db, `SELECT orbit_sweep_events($1)`, tidyRows)
	}), db.repeat(ctx, "checkouts", func() (int, error) {
		return pg.One[int](ctx, db, `SELECT orbit_sweep_checkouts($1)`, tidyRows)
	}), db.repeat(ctx, "webhook_events", func() (int, error) {
		return pg.One[int](ctx, db, `SELECT orbit_sweep_webhook_events($1)`, tidyRows)
	}))
}

// repeat sweeps a table until there is less than a batch of it left.
func (db *DB) repeat(ctx context.Context, table string, once func() (int, error)) error {
	for range tidyBatches {
		n, err := once()
		if err != nil {
			return fmt.Errorf("sweep %s: %w", table, err)
		}
		if n < tidyRows {
			return nil
		}
	}
	return nil
}

// TidyShops deletes what has had its time from the tenants' tables: carts, drafts, imports and what can't be
// undone any longer. It looks at every shop, a few
// hundred in a transaction.
func (db *DB) TidyShops(ctx context.Context) (swept int64, err error) {
	for after := (uuid.UUID{}).String(); ; {
		done, err := pg.One[struct {
			Resume string
			Swept  int64
		}](ctx, db, `SELECT resume::text, swept FROM orbit_sweep_shops($1, $2, $3)`, after, tidyShops, tidyRows)
		if err != nil {
			return swept, err
		}
		swept += done.Swept
		if done.Resume == "" || done.Resume == after && done.Swept == 0 { // what is left is held by somebody
			return swept, nil
		}
		after = done.Resume
	}
}
