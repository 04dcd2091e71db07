package bed

import (
	"context"
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

// Program is the real program on a bed.
type Program struct {
	of *programtest.Program
	on *Bed
}

// Serve starts the program.
func (b *Bed) Serve() (*Program, error) {
	port, err := programtest.FreePort()
	if err != nil {
		return nil, err
	}
	p := &Program{on: b, of: &programtest.Program{Port: port, Dir: filepath.Join(b.dir, "data"),
		Env: []string{"DATABASE_URL=" + b.pg.URL(), "LOG_LEVEL=warn"}}}
	return p, p.of.Start()
}

// Stop stops it.
func (p *Program) Stop() error { return p.of.Stop() }

// Person is somebody who is signed in at one of the panels.
type Person struct {
	client *http.Client
	url    func(path string) string
}

// Admin signs in at the admin panel.
func (p *Program) Admin(ctx context.Context) (*Person, error) {
	return p.signIn(ctx, "admin", programtest.AdminEmail)
}

// Owner signs in at the dashboard as the owner of some shops.
func (p *Program) Owner(ctx context.Context, merchants ...string) (*Person, error) {
	const email = "owner@example.com"
	if _, err := p.on.Super.Exec(ctx, `INSERT INTO users (id, email, name, role, password_hash, password_changed_at)
		SELECT gen_random_uuid(), $1, 'Ada', 'merchant', password_hash, now() FROM users WHERE email = $2`,
		email, programtest.AdminEmail); err != nil { // with the same password
		return nil, err
	}
	if _, err := p.on.Super.Exec(ctx, `INSERT INTO memberships (user_id, merchant_id, role)
		SELECT u.id, m::uuid, 'owner' FROM users u, unnest($2::text[]) m WHERE u.email = $1`, email, merchants); err != nil {
		return nil, err
	}
	return p.signIn(ctx, "dashboard", email)
}

func (p *Program) signIn(ctx context.Context, host, email string) (*Person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	x := &Person{url: func(path string) string { return p.of.URL(host, path) }}
	x.client = &http.Client{Jar: jar, Transport: p.of.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"email": {email}, "password": {programtest.AdminPassword}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url("/sign-in"),
		strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", strings.TrimSuffix(x.url("/"), "/"))
	res, err := x.client.Do(req)
	if err != nil {
		return nil, err
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("sign in: %d %w", res.StatusCode, err)
	}
	return x, nil
}

// Time asks for a page and returns how long it took to be there.
func (x *Person) Time(ctx context.Context, path string) (time.Duration, error) {
	begin := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.url(path), nil)
	if err != nil {
		return 0, err
	}
	res, err := x.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s %s", path, res.Status, res.Header.Get("Location"))
	}
	return time.Since(begin), nil
}
