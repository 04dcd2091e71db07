package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// GoLive opens the shop to shoppers. Doing it again changes nothing; Conflict with a fault for each part of the
// onboarding that a shop can't be open without.
func (e *Edit) GoLive(ctx context.Context) error {
	if e.Merchant.Live() {
		return nil
	}
	progress, err := e.Onboarding(ctx)
	if err == nil {
		err = progress.Ready()
	}
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE merchants SET live_at = now(), updated_at = now() WHERE id = $1`, e.merchant)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, orbit.ActionMerchantLive, e.Merchant.Name, nil)
}

// Close shows the public the Opening soon page again. Doing it again changes nothing.
func (e *Edit) Close(ctx context.Context) error {
	if !e.Merchant.Live() {
		return nil
	}
	b := e.db.Batch()
	b.Exec(`UPDATE merchants SET live_at = NULL, updated_at = now() WHERE id = $1`, e.merchant)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, orbit.ActionMerchantClosed, e.Merchant.Name, nil)
}
