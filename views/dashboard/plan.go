package dashboard

import (
	"time"

	"orbit360.app/orbit"
)

// PlanPath is the page of a shop's plan.
func PlanPath(m orbit.Merchant) string { return Path(m) + "/settings/plan" }

// PlanChangePath is where a plan is chosen; with a plan's slug, where the change to it is previewed.
func PlanChangePath(m orbit.Merchant, slug string) string {
	path := PlanPath(m) + "/changes/new"
	if slug != "" {
		path += "?plan=" + slug
	}
	return path
}

// StatementPath is the page of a month's statement.
func StatementPath(m orbit.Merchant, month time.Time) string {
	return PlanPath(m) + "/statements/" + month.Format("2006-01")
}

// PlanPage is a shop's plan, what is used of it, and what it comes to.
type PlanPage struct {
	orbit.PlanSheet
	Merchant   orbit.Merchant
	Statements []orbit.Statement // closed ones, newest first
}

// open reports whether the plan can be changed now.
func (p PlanPage) open() bool { return p.Merchant.Status == orbit.MerchantActive }

// PlanChoices is where a plan is chosen. Problem says why the last try was refused.
type PlanChoices struct {
	Merchant orbit.Merchant
	Current  orbit.Plan
	Plans    []orbit.Plan
	Problem  string
}

// PlanChange is a change that is previewed.
type PlanChange struct {
	orbit.PlanPreview
	Merchant orbit.Merchant
	Now      time.Time
	Problem  string
}
