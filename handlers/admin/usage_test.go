package admin_test

import (
	"strings"
	"testing"
	"time"
)

// TestUsage: an admin sees what a merchant has used and owes; a merchant that isn't set up has nothing of the kind.
func TestUsage(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	id := p.apply("Moss & Fern")
	p.get("/merchants/"+id.String()+"/usage").want(t, 404)
	p.activate(id, "moss")
	p.await(id, "active")
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE plans SET limits = '{"products": 4}'`); err != nil {
		t.Fatal(err)
	}
	a := p.get("/merchants/"+id.String()).want(t, 200)
	if a.Find(`a[href$="/usage"]`).Length() != 1 {
		t.Error(a.words("main"))
	}
	a = p.get("/merchants/"+id.String()+"/usage").want(t, 200)
	if a.Find("[role=meter]").Length() != 1 || !strings.Contains(a.words("#usage"), "Over the limit") ||
		a.Find("#statements .empty").Length() != 1 {
		t.Error(a.words("main"))
	}
	month := time.Now().UTC().Format("2006-01")
	p.get("/merchants/"+id.String()+"/statements/"+month).want(t, 200)
	for _, none := range []string{"2020-01", "9999-12", "0000-01", "x"} {
		p.get("/merchants/"+id.String()+"/statements/"+none).want(t, 404)
	}
}
