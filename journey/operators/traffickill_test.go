package operators

import (
	"math/rand/v2"
	"testing"
	"time"

	"orbit360.app/journey/journeytest"
)

// TestTrafficKilled: a program that is killed while it sends and flushes loses what it counted since its last flush at
// most, and counts nothing twice.
func TestTrafficKilled(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	db := p.Database()
	sent := func() (n int64) {
		if err := db.QueryRow(t.Context(), `SELECT coalesce(sum(bytes), 0)::bigint FROM traffic`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// What one page comes to is measured first, after all that was sent before it is flushed: as many pages are the most
	// that there can be then.
	page := int64(0)
	for range 2 {
		before := sent()
		c.Must(200, "modern", "/")
		for deadline := time.Now().Add(30 * time.Second); sent() == before; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("nothing is flushed")
			}
		}
		page = sent() - before
	}
	for round := range 3 {
		before, pages := sent(), int64(0)
		kill := time.Now().Add(5*time.Second + rand.N(1500*time.Millisecond)) // around a flush
		for time.Now().Before(kill) {
			c.Must(200, "modern", "/")
			pages++
		}
		p.Kill()
		p.MustStart()
		if got := sent() - before; got <= 0 || got > pages*page+page/10 {
			t.Errorf("round %d: %d bytes are counted, %d pages of %d were sent", round, got, pages, page)
		} else {
			t.Logf("round %d: %d of %d bytes", round, got, pages*page)
		}
	}
}
