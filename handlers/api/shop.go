package api

import (
	"context"
	"net/http"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// Shop is a merchant's own shop.
type Shop struct {
	ID          string    `json:"id" format:"uuid"`
	Name        string    `json:"name"`
	Code        string    `json:"code" doc:"The merchant ID that people see."`
	Subdomain   string    `json:"subdomain"`
	PrimaryHost string    `json:"primaryHost" doc:"The host that links name."`
	Status      string    `json:"status" enum:"pending,activating,active,failed,suspended"`
	Live        bool      `json:"live" doc:"Open to shoppers; otherwise Opening soon."`
	Currency    string    `json:"currency" doc:"ISO 4217 code."`
	Locale      string    `json:"locale"`
	Timezone    string    `json:"timezone"`
	Category    string    `json:"category" doc:"Line of business."`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

type shopOutput struct{ Body Shop }

func (a *API) shopRoutes() {
	registerShop(a, operation{method: http.MethodGet, path: "/shop", id: "getShop", tag: tagShop,
		scope: orbit.ScopeShopRead, status: 200, summary: "Read the shop", about: "The shop that the credential is for.",
		answer: exampleShopAnswer()}, a.getShop)
}

func shopView(m orbit.Merchant, s orbit.ShopSettings) Shop {
	return Shop{ID: m.ID.String(), Name: m.Name, Code: m.Code, Subdomain: m.Subdomain, Status: string(m.Status),
		Live: m.Live(), Currency: s.Currency, Locale: s.Locale, Timezone: s.Timezone, Category: string(m.Category),
		CreatedAt: m.CreatedAt.UTC(), UpdatedAt: m.UpdatedAt.UTC()}
}

func (a *API) getShop(ctx context.Context, d desk, _ *struct{}) (*shopOutput, error) {
	var out shopOutput
	return &out, d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		q := t.Reader()
		settings := q.Settings()
		err := q.Read(ctx)
		out.Body = shopView(d.Merchant, settings.Value)
		return err
	})
}
