package orbit

import "time"

// OnboardingPart is one of the parts of setting up a shop. They can be done in any order.
type OnboardingPart string

// The parts.
const (
	PartBusiness  OnboardingPart = "business"
	PartBranding  OnboardingPart = "branding"
	PartPayments  OnboardingPart = "payments"
	PartMarketing OnboardingPart = "marketing"
	PartProducts  OnboardingPart = "products"
	PartWebsite   OnboardingPart = "website"
)

// OnboardingParts returns all of them.
func OnboardingParts() Terms[OnboardingPart] {
	return Terms[OnboardingPart]{{PartBusiness, "Business info"}, {PartBranding, "Branding"}, {PartPayments, "Payments"},
		{PartMarketing, "Marketing"}, {PartProducts, "Products"}, {PartWebsite, "Website"}}
}

// Name is the part in words.
func (p OnboardingPart) Name() string { return OnboardingParts().Name(p) }

// OnboardingFacts holds what tells how far a shop is.
type OnboardingFacts struct {
	Settings   ShopSettings     `bun:"embed:s__"`
	Products   int              // active ones of its own; more than one isn't counted
	Payment    bool             // a way to pay is active
	OwnPayment bool             // one that somebody has looked at
	Branded    bool             // a release was published from Branding
	Customized bool             // a release was published from the theme editor
	Skips      []OnboardingSkip `bun:"type:jsonb"`
}

// OnboardingSkip says why a part was skipped.
type OnboardingSkip struct {
	Part   OnboardingPart `json:"part"`
	Reason string         `json:"reason"`
}

// Onboarding is how far a shop is on its way to be opened. It is never ticked: it is computed from the shop.
type Onboarding struct{ Steps []OnboardingStep }

// OnboardingStep is a part of Onboarding.
type OnboardingStep struct {
	Part    OnboardingPart
	Done    bool
	Skipped bool   // and not done
	Reason  string // of the skip
	MaySkip bool
	Missing string // what a shop can't be opened without, as a sentence; "" where nothing is
}

// Progress says how far a shop is. What it can't be opened without can't be skipped: an email and an address where
// shoppers reach it, a way to pay, a product of its own.
func (f OnboardingFacts) Progress() Onboarding {
	s := f.Settings
	steps := []OnboardingStep{
		{Part: PartBusiness, Done: s.Email != "" && s.Address.Complete(),
			Missing: "Enter the email and the complete address of your business."},
		{Part: PartBranding, Done: f.Branded, MaySkip: true},
		{Part: PartPayments, Done: f.OwnPayment, MaySkip: f.Payment,
			Missing: "Turn on a way to pay."},
		{Part: PartMarketing, Done: s.Description != "", MaySkip: true},
		{Part: PartProducts, Done: f.Products > 0, Missing: "Add a product of your own, with the status Active."},
		{Part: PartWebsite, Done: f.Customized, MaySkip: true},
	}
	for i := range steps {
		step := &steps[i]
		for _, skip := range f.Skips {
			if skip.Part == step.Part && !step.Done && step.MaySkip {
				step.Skipped, step.Reason = true, skip.Reason
			}
		}
		if step.Done || step.MaySkip {
			step.Missing = ""
		}
	}
	return Onboarding{steps}
}

// Step returns a part's step.
func (o Onboarding) Step(part OnboardingPart) (step OnboardingStep) {
	for _, s := range o.Steps {
		if s.Part == part {
			step = s
		}
	}
	return step
}

// Done returns how many parts are done.
func (o Onboarding) Done() (n int) {
	for _, s := range o.Steps {
		if s.Done {
			n++
		}
	}
	return n
}

// Settled returns how many parts are done or skipped.
func (o Onboarding) Settled() (n int) {
	for _, s := range o.Steps {
		if s.Done || s.Skipped {
			n++
		}
	}
	return n
}

// Complete reports whether every part is done or skipped.
func (o Onboarding) Complete() bool { return o.Settled() == len(o.Steps) }

// Missing returns the steps without which the shop can't be opened.
func (o Onboarding) Missing() (steps []OnboardingStep) {
	for _, s := range o.Steps {
		if s.Missing != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// Ready is nil where the shop can be opened; otherwise a Conflict with a fault for each part that is missing.
func (o Onboarding) Ready() error {
	var f Faults
	for _, s := range o.Missing() {
		f.Add(string(s.Part), "", "%s", s.Missing)
	}
	if len(f) == 0 {
		return nil
	}
	return Errorf(Conflict, "Your shop can't open yet. %s", f[0].Message).With(f...)
}

// CheckReason gives the stored form of why a part is skipped.
func CheckReason(reason string) (string, error) {
	var f Faults
	reason = f.line("reason", "The reason", reason, 2, 200)
	return reason, f.Err()
}

// FunnelStep is how far shops have come that were activated lately: how many have reached a part, and how many stand
// before it, with for how long.
type FunnelStep struct {
	Part    OnboardingPart
	Reached int
	Skipped int           // of those
	Waiting int           // shops of which it is the first part that isn't reached
	Median  time.Duration // that those have stood there
	Longest time.Duration
}

// Funnel is the onboarding of the active merchants that were activated since a moment.
type Funnel struct {
	Since     time.Time
	Merchants int
	Complete  int // have reached every part
	Live      int
	Steps     []FunnelStep
}
