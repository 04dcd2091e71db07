package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"orbit360.app/programtest"
)

// owner signs in to the dashboard; the password is the first admin's.
const owner = "owner@example.com"

// comparePages asks the program for pages of the large shop and of the one without orders, in turn.
func (b *bench) comparePages(ctx context.Context) (err error) {
	port, err := programtest.FreePort()
	if err != nil {
		return err
	}
	p := &programtest.Program{Port: port, Dir: filepath.Join(b.dir, "data"),
		Env: []string{"DATABASE_URL=" + b.pg.URL(), "LOG_LEVEL=warn"}}
	if err := p.Start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	client, err := b.signIn(ctx, p)
	if err != nil {
		return err
	}
	fmt.Printf("\n%-44s %9s %9s\n", "pages, beside those of a shop without orders", "p50", "p99")
	for _, page := range []string{"", "?period=1", "?period=90", "/orders", "/orders?status=open", "/orders?q=%231234",
		"/products?status=low-stock"} {
		large, none := make([]time.Duration, b.pages), make([]time.Duration, b.pages)
		for i := -5; i < b.pages; i++ { // the first ones warm up
			for shop, took := range map[string][]time.Duration{"/shop1": large, "/shop2": none} {
				begin := time.Now()
				if err := get(ctx, client, p.URL("dashboard", shop+page)); err != nil {
					return err
				}
				if i >= 0 {
					took[i] = time.Since(begin)
				}
			}
		}
		fmt.Printf("%-44s %7.1fms %7.1fms\n", "/shop1"+page, at(large, 50), at(large, 99))
		fmt.Printf("%-44s %7.1fms %7.1fms %8.1fx\n", "/shop2"+page, at(none, 50), at(none, 99), at(large, 50)/at(none, 50))
	}
	return nil
}

// signIn makes the owner of both shops and signs them in.
func (b *bench) signIn(ctx context.Context, p *programtest.Program) (*http.Client, error) {
	if _, err := b.super.Exec(ctx, `INSERT INTO users (id, email, name, role, password_hash, password_changed_at)
		SELECT $1, $2, 'Ada', 'merchant', password_hash, now() FROM users WHERE email = $3`, shopID(9), owner,
		programtest.AdminEmail); err != nil {
		return nil, err
	}
	if _, err := b.super.Exec(ctx, `INSERT INTO memberships (merchant_id, user_id, role) VALUES ($1, $3, 'owner'),
		($2, $3, 'owner')`, shopID(1), shopID(2), shopID(9)); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Transport: p.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"email": {owner}, "password": {programtest.AdminPassword}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL("dashboard", "/sign-in"),
		strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", strings.TrimSuffix(p.URL("dashboard", "/"), "/"))
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("sign in: %d %w", res.StatusCode, err)
	}
	return client, nil
}

func get(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, res.Status)
	}
	return nil
}
