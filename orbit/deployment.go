package orbit

import "time"

// Deployment is what a run has made, for people and programs to find.
type Deployment struct {
	MerchantID      MerchantID `bun:",pk"`
	RunID           RunID
	MerchantCode    string
	TenantNamespace string
	StoragePrefix   string
	DashboardURL    string `bun:",nullzero"`
	WebsiteURL      string `bun:",nullzero"`
	CustomDomain    string `bun:",nullzero"`
	SSLStatus       WiringStatus
	DNSStatus       WiringStatus
	UpdatedAt       time.Time
}

// WiringStatus is how far a certificate or a DNS record of a shop's address is.
type WiringStatus string

// The statuses of certificates and DNS records.
const (
	WiringNone    WiringStatus = "none"
	WiringPending WiringStatus = "pending"
	WiringActive  WiringStatus = "active"
	WiringFailed  WiringStatus = "failed"
)

// WiringStatuses returns all of them.
func WiringStatuses() Terms[WiringStatus] {
	return Terms[WiringStatus]{
		{WiringNone, "Not needed"}, {WiringPending, "Pending"}, {WiringActive, "Active"}, {WiringFailed, "Failed"},
	}
}

// Name is the status in words.
func (s WiringStatus) Name() string { return WiringStatuses().Name(s) }
