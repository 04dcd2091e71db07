package operators

import (
	"testing"
	"time"

	"orbit360.app/journey/journeytest"
)

// TestTrafficIsAdded: a program that runs adds what its shops send to the database.
func TestTrafficIsAdded(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	c.Must(200, "modern", "/")
	db := p.Database()
	for deadline, sent := time.Now().Add(30*time.Second), 0; sent < 1000; time.Sleep(50 * time.Millisecond) {
		if err := db.QueryRow(t.Context(), `SELECT coalesce(sum(bytes), 0)::bigint FROM traffic`).Scan(&sent); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes after 30 s", sent)
		}
	}
}
