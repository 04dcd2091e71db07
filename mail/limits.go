package mail

import (
	"fmt"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// LimitsData is what an owner is to know of a shop's plan: limits that are near or reached, the fullest first.
type LimitsData struct {
	Merchant orbit.Merchant // id and name
	Owner    orbit.User
	Plan     orbit.Plan
	Meters   []orbit.Meter // one at least
	Month    time.Time
	PlanURL  string // address of the shop's plan page
}

// Limits returns the email about limits that are near or reached.
func (c Composer) Limits(d LimitsData) (orbit.Email, error) {
	first := d.Meters[0]
	at := fmt.Sprintf("at %s of its %s", first.Share(), limitNoun(first))
	if n := len(d.Meters); n > 1 {
		at = fmt.Sprintf("at or near %d limits of its plan", n)
	}
	m := message{
		Subject:   d.Merchant.Name + " is " + at,
		Preheader: first.Text() + ".",
		Title:     "Your shop is " + at,
		Greeting:  "Hello " + d.Owner.Name + ",",
		Words:     []string{"This is what " + d.Merchant.Name + " has used of its " + d.Plan.Name + " plan."},
		Button:    link{"Review your plan", d.PlanURL},
		Note:      "A larger plan applies at once. You pay the difference for the rest of the month alone.",
		Why:       "You're receiving this email because you own " + d.Merchant.Name + ", a shop on ORBIT360.",
	}
	about := []string{"limits", d.Merchant.ID.String(), d.Owner.ID.String(), d.Month.Format("2006-01")}
	for _, x := range d.Meters {
		about = append(about, fmt.Sprintf("%s-%d", x.Key, x.Level()))
		m.Facts = append(m.Facts, fact{Label: x.Name, Value: fmt.Sprintf("%s (%s)", x.Text(), x.Share())})
		state, then := "is reached. ", x.WhenReached(d.Month)
		switch {
		case x.Refused:
			state, then = "leaves no room for an image that was uploaded. ",
				"Delete images that you don't need, or change your plan. Smaller images may still fit."
		case x.Level() < orbit.LevelReached:
			state, then = "is near. Once it's reached, ", strings.ToLower(then[:1])+then[1:]
		}
		m.Words = append(m.Words, "The "+limitNoun(x)+" "+state+then)
	}
	return c.compose(strings.Join(about, "."), d.Merchant.ID, d.Owner.Email, m)
}

func limitNoun(m orbit.Meter) string {
	switch orbit.LimitKey(m.Key) {
	case orbit.LimitProducts:
		return "product limit"
	case orbit.LimitOrders:
		return "monthly order limit"
	case orbit.LimitStorage:
		return "storage limit"
	}
	return "monthly bandwidth limit"
}
