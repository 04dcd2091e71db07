package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/programtest"
	"orbit360.app/store/shop"
)

const dashboard = "dashboard.localhost:3000"

// seller is a shop that sells, with its carts.
type seller struct {
	id        orbit.MerchantID
	subdomain string
	variant   orbit.VariantID
	rate      string // of shipping
	total     int64  // of each cart
	carts     []string
}

// open has the program set up the shops, and opens them. One person owns them all.
func (b *bench) open(ctx context.Context) error {
	for i := range b.options.shops {
		s := &seller{id: orbit.NewID[orbit.Merchant](), subdomain: fmt.Sprintf("shop%d", i)}
		if _, err := b.db.CreateMerchant(ctx, s.id, orbit.Application{Name: "Shop", OwnerName: "Ada",
			Email: s.subdomain + "@example.com", Category: "books"}, nil, orbit.System); err != nil {
			return err
		}
		if _, err := b.db.Activate(ctx, s.id, orbit.Activation{Theme: "upfront-modern", Plan: "starter",
			Subdomain: s.subdomain, Category: "books"}, "localhost", orbit.System); err != nil {
			return err
		}
		b.sellers = append(b.sellers, s)
	}
	for _, s := range b.sellers {
		for status := orbit.RunPending; status != orbit.RunCompleted; time.Sleep(20 * time.Millisecond) {
			v, err := b.db.RunView(ctx, s.id)
			if status = v.Run.Status; err != nil || status == orbit.RunFailed {
				return fmt.Errorf("setting a shop up: %s %w", status, err)
			}
		}
	}
	for _, sql := range []string{
		`UPDATE merchants SET live_at = now()`,
		`UPDATE plans SET limits = '{}'`,
		`UPDATE variants SET stock = 1000000`,
		`INSERT INTO users (id, email, name, role, password_hash, password_changed_at) SELECT gen_random_uuid(),
			'` + owner + `', 'Ada', 'merchant', password_hash, now() FROM users WHERE email = '` + programtest.AdminEmail + `'`,
		`INSERT INTO memberships (merchant_id, user_id, role) SELECT m.id, u.id, 'owner' FROM merchants m, users u
			WHERE u.email = '` + owner + `'`,
	} {
		if _, err := b.super.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%w: %s", err, sql)
		}
	}
	return nil
}

const owner = "owner@example.com"

// fill puts one thing into as many carts as there will be orders.
func (b *bench) fill(ctx context.Context) error {
	each := int(b.lasts.Seconds()*float64(b.rate))/len(b.sellers) + 1
	var group sync.WaitGroup
	errs := make(chan error, len(b.sellers))
	for _, s := range b.sellers {
		var variant string
		var price, shipping int64
		if err := b.super.QueryRow(ctx, `SELECT v.id::text, v.price, r.name, r.price FROM variants v
			JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id AND p.status = 'active'
			JOIN shipping_rates r ON r.merchant_id = v.merchant_id WHERE v.merchant_id = $1 ORDER BY r.price DESC, v.id LIMIT 1`,
			s.id.String()).Scan(&variant, &price, &s.rate, &shipping); err != nil {
			return err
		}
		var err error
		if s.variant, err = orbit.ParseID[orbit.Variant](variant); err != nil {
			return err
		}
		s.total, s.carts = price+shipping, make([]string, each)
		group.Go(func() { errs <- s.fill(ctx, shop.For(b.db, s.id)) })
	}
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seller) fill(ctx context.Context, scope shop.Scope) error {
	for i := range s.carts {
		err := scope.Do(ctx, func(t *shop.Tenant) (err error) {
			s.carts[i], _, err = t.AddToCart(ctx, "", s.variant, 1)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// client sends requests to a program; redirects are answers.
func client(p *programtest.Program) *http.Client {
	transport := p.Transport()
	transport.MaxConnsPerHost = 64
	return &http.Client{Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func request(ctx context.Context, host, path, cookie string, form url.Values) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://"+host)
	req.Header.Set("Cookie", cookie)
	return req, nil
}

// signIn returns the cookie of a new session of the owner.
func (b *bench) signIn(ctx context.Context) (string, error) {
	req, err := request(ctx, dashboard, "/sign-in", "",
		url.Values{"email": {owner}, "password": {programtest.AdminPassword}})
	if err != nil {
		return "", err
	}
	res, err := client(b.programs[0]).Do(req)
	if err != nil {
		return "", err
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusSeeOther || len(res.Cookies()) == 0 {
		return "", fmt.Errorf("sign in: %s %w", res.Status, err)
	}
	return res.Cookies()[0].Name + "=" + res.Cookies()[0].Value, nil
}
