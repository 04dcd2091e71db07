// Command provision measures how long the platform takes to set a shop up, beside the least that
// PostgreSQL needs for seven commits on the same machine. It builds and starts the real program on a
// database of its own, orders shops over HTTP as an admin's browser would, and prints a table:
//
//	go run ./bench/provision
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

func main() {
	runs := flag.Int("runs", 500, "runs one after another")
	together := flag.Int("together", 1500, "runs ordered at once")
	statements := flag.Bool("statements", false,
		"also print what PostgreSQL spent its time on (needs the extension pg_stat_statements)")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := measure(ctx, *runs, *together, *statements); err != nil {
		fmt.Fprintln(os.Stderr, "bench/provision:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, runs, together int, statements bool) (err error) {
	b, err := start(ctx, statements)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, b.stop()); err != nil {
			fmt.Fprintln(os.Stderr, b.Out.Tail())
		}
	}()
	if _, err := b.one(ctx, 50, "warm"); err != nil { // prepared plans, filled caches
		return err
	}
	floor, err := b.floor(ctx, runs)
	if err != nil {
		return err
	}
	single, err := b.one(ctx, runs, "one")
	if err != nil {
		return err
	}
	if statements {
		if _, err := b.db.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements`); err != nil {
			return err
		}
		if _, err := b.db.Exec(ctx, `SELECT pg_stat_statements_reset()`); err != nil {
			return err
		}
	}
	program, database, self := b.cpu()
	rate, err := b.atOnce(ctx, together)
	if err != nil {
		return err
	}
	program2, database2, self2 := b.cpu()
	load, _ := os.ReadFile("/proc/loadavg") // for judging how quiet the machine was
	fmt.Printf("load average %s\n\n%-58s %9s %9s %9s\n", strings.TrimSpace(string(load)), "", "p50", "p99", "max")
	print("floor: seven commits one after another", floor)
	print("a run: activation accepted to COMPLETED and website up", single)
	fmt.Printf("%-58s %8.1fx %8.1fx\n", "ratio to the floor", ratio(single, floor, 50), ratio(single, floor, 99))
	fmt.Printf("\n%d runs ordered at once: %.0f runs a second, from the first order to the last COMPLETED\n", together,
		rate)
	n := time.Duration(together)
	fmt.Printf("processor time a run: %.1f ms in the program, %.1f ms in PostgreSQL, %.1f ms for ordering\n",
		ms((program2-program)/n), ms((database2-database)/n), ms((self2-self)/n))
	if statements {
		return b.statements(ctx, together)
	}
	return nil
}

func print(name string, d []time.Duration) {
	fmt.Printf("%-58s %7.1fms %7.1fms %7.1fms\n", name, ms(at(d, 50)), ms(at(d, 99)), ms(d[len(d)-1]))
}

func ratio(a, b []time.Duration, percent int) float64 {
	return float64(at(a, percent)) / float64(at(b, percent))
}

func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// bench is the program under measurement and its database.
type bench struct {
	*programtest.Program
	dir    string
	pg     *programtest.Database
	http   http.Client
	db     *pgx.Conn // reads and prepares, as the superuser
	listen *pgx.Conn
}

func start(ctx context.Context, statements bool) (b *bench, err error) {
	b = &bench{}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.stop())
		}
	}()
	if b.dir, err = programtest.Folder("bench"); err != nil {
		return b, err
	}
	if b.pg, err = programtest.StartDatabase(ctx, filepath.Join(b.dir, "pg"), settings(statements)); err != nil {
		return b, err
	}
	port, err := programtest.FreePort()
	if err != nil {
		return b, err
	}
	p := &programtest.Program{Port: port, Dir: filepath.Join(b.dir, "data"),
		Env: []string{"DATABASE_URL=" + b.pg.URL(), "LOG_LEVEL=warn"}}
	if err := p.Start(); err != nil {
		return b, err
	}
	b.Program = p
	return b, b.connect(ctx)
}

func (b *bench) connect(ctx context.Context) (err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	b.http = http.Client{Jar: jar, Transport: b.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	status, err := b.post(ctx, "/sign-in",
		url.Values{"email": {programtest.AdminEmail}, "password": {programtest.AdminPassword}})
	if err != nil || status != 303 {
		return fmt.Errorf("sign in: %d %w", status, err)
	}
	dsn := b.pg.SuperURL()
	if b.db, err = pgx.Connect(ctx, dsn); err != nil {
		return err
	}
	if b.listen, err = pgx.Connect(ctx, dsn); err != nil {
		return err
	}
	_, err = b.listen.Exec(ctx, "LISTEN orbit_run")
	return err
}

func (b *bench) stop() error {
	var errs []error
	if b.Program != nil {
		errs = append(errs, b.Stop())
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir), programtest.Clean())...)
}

func (b *bench) get(ctx context.Context, address string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	return b.send(req)
}

func (b *bench) post(ctx context.Context, path string, form url.Values) (int, error) {
	host := "http://admin.localhost:" + b.Port
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, host+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", host)
	return b.send(req)
}

func (b *bench) send(req *http.Request) (int, error) {
	res, err := b.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// applicants makes n pending merchants.
func (b *bench) applicants(ctx context.Context, n int, prefix string) ([]string, error) {
	ids := make([]string, n)
	rows := make([][]any, n)
	for i := range ids {
		ids[i] = orbit.NewID[orbit.Merchant]().String()
		name := fmt.Sprintf("%s%d", prefix, i)
		rows[i] = []any{ids[i], name, "Ada", name + "@example.com", "books", "pending"}
	}
	_, err := b.db.CopyFrom(ctx, pgx.Identifier{"merchants"},
		[]string{"id", "name", "owner_name", "email", "category", "status"}, pgx.CopyFromRows(rows))
	return ids, err
}

func (b *bench) order(ctx context.Context, id, subdomain string) error {
	status, err := b.post(ctx, "/merchants/"+id+"/activation",
		url.Values{"theme": {"upfront-modern"}, "plan": {"professional"},
			"subdomain": {subdomain}, "category": {"books"}, "goLive": {"on"}})
	if err == nil && status != 303 {
		err = fmt.Errorf("the activation was answered %d", status)
	}
	return err
}

// one measures runs one after another, from the answer to the order until the run is COMPLETED and the
// website answers.
func (b *bench) one(ctx context.Context, n int, prefix string) ([]time.Duration, error) {
	ids, err := b.applicants(ctx, n, prefix)
	if err != nil {
		return nil, err
	}
	took := make([]time.Duration, n)
	for i, id := range ids {
		if err := b.order(ctx, id, fmt.Sprintf("%s%d", prefix, i)); err != nil {
			return nil, err
		}
		accepted := time.Now()
		if err := b.completed(ctx, id); err != nil {
			return nil, err
		}
		if status, err := b.get(ctx, fmt.Sprintf("http://%s%d.localhost:%s/", prefix, i, b.Port)); err != nil ||
			status != 200 {
			return nil, fmt.Errorf("the website of a completed run answered %d %w", status, err)
		}
		took[i] = time.Since(accepted)
	}
	slices.Sort(took)
	return took, nil
}

// completed waits for a merchant's run, by the same notifications as the platform's pages.
func (b *bench) completed(ctx context.Context, id string) error {
	for {
		n, err := b.listen.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if !strings.HasSuffix(n.Payload, id) {
			continue
		}
		var status string
		if err := b.db.QueryRow(ctx, `SELECT status FROM merchant_provisionings WHERE merchant_id = $1`,
			id).Scan(&status); err != nil {
			return err
		}
		switch status {
		case "COMPLETED":
			return nil
		case "FAILED":
			return errors.New("a run failed")
		}
	}
}

// atOnce orders n shops as fast as they are accepted and gives runs a second until the last is COMPLETED.
func (b *bench) atOnce(ctx context.Context, n int) (float64, error) {
	ids, err := b.applicants(ctx, n, "many")
	if err != nil {
		return 0, err
	}
	// Each commit that notifies wakes all listeners, and that would be this program.
	if _, err := b.listen.Exec(ctx, `UNLISTEN *`); err != nil {
		return 0, err
	}
	begin := time.Now()
	var group sync.WaitGroup
	next := make(chan int)
	failed := make(chan error, 1)
	for range 8 {
		group.Go(func() {
			for i := range next {
				if err := b.order(ctx, ids[i], fmt.Sprintf("many%d", i)); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for i := range ids {
		next <- i
	}
	close(next)
	group.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
	}
	// The partial index makes this cheap, so that waiting takes nothing from what is waited for.
	for open := true; open; time.Sleep(50 * time.Millisecond) {
		if err := b.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM merchant_provisionings
			WHERE status IN ('PENDING', 'IN_PROGRESS'))`).Scan(&open); err != nil {
			return 0, err
		}
		if time.Since(begin) > 3*time.Minute {
			return 0, errors.New("not all runs are completed after three minutes")
		}
	}
	var completed int
	var took float64
	if err := b.db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE r.status = 'COMPLETED'), extract(epoch
	FROM max(r.completed_at) - min(r.created_at))::float8
		FROM merchant_provisionings r JOIN merchants m ON m.id = r.merchant_id
		WHERE m.name LIKE 'many%'`).Scan(&completed, &took); err != nil {
		return 0, err
	}
	if completed != n {
		return 0, fmt.Errorf("%d of %d runs were completed", completed, n)
	}
	return float64(n) / took, nil
}

// floor is the least that seven steps could take: seven transactions of one small row, each waiting for
// the disk.
func (b *bench) floor(ctx context.Context, n int) ([]time.Duration, error) {
	if _, err := b.db.Exec(ctx, `
		CREATE TABLE IF NOT EXISTS bench_floor (id bigint GENERATED ALWAYS AS IDENTITY, v text)`); err != nil {
		return nil, err
	}
	took := make([]time.Duration, n)
	for i := range took {
		begin := time.Now()
		for range 7 {
			if _, err := b.db.Exec(ctx, `INSERT INTO bench_floor (v) VALUES ('x')`); err != nil {
				return nil, err
			}
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return took, nil
}
