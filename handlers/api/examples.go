package api

import (
	"time"

	"orbit360.app/orbit"
)

// The examples of the documentation tell one story: Ada's electronics shop.
const (
	exampleToken    = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTk5YjBhYSJ9.c2lnbmF0dXJl"
	exampleID       = "0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d9e"
	exampleThemeID  = "0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"
	examplePlanID   = "0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d02"
	exampleOrderID  = "0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d03"
	exampleLineID   = "0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d04"
	exampleCode     = "ORB-7K3M9Q2X"
	exampleShop     = "awesome-store"
	exampleShopName = "Awesome Store"
)

func exampleTime() time.Time { return time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC) }

func must[T any](s string) orbit.ID[T] {
	parsed, err := orbit.ParseID[T](s)
	if err != nil {
		panic(err) // one of the constants above
	}
	return parsed
}

func exampleRow() orbit.Merchant {
	return orbit.Merchant{ID: must[orbit.Merchant](exampleID), Code: exampleCode, Name: exampleShopName,
		OwnerName: "Ada Okafor", Email: "ada@example.com",
		Category: "electronics", Status: orbit.MerchantActive, Subdomain: exampleShop,
		ThemeID: must[orbit.Theme](exampleThemeID), PlanID: must[orbit.Plan](examplePlanID), CreatedAt: exampleTime()}
}

func exampleMerchant(*API) Merchant {
	return merchant(orbit.MerchantSheet{Merchant: exampleRow(), ThemeSlug: "upfront-modern", ThemeName: "Upfront Modern",
		PlanSlug: "professional", PlanName: "Professional", RunStatus: orbit.RunCompleted})
}

func exampleOwnShop(a *API) Shop {
	theme, plan := orbit.DefaultThemes()[0], orbit.DefaultPlans()[1]
	theme.ID, plan.ID = must[orbit.Theme](exampleThemeID), must[orbit.Plan](examplePlanID)
	m := exampleRow()
	m.LiveAt, m.UpdatedAt = exampleTime(), exampleTime()
	facts := orbit.OnboardingFacts{Products: 1, Payment: true, Branded: true, Settings: orbit.ShopSettings{
		LegalName: "Awesome Store LLC", Email: "hello@example.com", Phone: "+1 555 010 0199",
		Address: orbit.Address{Line1: "12 Quay Street", City: "Portland", Region: "OR", Postcode: "97201",
			Country: "US"},
		Currency: "USD", Locale: "en", Timezone: "America/Los_Angeles", WeightUnit: "lb", OrderPrefix: "#",
		Description: "Good electronics, kindly explained.", Version: 3, UpdatedAt: exampleTime()}}
	return ownShop(orbit.ShopSheet{Merchant: m, Settings: facts.Settings, Theme: theme, Plan: plan,
		Usage: orbit.Usage{Products: 42, OrdersThisMonth: 118, StorageBytes: 734003200,
			BandwidthBytesThisMonth: 9663676416},
		Onboarding: facts.Progress(), Primary: exampleShop + "." + a.Addresses.Base})
}

func exampleActivation() Activation {
	domain := "shop.example.com"
	return Activation{Theme: "upfront-modern", Plan: "professional", Subdomain: exampleShop, CustomDomain: &domain,
		Category:     "electronics",
		Integrations: Integrations{MetaAds: true, Stripe: true}}
}

func exampleTheme(a *API) Theme {
	t := orbit.DefaultThemes()[0]
	t.ID, t.CreatedAt, t.UpdatedAt = must[orbit.Theme](exampleThemeID), exampleTime(), exampleTime()
	return a.theme(t)
}

func examplePlan() Plan {
	p := orbit.DefaultPlans()[1]
	p.ID, p.CreatedAt, p.UpdatedAt = must[orbit.Plan](examplePlanID), exampleTime(), exampleTime()
	return plan(p)
}

// exampleStatus is a run as it stands when an operation answers.
func exampleStatus(a *API, s orbit.RunStatus) Status {
	theme, plan := orbit.DefaultThemes()[0], orbit.DefaultPlans()[1]
	theme.ID, plan.ID = must[orbit.Theme](exampleThemeID), must[orbit.Plan](examplePlanID)
	v := orbit.RunView{Merchant: exampleRow(), Theme: theme, Plan: plan,
		Run: orbit.Run{Status: s, CurrentStep: orbit.StepConfiguration}}
	done, failed := 0, -1
	switch s {
	case orbit.RunCompleted:
		done = 7
		v.Run.CurrentStep, v.Run.CompletionPercent, v.Run.CompletedAt = orbit.StepCompletion, 100,
			exampleTime().Add(time.Second)
		v.Deployment = &orbit.Deployment{MerchantCode: exampleCode, TenantNamespace: "shop-7k3m9q2x",
			DashboardURL: a.Addresses.Dashboard("/" + exampleID),
			WebsiteURL:   a.Addresses.Shop(exampleShop), SSLStatus: "active", DNSStatus: "active"}
	case orbit.RunInProgress:
		done = 3
		v.Run.CurrentStep, v.Run.CompletionPercent, v.Run.RetryCount = orbit.StepWebsite, 40, 1
	case orbit.RunRollback:
		done, failed = 3, 3
		v.Run.CurrentStep, v.Run.CompletionPercent = orbit.StepWebsite, 40
		v.Run.ErrorLog = []orbit.RunError{{Step: orbit.StepWebsite, Message: "The website could not be published.",
			At: exampleTime()}}
	}
	if s != orbit.RunPending {
		v.Run.StartedAt = exampleTime()
	} else {
		v.Merchant.Status = orbit.MerchantActivating
	}
	for i, d := range orbit.StepDefinitions() {
		step := orbit.Step{Key: d.Key, Status: orbit.StepPending}
		if i < done {
			step.Status, step.Attempts, step.StartedAt, step.CompletedAt = orbit.StepDone, 1, exampleTime(), exampleTime()
		} else if i == failed {
			step.Status, step.Attempts, step.StartedAt, step.Error = orbit.StepFailed, 3, exampleTime(),
				v.Run.ErrorLog[0].Message
		}
		v.Run.Steps = append(v.Run.Steps, step)
	}
	return status(v)
}

func examplePreview(a *API) Preview {
	checked, err := exampleActivation().order().Check(a.Addresses.Base)
	if err != nil {
		panic(err) // a broken example
	}
	m := exampleRow()
	m.Status = orbit.MerchantPending
	return a.preview(m, checked, nil)
}
