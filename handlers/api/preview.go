package api

import (
	"orbit360.app/orbit"
)

// Preview is what an activation would do.
type Preview struct {
	Steps        []PlannedStep  `json:"steps" nullable:"false" doc:"The steps, in order."`
	WebsiteURL   string         `json:"websiteUrl" format:"uri"`
	DashboardURL string         `json:"dashboardUrl" format:"uri"`
	DNSRecords   []DNSRecord    `json:"dnsRecords" nullable:"false" doc:"Records to create for the custom domain."`
	Conflicts    []ProblemError `json:"conflicts" nullable:"false" doc:"Why the activation would get a 409; may be empty."`
}

// PlannedStep is one of the seven steps.
type PlannedStep struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Percent int    `json:"percent" minimum:"0" maximum:"100"`
	About   string `json:"about" doc:"What it does."`
}

// DNSRecord is one record to enter.
type DNSRecord struct {
	Type  string `json:"type" enum:"CNAME"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (a *API) preview(m orbit.Merchant, order orbit.Activation, taken []orbit.Fault) Preview {
	set := m
	set.Subdomain = order.Subdomain
	p := Preview{Steps: plannedSteps(), WebsiteURL: a.Addresses.Shop(order.Subdomain),
		DashboardURL: a.Addresses.Dashboard(set.DashboardPath()),
		DNSRecords:   []DNSRecord{}, Conflicts: []ProblemError{}}
	if order.CustomDomain != "" {
		p.DNSRecords = append(p.DNSRecords, DNSRecord{"CNAME", order.CustomDomain, order.Subdomain + "." + a.Addresses.Base})
	}
	if err := m.Activatable(); err != nil {
		p.Conflicts = append(p.Conflicts, ProblemError{Location: "path.id", Message: orbit.Sentence(err),
			Value: m.ID.String()})
	}
	for _, f := range taken {
		p.Conflicts = append(p.Conflicts, problemError(f, nil))
	}
	return p
}

func plannedSteps() []PlannedStep {
	var steps []PlannedStep
	for _, d := range orbit.StepDefinitions() {
		steps = append(steps, PlannedStep{string(d.Key), d.Name, d.Percent, d.Doing})
	}
	return steps
}
