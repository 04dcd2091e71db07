package store

import (
	"context"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// step does one step of a run in one transaction: the fence, the mark and the notification in front hold with what
// effects adds, or not at all.
func (db *DB) step(ctx context.Context, run orbit.Run, key orbit.StepKey, effects func(*pg.Batch)) error {
	// Skip per-table notifications: the shop isn't visible yet.
	//
	// A step that nobody outside hears of needn't wait for the disk: if PostgreSQL dies within the moment before its log
	// is written, effects and mark are gone together, the worker's next step is refused (ErrSetBack) and the lost ones
	// are done again. Whatever follows and does wait (an email that goes out, COMPLETED) takes all before it to the disk
	// too. The lock that NOTIFY holds to the end of a commit is the other reason: waiting for the disk under it would
	// put all runs in one line.
	wait := "off"
	if key == orbit.StepCompletion {
		wait = "on"
	}
	definitions := orbit.StepDefinitions()
	at := placeOf(key, definitions)
	var next *orbit.StepKey
	if at+1 < len(definitions) {
		next = &definitions[at+1].Key
	}
	b := db.Batch()
	b.Exec(`SELECT orbit_finish_step($1::uuid, $2, $3, $4, $5), set_config('orbit.merchant_id', $6, true),
		set_config('orbit.unseen', 'on', true), set_config('synchronous_commit', $7, true)`,
		run.ID, run.Epoch, string(key), next, definitions[at].Percent, run.MerchantID.String(), wait)
	effects(b)
	return b.Run(ctx, db)
}

// undoStep undoes one step of a run: fenced and marked like the step itself. It is safe for a step that never ran:
// effects delete nothing then.
func (db *DB) undoStep(ctx context.Context, run orbit.Run, key orbit.StepKey, effects func(*pg.Batch)) error {
	definitions, left := orbit.StepDefinitions(), 0
	if at := placeOf(key, definitions); at > 0 {
		left = min(definitions[at-1].Percent, run.CompletionPercent)
	}
	b := db.Batch()
	b.Exec(`SELECT orbit_undo_step($1::uuid, $2, $3)`, run.ID, string(key), run.Epoch)
	b.AsMerchant(run.MerchantID)
	b.Exec(`UPDATE provisioning_steps SET status = 'undone', error = NULL WHERE run_id = $1 AND key = $2`, run.ID, key)
	b.Exec(`UPDATE merchant_provisionings SET completion_percent = $1, current_step = $2, updated_at = clock_timestamp()
		WHERE id = $3`, left, key, run.ID)
	effects(b)
	b.NotifyRun(run.ID, run.MerchantID)
	return b.Run(ctx, db)
}

func placeOf(key orbit.StepKey, definitions []orbit.StepDefinition) int {
	return slices.IndexFunc(definitions, func(d orbit.StepDefinition) bool { return d.Key == key })
}

// ConfigureStore is the step store_configuration: what the activation ordered becomes the merchant's.
// The addresses were claimed when the activation was accepted.
func (db *DB) ConfigureStore(ctx context.Context, run orbit.Run) error {
	return db.step(ctx, run, orbit.StepConfiguration, func(b *pg.Batch) {
		b.Exec(`UPDATE merchants SET theme_id = $1, plan_id = $2, category = $3, subdomain = $4,
			custom_domain = nullif($5, ''), integrations = $6, updated_at = now() WHERE id = $7`,
			run.ThemeID, run.PlanID, run.Category, run.Subdomain, run.CustomDomain, run.Integrations, run.MerchantID)
	})
}

// UndoConfiguration undoes the step store_configuration. It is the last to be undone, and ends the run.
func (db *DB) UndoConfiguration(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepConfiguration, func(b *pg.Batch) {
		b.Exec(`DELETE FROM domains WHERE merchant_id = $1`, run.MerchantID)
		b.Exec(`UPDATE merchants SET theme_id = NULL, plan_id = NULL, subdomain = NULL, custom_domain = NULL,
			integrations = '{}', status = 'pending', updated_at = now() WHERE id = $1`, run.MerchantID)
		b.Exec(`UPDATE merchant_provisionings SET completed_at = clock_timestamp() WHERE id = $1`, run.ID)
		b.Audit(orbit.System, orbit.ActionRunUndone, run.MerchantID, run.Subdomain, orbit.Details{"run": run.ID.String()})
		b.Notify(pg.MerchantChannel, run.MerchantID.String())
		addEvent(b, orbit.MerchantWasRolledBack, run)
	})
}

// CreateWorkspace is the step workspace_creation. A code that another merchant has is a Conflict: the
// caller makes another and tries again.
func (db *DB) CreateWorkspace(ctx context.Context, run orbit.Run, d orbit.Deployment, s orbit.ShopSettings) error {
	return db.step(ctx, run, orbit.StepWorkspace, func(b *pg.Batch) {
		b.Exec(`UPDATE merchants SET code = $1, updated_at = now() WHERE id = $2`, d.MerchantCode, run.MerchantID)
		b.Exec(`INSERT INTO deployment_metadata (merchant_id, run_id, merchant_code, tenant_namespace, storage_prefix,
			custom_domain) VALUES ($1, $2, $3, $4, $5, nullif($6, ''))`,
			run.MerchantID, run.ID, d.MerchantCode, d.TenantNamespace, d.StoragePrefix, run.CustomDomain)
		b.Exec(`INSERT INTO settings (merchant_id, email, currency, locale, timezone, tagline)
			VALUES ($1, $2, $3, $4, $5, $6)`, run.MerchantID, s.Email, s.Currency, s.Locale, s.Timezone, s.Tagline)
		for _, k := range orbit.IntegrationKinds() {
			if run.Integrations.Has(k.Value) {
				b.Exec(`INSERT INTO integrations (merchant_id, kind) VALUES ($1, $2)`, run.MerchantID, k.Value)
			}
		}
	})
}

// UndoWorkspace undoes the step workspace_creation.
func (db *DB) UndoWorkspace(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepWorkspace, func(b *pg.Batch) {
		b.Exec(`DELETE FROM integrations WHERE merchant_id = $1`, run.MerchantID)
		b.Exec(`DELETE FROM settings WHERE merchant_id = $1`, run.MerchantID)
		b.Exec(`DELETE FROM deployment_metadata WHERE merchant_id = $1`, run.MerchantID)
		b.Exec(`UPDATE merchants SET code = NULL WHERE id = $1`, run.MerchantID)
	})
}

// CreateDashboard is the step dashboard_creation: the owner's account (an existing one with that
// address is taken as it is) and the membership.
func (db *DB) CreateDashboard(ctx context.Context, run orbit.Run, m orbit.Merchant, dashboardURL string) error {
	return db.step(ctx, run, orbit.StepDashboard, func(b *pg.Batch) {
		b.Exec(`INSERT INTO users (id, email, name, role) VALUES ($1, $2, $3, 'merchant') ON CONFLICT DO NOTHING`,
			orbit.NewID[orbit.User](), m.Email, m.OwnerName)
		b.Exec(`INSERT INTO memberships (merchant_id, user_id) SELECT $1, id FROM users WHERE lower(email) = lower($2)`,
			m.ID, m.Email)
		b.Exec(`UPDATE merchants SET owner_id = (SELECT id FROM users WHERE lower(email) = lower($1)), updated_at = now()
			WHERE id = $2`, m.Email, m.ID)
		b.Exec(`UPDATE deployment_metadata SET dashboard_url = $1, updated_at = now() WHERE merchant_id = $2`,
			dashboardURL, m.ID)
	})
}

// UndoDashboard undoes the step dashboard_creation.
func (db *DB) UndoDashboard(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepDashboard, func(b *pg.Batch) {
		b.Exec(`DELETE FROM onboarding WHERE merchant_id = $1`, run.MerchantID)
		b.Exec(`DELETE FROM memberships WHERE merchant_id = $1`, run.MerchantID)
		// The account goes only if this run made it and nothing else has come to hang on it.
		b.Exec(`WITH owner AS (UPDATE merchants m SET owner_id = NULL FROM merchants old
				WHERE m.id = $1 AND old.id = m.id RETURNING old.owner_id AS id)
			DELETE FROM users u USING owner WHERE u.id = owner.id AND u.role = 'merchant' AND u.password_hash IS NULL
				AND NOT EXISTS (SELECT FROM memberships WHERE user_id = u.id AND merchant_id <> $2)
				AND NOT EXISTS (SELECT FROM merchants WHERE owner_id = u.id AND id <> $3)`,
			run.MerchantID, run.MerchantID, run.MerchantID)
	})
}

// DeployWebsite is the step website_deployment: release 1 and the addresses it answers at.
func (db *DB) DeployWebsite(ctx context.Context, run orbit.Run, r orbit.Release, d orbit.Deployment) error {
	return db.step(ctx, run, orbit.StepWebsite, func(b *pg.Batch) {
		b.Insert("releases", r)
		b.Exec(`UPDATE merchants SET release_id = $1, updated_at = now() WHERE id = $2`, r.ID, run.MerchantID)
		b.Exec(`UPDATE deployment_metadata SET website_url = $1, ssl_status = $2, dns_status = $3, updated_at = now()
			WHERE merchant_id = $4`,
			d.WebsiteURL, d.SSLStatus, d.DNSStatus, run.MerchantID)
	})
}

// UndoWebsite undoes the step website_deployment.
func (db *DB) UndoWebsite(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepWebsite, func(b *pg.Batch) {
		b.Exec(`UPDATE merchants SET release_id = NULL WHERE id = $1`, run.MerchantID)
		b.Exec(`DELETE FROM releases WHERE merchant_id = $1`, run.MerchantID)
		b.Exec(`UPDATE deployment_metadata SET website_url = NULL, ssl_status = 'none', dns_status = 'none'
			WHERE merchant_id = $1`, run.MerchantID)
	})
}

// ShopData is what a new shop begins with.
type ShopData struct {
	Collections  []orbit.Collection
	Products     []orbit.Product
	InCollection []CollectionProduct
	Pages        []orbit.Page
	Menus        []orbit.Menu
	Shipping     []orbit.ShippingZone
	Payment      []orbit.PaymentMethod
}

// CollectionProduct says that a product stands in a collection.
type CollectionProduct struct {
	MerchantID   orbit.MerchantID   `bun:",pk"`
	CollectionID orbit.CollectionID `bun:",pk"`
	ProductID    orbit.ProductID    `bun:",pk"`
	Position     int
}

// InitializeData is the step data_initialization.
func (db *DB) InitializeData(ctx context.Context, run orbit.Run, d ShopData) error {
	return db.step(ctx, run, orbit.StepData, func(b *pg.Batch) {
		var variants []orbit.Variant
		for _, p := range d.Products {
			variants = append(variants, p.Variants...)
		}
		b.Insert("collections", d.Collections)
		b.Insert("products", d.Products)
		b.Insert("variants", variants)
		b.Insert("collection_products", d.InCollection)
		b.Insert("pages", d.Pages)
		b.Insert("menus", d.Menus)
		b.Insert("shipping_zones", d.Shipping)
		for _, z := range d.Shipping {
			b.Insert("shipping_rates", z.Rates)
		}
		b.Insert("payment_methods", d.Payment)
	})
}

// UndoData undoes the step data_initialization.
func (db *DB) UndoData(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepData, func(b *pg.Batch) {
		for _, table := range []string{"payments", "order_lines", "orders", "order_numbers", "customers",
			"import_images", "imports", "operation_products", "operations", "discount_uses", "discount_products",
			"discount_collections", "discounts", "cart_lines", "carts",
			"collection_products", "redirects", "variants", "products", "collections", "pages", "menus",
			"shipping_rates", "shipping_zones", "tax_rates", "payment_methods"} {
			b.Exec("DELETE FROM "+table+" WHERE merchant_id = $1", run.MerchantID)
		}
	})
}

// DeliverCredentials is the step credential_delivery: the one-time link (none where token is "") and
// the welcome email, with the job that sends it where there is a mail server.
func (db *DB) DeliverCredentials(ctx context.Context, run orbit.Run, token string, m orbit.Email) error {
	return db.step(ctx, run, orbit.StepCredentials, func(b *pg.Batch) {
		if token != "" {
			b.Exec(`INSERT INTO one_time_links (token_hash, purpose, user_id, merchant_id, expires_at)
				SELECT $1, $2, owner_id, id, now() + make_interval(secs => $3) FROM merchants WHERE id = $4`,
				pg.Hash(token), orbit.LinkSetPassword, orbit.SetPasswordFor.Seconds(), run.MerchantID)
		}
		b.Email(&m)
		if m.Status != orbit.EmailLocal {
			// it may be on its way in a moment, and can't be called back
			b.Exec(`SELECT set_config('synchronous_commit', 'on', true)`)
		}
	})
}

// UndoCredentials takes the step credential_delivery back.
func (db *DB) UndoCredentials(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepCredentials, func(b *pg.Batch) {
		b.Exec(`UPDATE one_time_links SET used_at = now() WHERE merchant_id = $1 AND used_at IS NULL`, run.MerchantID)
		b.Exec(`UPDATE emails SET status = 'failed', error = 'Rolled back before it was sent.' WHERE merchant_id = $1
			AND status = 'queued' AND created_at >= $2`, run.MerchantID, run.CreatedAt)
	})
}

// Complete is the step completion: the merchant is active, and open to shoppers where ordered so.
func (db *DB) Complete(ctx context.Context, run orbit.Run) error {
	return db.step(ctx, run, orbit.StepCompletion, func(b *pg.Batch) {
		b.Exec(`UPDATE merchants SET status = 'active', activated_at = now(), updated_at = now(),
			live_at = CASE WHEN $1 THEN now() END WHERE id = $2`, run.GoLive, run.MerchantID)
		b.Exec(`INSERT INTO merchant_plans (merchant_id, plan_id) VALUES ($1, $2)`, run.MerchantID, run.PlanID)
		b.Audit(orbit.System, orbit.ActionRunCompleted, run.MerchantID, run.Subdomain, orbit.Details{"run": run.ID.String()})
		b.Notify(pg.MerchantChannel, run.MerchantID.String())
		addEvent(b, orbit.MerchantWasActivated, run)
	})
}

// UndoCompletion takes the step completion back.
func (db *DB) UndoCompletion(ctx context.Context, run orbit.Run) error {
	return db.undoStep(ctx, run, orbit.StepCompletion, func(b *pg.Batch) {
		b.Exec(`UPDATE merchants SET live_at = NULL, activated_at = NULL WHERE id = $1`, run.MerchantID)
		b.Exec(`DELETE FROM merchant_plans WHERE merchant_id = $1`, run.MerchantID)
	})
}
