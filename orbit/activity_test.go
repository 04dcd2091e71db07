package orbit

import (
	"slices"
	"strings"
	"testing"
	"time"
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
		l := ActivityLine{AuditLine{AuditEntry{ActorID: actor.ID, Actor: actor.Name, Action: action, Target: target,
			Address: "198.51.100.7"}, person}, member, admin, 0}
		return l.Who() + " " + l.Sentence()
	}
	for got, want := range map[string]string{
		line(Actor{ID: id, Name: "ann@example.com"}, ActionProductCreated, "Mug", "Ann", true, false)://
		"Ann created the product Mug",
		line(Actor{ID: id, Name: "ann@example.com (key Till)"}, ActionOrderPaid, "#1001", "Ann", true, false)://
		"Ann (API key Till) marked order #1001 as paid",
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

// A form that saves itself leaves one line, which says what was changed; others' changes and other times stand alone.
func TestFoldActivity(t *testing.T) {
	t.Parallel()
	ann, now := NewID[User](), time.Now()
	line := func(ago time.Duration, who UserID, fields string) ActivityLine {
		return ActivityLine{AuditLine: AuditLine{AuditEntry: AuditEntry{At: now.Add(-ago), ActorID: who,
			Action: ActionMerchantUpdated, Target: "Moss", Detail: Details{"fields": fields}}, Person: who.String()},
			Member: true}
	}
	folded := FoldActivity([]ActivityLine{line(0, ann, "phone"), line(time.Minute, ann, "timezone"),
		line(2*time.Minute, ann, "address.city address.line1"), line(3*time.Minute, NewID[User](), "email"),
		line(time.Hour, ann, "email"), line(2*time.Hour, ann, "social.instagram")})
	var said []string
	for _, l := range folded {
		said = append(said, l.Sentence())
	}
	if want := []string{"changed the shop's address, phone number and time zone", "changed the shop's email",
		"changed the shop's email", "changed the shop's social profiles"}; !slices.Equal(said, want) {
		t.Errorf("%q, not %q", said, want)
	}
	twice := ActivityLine{AuditLine: AuditLine{AuditEntry: AuditEntry{ActorID: ann, Action: ActionProductUpdated,
		Target: "Mug"}}}
	if got := FoldActivity([]ActivityLine{twice, twice})[0].Sentence(); got != "updated the product Mug (2 times)" {
		t.Error(got)
	}
	for _, field := range ShopFields() {
		if ShopFieldNames(field) == "" {
			t.Errorf("%s has no name", field)
		}
	}
}
