package orbit

import (
	"slices"
	"strconv"
	"time"
)

// MaxPlanChanges is how often a shop may change its plan within a month.
const MaxPlanChanges = 20

// PlanSheet is a shop's plan with what the shop has used of it, and which plans it has had this month.
type PlanSheet struct {
	Plan    Plan
	Usage   Usage
	Periods []PlanPeriod // of the month of Now; the last one ends with it
	Now     time.Time
	Changes int // how many plans the shop has had: another number is another state
}

// Meters returns the plan's limits with what is used of each.
func (s PlanSheet) Meters() []Meter { return s.Plan.Limits.Meters(s.Usage) }

// Lines returns what the shop owes for this month if the plan stays.
func (s PlanSheet) Lines() []StatementLine { return Charges(s.Now, s.Periods) }

// PlanChange orders another plan, as its preview showed it.
type PlanChange struct {
	From, To PlanID
	Version  string // of To
	Upon     int    // PlanSheet.Changes
}

// Version changes with everything that a preview shows of a plan.
func (p Plan) Version() string { return strconv.FormatInt(p.UpdatedAt.UnixMicro(), 36) }

// PlanPreview is what would be different with another plan.
type PlanPreview struct {
	From, To Plan
	Upon     int // PlanSheet.Changes
	Limits   []LimitChange
	// Lines is what the shop would owe for this month: the plans it has had, each for its time, the new one from now on.
	Lines []StatementLine
	// ReadOnly names the newest of the products that the new plan makes read-only, at most MaxNamed; there are Unnamed
	// more.
	ReadOnly []ProductName
	Unnamed  int
	// Before and After are what this month comes to without the change and with it.
	Before, After []Money
}

// MaxNamed is how many products a preview names.
const MaxNamed = 10

// ProductName is a product as a sentence names it.
type ProductName struct {
	ID    ProductID
	Title string
}

// LimitChange is a limit of the new plan with what is used of it, and what the limit was.
type LimitChange struct {
	Meter
	Was *int64
}

// Raised reports whether the new plan allows more.
func (c LimitChange) Raised() bool { return c.Was != nil && (c.Value == nil || *c.Value > *c.Was) }

// Lowered reports whether the new plan allows less.
func (c LimitChange) Lowered() bool { return c.Value != nil && (c.Was == nil || *c.Value < *c.Was) }

// Change orders what the preview shows.
func (p PlanPreview) Change() PlanChange {
	return PlanChange{p.From.ID, p.To.ID, p.To.Version(), p.Upon}
}

// Exceeded returns the limits of the new plan of which more is used than they allow, or as much: nothing can be added.
func (p PlanPreview) Exceeded() (full []LimitChange) {
	for _, c := range p.Limits {
		if c.Level() == LevelReached {
			full = append(full, c)
		}
	}
	return full
}

// Preview returns what a change to another plan would do now.
func (s PlanSheet) Preview(to Plan) PlanPreview {
	p := PlanPreview{From: s.Plan, To: to, Upon: s.Changes, Before: Owed(s.Lines())}
	was := s.Plan.Limits.List()
	for i, m := range to.Limits.Meters(s.Usage) {
		p.Limits = append(p.Limits, LimitChange{m, was[i].Value})
	}
	then := slices.Clone(s.Periods)
	for i := range then {
		then[i].To = earlier(then[i].To, s.Now)
	}
	then = append(then, PlanPeriod{From: s.Now, To: NextMonth(s.Now), PlanID: to.ID, Name: to.Name, Price: to.Price,
		Currency: to.Currency, BillingCycle: to.BillingCycle})
	p.Lines = Charges(s.Now, then)
	p.After = Owed(p.Lines)
	return p
}
