package orbit

import (
	"slices"
	"strings"
	"testing"
)

// Each action is a shop's or the platform's: a new one is decided about, and doesn't come to merchants by chance.
func TestActivityAreas(t *testing.T) {
	t.Parallel()
	platform := []string{"session", "token", "password", "twostep", "account", "throttle", "admin", "theme", "plan",
		"defaults", "jobs", "run", "merchant", "note"}
	for _, d := range Actions() {
		n := 0
		for _, a := range ActivityAreas() {
			if a.Has(d.Action) {
				n++
			}
		}
		if n > 1 || (n == 0) != slices.Contains(platform, d.Action.Area()) && d.Action.Area() != "merchant" {
			t.Errorf("%s is in %d areas of a shop's activity, and must be in one, or be the platform's", d.Action, n)
		}
	}
	for _, hidden := range []Action{ActionMerchantApplied, ActionMerchantActivation, ActionRunFailed,
		ActionSessionCreated} {
		for _, a := range ActivityAreas() {
			if a.Has(hidden) {
				t.Errorf("a shop sees %s", hidden)
			}
		}
	}
}

func TestActivitySentences(t *testing.T) {
	t.Parallel()
	id := NewID[User]()
	line := func(actor Actor, action Action, target, person string, member, admin bool) string {
		l := ActivityLine{AuditEntry{ActorID: actor.ID, Actor: actor.Name, Action: action, Target: target,
			Address: "198.51.100.7"}, person, member, admin}
		return l.Who() + " " + l.Sentence()
	}
	for got, want := range map[string]string{
		line(Actor{ID: id, Name: "ann@example.com"}, ActionProductCreated, "Mug", "Ann", true, false)://
		"Ann created the product Mug",
		line(Actor{ID: id, Name: "ann@example.com (key Till)"}, ActionOrderPaid, "#1001", "Ann", true, false)://
		"Ann (API key Till) marked the order as paid #1001",
		line(Actor{ID: id, Name: "root@example.com"}, ActionMerchantSuspended, "", "Root", false, true)://
		"ORBIT360 support suspended the shop",
		line(Actor{ID: id, Name: "root@example.com"}, ActionStaffJoined, "", "Root", true, true)://
		"Root joined the shop",
		line(System, ActionMerchantPlan, "Starter", "", false, false): "ORBIT360 changed the plan to Starter",
		line(Actor{ID: id, Name: "x@example.com"}, ActionStaffLeft, "", "", false, false): "" +
			"A former member left the shop",
	} {
		if got != want || strings.Contains(got, "198.") {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
