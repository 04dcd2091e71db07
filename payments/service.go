package payments

import (
	"context"
	"log/slog"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// Config is what payments are made with.
type Config struct {
	DB        *store.DB
	Log       *slog.Logger
	Mail      mail.Composer
	Addresses orbit.Addresses
	Keys      orbit.SecretKeys
	Providers map[string]Provider // by orbit's name of each
	Hold      bool                // nothing leaves the platform: no provider is asked
}

// Service opens, settles and refunds payments. All of it can be called again after a crash, and from several replicas
// at once.
type Service struct {
	Config
	cipher orbit.Cipher
}

// New returns the service.
func New(cfg Config) (*Service, error) {
	cipher, err := cfg.Keys.Cipher(orbit.PaymentSecrets)
	return &Service{cfg, cipher}, err
}

// writer returns what composes the emails about a shop's orders.
func (s *Service) writer(ctx context.Context, merchant orbit.MerchantID) (shop.OrderWriter, error) {
	var m orbit.Merchant
	var settings orbit.ShopSettings
	err := shop.For(s.DB, merchant).Do(ctx, func(t *shop.Tenant) (err error) {
		if m, err = t.Shop(ctx); err != nil {
			return err
		}
		settings, err = t.Settings(ctx)
		return err
	})
	return s.Mail.OrderWriter(m, settings.Email, s.Addresses.Shop(m.Subdomain)), err
}
