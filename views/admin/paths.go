package admin

import "orbit360.app/orbit"

// Paths of the admin panel. Its routes are made of them, and its pages link to nothing else.
const (
	MerchantsPath  = "/merchants"
	ThemesPath     = "/themes"
	PlansPath      = "/plans"
	WebhooksPath   = "/webhooks"
	APIKeysPath    = "/api-keys"
	EmailsPath     = "/emails"
	AuditPath      = "/audit"
	OperationsPath = "/operations"
	JobsPath       = "/jobs" // River's own pages
)

// MerchantPath returns a path about one merchant: MerchantPath(id, "/provisioning").
func MerchantPath(id orbit.MerchantID, rest string) string {
	return MerchantsPath + "/" + id.String() + rest
}

// RunPath returns the path of a run's timeline.
func RunPath(merchant orbit.MerchantID, run orbit.RunID) string {
	return MerchantPath(merchant, "/runs/"+run.String())
}

// ThemePath returns a path about one theme: ThemePath(id, "/deletion/new").
func ThemePath(id orbit.ThemeID, rest string) string { return ThemesPath + "/" + id.String() + rest }

// PlanPath returns a path about one plan: PlanPath(id, "/impact").
func PlanPath(id orbit.PlanID, rest string) string { return PlansPath + "/" + id.String() + rest }

// APIKeyPath returns a path about one API key: APIKeyPath(id, "/revocation").
func APIKeyPath(id orbit.APIKeyID, rest string) string { return APIKeysPath + "/" + id.String() + rest }

// EmailPath returns a path about one email: EmailPath(id, "/html").
func EmailPath(id orbit.EmailID, rest string) string { return EmailsPath + "/" + id.String() + rest }
