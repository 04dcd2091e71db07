package orbit

// Integrations holds the outside services a shop is set up for.
type Integrations struct {
	MetaAds   bool `json:"metaAds"`
	Stripe    bool `json:"stripe"`
	PayPal    bool `json:"paypal"`
	Analytics bool `json:"analytics"`
}

// Has reports whether a service is on.
func (i Integrations) Has(kind IntegrationKind) bool {
	switch kind {
	case IntegrationMetaAds:
		return i.MetaAds
	case IntegrationStripe:
		return i.Stripe
	case IntegrationPayPal:
		return i.PayPal
	case IntegrationAnalytics:
		return i.Analytics
	}
	return false
}

// Names lists the services that are on, as people read them.
func (i Integrations) Names() []string {
	var names []string
	for _, k := range IntegrationKinds() {
		if i.Has(k.Value) {
			names = append(names, k.Name)
		}
	}
	return names
}

// IntegrationKind is one of the outside services.
type IntegrationKind string

// The services.
const (
	IntegrationMetaAds   IntegrationKind = "meta_ads"
	IntegrationStripe    IntegrationKind = "stripe"
	IntegrationPayPal    IntegrationKind = "paypal"
	IntegrationAnalytics IntegrationKind = "analytics"
)

// IntegrationKinds returns all services.
func IntegrationKinds() Terms[IntegrationKind] {
	return Terms[IntegrationKind]{
		{IntegrationMetaAds, "Meta Ads"}, {IntegrationStripe, "Stripe"}, {IntegrationPayPal, "PayPal"},
		{IntegrationAnalytics, "Analytics"},
	}
}

// IntegrationStatus is how far a shop's connection to a service is.
type IntegrationStatus string

// IntegrationStatuses returns all of them.
func IntegrationStatuses() Terms[IntegrationStatus] {
	return Terms[IntegrationStatus]{{"requested", "Requested"}, {"connected", "Connected"}, {"failed", "Failed"}}
}
