package operators

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/journey/journeytest"
)

// One shop of 10,000 products is searched by 64, then by 128 at once, as fast as they are answered. Its own pages and
// another shop's that aren't kept, the admin panel and /readyz still answer. Beyond its limit the overrun shop refuses
// at once, in its own design, with Retry-After. -v prints the times; -release-program measures another program.
func TestOverrunShop(t *testing.T) {
	t.Parallel()
	url, pool := database(t)
	p := journeytest.Install(t, "DATABASE_URL="+url, "SECRET_KEY="+releaseKey)
	p.Path = *releaseProgram
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	p.OpenShop(admin, "modern")
	p.OpenShop(admin, "classic")
	stock(t, pool, "modern", 10000)

	alone := watchOthers(t, p, admin, func() bool { return false })
	t.Logf("alone: %v", alone)
	for _, searchers := range []int{64, 128} {
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		crowd := search(ctx, p, searchers)
		busy := watchOthers(t, p, admin, func() bool { return ctx.Err() == nil })
		stop()
		crowd.wait.Wait()
		t.Logf("%d searchers, %d answers, %d refused: %v", searchers, crowd.answered.Load(), crowd.refused.Load(), busy)
		if crowd.refused.Load() == 0 {
			t.Errorf("nobody of %d was refused", searchers)
		}
		if wrong := crowd.wrong.Load(); wrong != nil {
			t.Error("a searcher got ", *wrong)
		}
	}
	if strings.Contains(p.Out.String(), "very many visitors") {
		t.Error("refusals are in the log as failures")
	}
}

// stock fills a shop.
func stock(t *testing.T, pool *pgxpool.Pool, shop string, n int) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO products (merchant_id, id, handle, title, description, vendor, product_type, status, position)
			SELECT m.id, gen_random_uuid(), 'thing-' || i,
			(ARRAY['Brass','Oak','Linen','Wool','Clay','Glass','Cork'])[1 + i % 7] || ' '
			|| (ARRAY['lamp','mug','throw','board','planter','bowl'])[1 + i % 6] || ' ' || i,
				'A ' || md5(i::text) || ' thing of ' || md5((i * 7)::text) || ', made by hand.', 'Maker ' || i % 50,
				'Kind ' || i % 20, 'active', 100 + i
			FROM merchants m, generate_series(1, $2::int) i WHERE m.subdomain = $1`,
		`INSERT INTO variants (merchant_id, id, product_id, price, stock)
		SELECT p.merchant_id, gen_random_uuid(), p.id, 100 + p.position, 5 FROM products p
			JOIN merchants m ON m.id = p.merchant_id WHERE m.subdomain = $1 AND p.handle LIKE 'thing-%' AND $2::int > 0`,
	} {
		if _, err := pool.Exec(t.Context(), sql, shop, n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(t.Context(), `ANALYZE`); err != nil {
		t.Fatal(err)
	}
}

// onlookers holds the times of those who want something else.
type onlookers map[string][]time.Duration

func (o onlookers) String() string {
	var b strings.Builder
	for _, name := range []string{"the other shop", "its own pages", "admin", "/readyz"} {
		times := o[name]
		slices.Sort(times)
		fmt.Fprintf(&b, "%s %d× p50 %v p99 %v max %v; ", name, len(times), times[len(times)/2].Round(100*time.Microsecond),
			times[len(times)*99/100].Round(100*time.Microsecond), times[len(times)-1].Round(100*time.Microsecond))
	}
	return b.String()
}

// watchOthers asks for other things one after another, at least ten times each.
func watchOthers(t *testing.T, p *journeytest.Program, admin *journeytest.Client, goOn func() bool) onlookers {
	t.Helper()
	o := onlookers{}
	visitor := p.Client()
	for i := 0; i < 10 || goOn(); i++ {
		for name, ask := range map[string]func() (int, string, string, error){
			"the other shop": func() (int, string, string, error) {
				return visitor.Do("classic", fmt.Sprintf("/search?q=mug%%20%d", time.Now().UnixNano()))
			},
			"its own pages": func() (int, string, string, error) {
				return visitor.Do("modern", fmt.Sprintf("/products/thing-%d", 1+len(o["its own pages"])))
			},
			"admin":   func() (int, string, string, error) { return admin.Do("admin", "/merchants") },
			"/readyz": func() (int, string, string, error) { return visitor.Do("", "/readyz") },
		} {
			began := time.Now()
			status, body, _, err := ask()
			o[name] = append(o[name], time.Since(began))
			if status != 200 || err != nil {
				t.Errorf("%s: %d %v %.300s", name, status, err, body)
			}
		}
	}
	return o
}

// searching is a crowd of searchers.
type searching struct {
	wait              sync.WaitGroup
	answered, refused atomic.Int64
	wrong             atomic.Pointer[string]
}

func search(ctx context.Context, p *journeytest.Program, n int) *searching {
	s := &searching{}
	c := p.Client()
	c.HTTP.Transport.(*http.Transport).MaxIdleConnsPerHost = n
	for i := range n {
		s.wait.Go(func() {
			for round := 0; ctx.Err() == nil; round++ {
				req, err := http.NewRequestWithContext(ctx, "GET", p.URL("modern",
					fmt.Sprintf("/search?q=brass%%20lamp%%20thing%%20%d", i*1000+round)), nil)
				if err != nil {
					s.complain(err.Error())
					return
				}
				res, err := c.HTTP.Do(req)
				if err != nil {
					continue // the end of the crowd
				}
				body, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				switch {
				case err != nil:
				case res.StatusCode == 200:
					s.answered.Add(1)
				case res.StatusCode != 503 && res.StatusCode != 429:
					s.complain(fmt.Sprintf("%d %.300s", res.StatusCode, body))
				case res.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "/theme.") ||
					!strings.Contains(string(body), "Juniper modern"):
					s.complain(fmt.Sprintf("%d without Retry-After or its theme: %.300s", res.StatusCode, body))
				default:
					s.refused.Add(1)
				}
			}
		})
	}
	return s
}

func (s *searching) complain(what string) { s.wrong.CompareAndSwap(nil, &what) }
