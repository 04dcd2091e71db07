package orbit

import (
	"strings"
	"time"
)

// Action is what a line of the audit log says was done, as it is stored: an area, a dot and a verb.
type Action string

// The actions. Each has its words in Actions.
const (
	ActionMerchantApplied     Action = "merchant.applied"
	ActionMerchantConfirmed   Action = "merchant.confirmed"
	ActionMerchantActivation  Action = "merchant.activation"
	ActionMerchantLive        Action = "merchant.live"
	ActionMerchantClosed      Action = "merchant.closed"
	ActionMerchantUpdated     Action = "merchant.updated"
	ActionMerchantSuspended   Action = "merchant.suspended"
	ActionMerchantResumed     Action = "merchant.resumed"
	ActionMerchantPlan        Action = "merchant.plan"
	ActionMerchantTheme       Action = "merchant.theme"
	ActionNoteAdded           Action = "note.added"
	ActionNoteDeleted         Action = "note.deleted"
	ActionRunCompleted        Action = "run.completed"
	ActionRunFailed           Action = "run.failed"
	ActionRunRetried          Action = "run.retried"
	ActionRunRolledBack       Action = "run.rolled_back"
	ActionRunUndone           Action = "run.undone"
	ActionPartSkipped         Action = "onboarding.skipped"
	ActionPartResumed         Action = "onboarding.resumed"
	ActionBrandChanged        Action = "branding.changed"
	ActionPaymentUpdated      Action = "payment.updated"
	ActionSamplesDeleted      Action = "product.samples_deleted"
	ActionSessionCreated      Action = "session.created"
	ActionSessionRefused      Action = "session.refused"
	ActionTokenCreated        Action = "token.created"
	ActionPasswordLink        Action = "password.link"
	ActionPasswordRefused     Action = "password.refused"
	ActionPasswordSet         Action = "password.set"
	ActionSessionEnded        Action = "session.ended"
	ActionTwoStepOn           Action = "twostep.on"
	ActionTwoStepOff          Action = "twostep.off"
	ActionTwoStepReset        Action = "twostep.reset"
	ActionRecoveryReplaced    Action = "twostep.codes"
	ActionRecoveryUsed        Action = "twostep.recovered"
	ActionAccountRenamed      Action = "account.renamed"
	ActionStaffInvited        Action = "staff.invited"
	ActionStaffResent         Action = "staff.resent"
	ActionStaffRevoked        Action = "staff.revoked"
	ActionStaffJoined         Action = "staff.joined"
	ActionStaffPermitted      Action = "staff.permitted"
	ActionStaffRemoved        Action = "staff.removed"
	ActionStaffLeft           Action = "staff.left"
	ActionStaffOwner          Action = "staff.owner"
	ActionStaffTwoStep        Action = "staff.twostep"
	ActionThrottleHit         Action = "throttle.hit"
	ActionAdminCreated        Action = "admin.created"
	ActionAPIKeyCreated       Action = "apikey.created"
	ActionAPIKeyRevoked       Action = "apikey.revoked"
	ActionThemeCreated        Action = "theme.created"
	ActionThemeUpdated        Action = "theme.updated"
	ActionThemeDeleted        Action = "theme.deleted"
	ActionPlanCreated         Action = "plan.created"
	ActionPlanUpdated         Action = "plan.updated"
	ActionPlanDeleted         Action = "plan.deleted"
	ActionDefaultsSeeded      Action = "defaults.seeded"
	ActionProductCreated      Action = "product.created"
	ActionProductUpdated      Action = "product.updated"
	ActionProductDeleted      Action = "product.deleted"
	ActionProductsEdited      Action = "product.bulk_edited"
	ActionProductsImported    Action = "product.imported"
	ActionOperationUndone     Action = "product.undone"
	ActionInventoryAdjusted   Action = "product.adjusted"
	ActionImageAdded          Action = "image.added"
	ActionImageDescribed      Action = "image.described"
	ActionImageMoved          Action = "image.moved"
	ActionImageDeleted        Action = "image.deleted"
	ActionReleasePublished    Action = "release.published"
	ActionReleaseRolledBack   Action = "release.rolled_back"
	ActionReleaseScheduled    Action = "release.scheduled"
	ActionReleaseRescheduled  Action = "release.rescheduled"
	ActionReleaseUnscheduled  Action = "release.unscheduled"
	ActionPreviewShared       Action = "preview.shared"
	ActionPreviewRevoked      Action = "preview.revoked"
	ActionOrderPaid           Action = "order.paid"
	ActionOrderFulfilled      Action = "order.fulfilled"
	ActionOrderRefunded       Action = "order.refunded"
	ActionOrderCanceled       Action = "order.cancelled"
	ActionOrderNoted          Action = "order.noted"
	ActionOrderEmailed        Action = "order.emailed"
	ActionProviderConnected   Action = "payment.connected"
	ActionPaymentActivated    Action = "payment.activated"
	ActionPaymentDeactivated  Action = "payment.deactivated"
	ActionShippingSaved       Action = "shipping.saved"
	ActionShippingDeleted     Action = "shipping.deleted"
	ActionTaxSaved            Action = "tax.saved"
	ActionTaxDeleted          Action = "tax.deleted"
	ActionDiscountCreated     Action = "discount.created"
	ActionDiscountUpdated     Action = "discount.updated"
	ActionDiscountActivated   Action = "discount.activated"
	ActionDiscountDeactivated Action = "discount.deactivated"
	ActionDiscountDeleted     Action = "discount.deleted"
	ActionCustomerCreated     Action = "customer.created"
	ActionCustomerUpdated     Action = "customer.updated"
	ActionCustomerMerged      Action = "customer.merged"
	ActionCustomerErased      Action = "customer.erased"
	ActionWebhookCreated      Action = "webhook.created"
	ActionWebhookUpdated      Action = "webhook.updated"
	ActionWebhookRotated      Action = "webhook.rotated"
	ActionWebhookEnabled      Action = "webhook.enabled"
	ActionWebhookDisabled     Action = "webhook.disabled"
	ActionWebhookDeleted      Action = "webhook.deleted"
	ActionWebhookReplayed     Action = "webhook.replayed"
	ActionWebhookPinged       Action = "webhook.pinged"
	ActionJobsChanged         Action = "jobs.changed"
	ActionVisitOpened         Action = "support.opened"
	ActionVisitStopped        Action = "support.stopped"
)

// ActionDefinition is an action with its words, which stand before what it was done to.
type ActionDefinition struct {
	Action Action
	Words  string
}

// Actions returns all actions there are.
func Actions() []ActionDefinition {
	return []ActionDefinition{
		{ActionMerchantApplied, "Applied for a shop"},
		{ActionMerchantConfirmed, "Confirmed the email address"},
		{ActionMerchantActivation, "Activated the merchant"},
		{ActionMerchantLive, "Opened the shop"},
		{ActionMerchantClosed, "Closed the shop"},
		{ActionMerchantUpdated, "Changed the shop's settings"},
		{ActionMerchantSuspended, "Suspended the merchant"},
		{ActionMerchantResumed, "Resumed the merchant"},
		{ActionMerchantPlan, "Changed the plan to"},
		{ActionMerchantTheme, "Changed the theme to"},
		{ActionNoteAdded, "Added a note"},
		{ActionNoteDeleted, "Deleted a note"},
		{ActionRunCompleted, "Completed the run"},
		{ActionRunFailed, "Run failed"},
		{ActionRunRetried, "Retried the run"},
		{ActionRunRolledBack, "Started rolling back the run"},
		{ActionRunUndone, "Rolled back the run"},
		{ActionPartSkipped, "Skipped the setup part"},
		{ActionPartResumed, "Resumed the setup part"},
		{ActionBrandChanged, "Changed the branding"},
		{ActionPaymentUpdated, "Changed the payment method"},
		{ActionSamplesDeleted, "Deleted the sample products"},
		{ActionSessionCreated, "Signed in"},
		{ActionSessionRefused, "Failed to sign in"},
		{ActionTokenCreated, "Signed in to the API"},
		{ActionPasswordLink, "Requested a password link for"},
		{ActionPasswordRefused, "Requested too many password links for"},
		{ActionPasswordSet, "Set a password"},
		{ActionSessionEnded, "Signed out"},
		{ActionTwoStepOn, "Turned on two-step sign-in"},
		{ActionTwoStepOff, "Turned off two-step sign-in"},
		{ActionTwoStepReset, "Reset two-step sign-in of"},
		{ActionRecoveryReplaced, "Created new recovery codes"},
		{ActionRecoveryUsed, "Signed in with a recovery code"},
		{ActionAccountRenamed, "Changed their name"},
		{ActionStaffInvited, "Invited"},
		{ActionStaffResent, "Resent the invitation of"},
		{ActionStaffRevoked, "Revoked the invitation of"},
		{ActionStaffJoined, "Joined the shop"},
		{ActionStaffPermitted, "Changed the permissions of"},
		{ActionStaffRemoved, "Removed"},
		{ActionStaffLeft, "Left the shop"},
		{ActionStaffOwner, "Transferred the ownership to"},
		{ActionStaffTwoStep, "Changed whether staff need two-step sign-in"},
		{ActionThrottleHit, "Exceeded the rate limit for"},
		{ActionAdminCreated, "Became the first admin"},
		{ActionShippingSaved, "Saved the shipping zone"},
		{ActionShippingDeleted, "Deleted the shipping zone"},
		{ActionTaxSaved, "Saved tax rates of"},
		{ActionTaxDeleted, "Deleted a tax rate of"},
		{ActionAPIKeyCreated, "Created the API key"},
		{ActionAPIKeyRevoked, "Revoked the API key"},
		{ActionThemeCreated, "Created the theme"},
		{ActionThemeUpdated, "Updated the theme"},
		{ActionThemeDeleted, "Deleted the theme"},
		{ActionPlanCreated, "Created the plan"},
		{ActionPlanUpdated, "Updated the plan"},
		{ActionPlanDeleted, "Deleted the plan"},
		{ActionDefaultsSeeded, "Created the default themes and plans"},
		{ActionProductCreated, "Created the product"},
		{ActionProductUpdated, "Updated the product"},
		{ActionProductDeleted, "Deleted the product"},
		{ActionProductsEdited, "Edited at once"},
		{ActionProductsImported, "Imported"},
		{ActionOperationUndone, "Undid the change of"},
		{ActionInventoryAdjusted, "Adjusted inventory"},
		{ActionImageAdded, "Added the image"},
		{ActionImageDescribed, "Changed the alternative text of the image"},
		{ActionImageMoved, "Moved the image"},
		{ActionImageDeleted, "Deleted the image"},
		{ActionReleasePublished, "Published the theme"},
		{ActionReleaseRolledBack, "Restored an earlier version"},
		{ActionReleaseScheduled, "Scheduled a version of the theme"},
		{ActionReleaseRescheduled, "Moved the scheduled version to another time"},
		{ActionReleaseUnscheduled, "Canceled the scheduled version"},
		{ActionPreviewShared, "Shared a preview of the theme"},
		{ActionPreviewRevoked, "Revoked a shared preview of the theme"},
		{ActionOrderPaid, "Marked the order as paid"},
		{ActionOrderFulfilled, "Fulfilled items of the order"},
		{ActionOrderRefunded, "Refunded the order"},
		{ActionOrderCanceled, "Canceled the order"},
		{ActionOrderNoted, "Added a note to the order"},
		{ActionOrderEmailed, "Resent the confirmation of the order"},
		{ActionProviderConnected, "Saved the credentials of"},
		{ActionPaymentActivated, "Activated the payment method"},
		{ActionPaymentDeactivated, "Deactivated the payment method"},
		{ActionDiscountCreated, "Created the discount"},
		{ActionDiscountUpdated, "Updated the discount"},
		{ActionDiscountActivated, "Activated the discount"},
		{ActionDiscountDeactivated, "Deactivated the discount"},
		{ActionDiscountDeleted, "Deleted the discount"},
		{ActionCustomerCreated, "Added a customer"},
		{ActionCustomerUpdated, "Updated a customer"},
		{ActionCustomerMerged, "Merged two customers"},
		{ActionCustomerErased, "Erased a customer"},
		{ActionWebhookCreated, "Created the webhook"},
		{ActionWebhookUpdated, "Updated the webhook"},
		{ActionWebhookRotated, "Rotated the signing secret of the webhook"},
		{ActionWebhookEnabled, "Activated the webhook"},
		{ActionWebhookDisabled, "Deactivated the webhook"},
		{ActionWebhookDeleted, "Deleted the webhook"},
		{ActionWebhookReplayed, "Resent a delivery to"},
		{ActionWebhookPinged, "Sent a test event to"},
		{ActionJobsChanged, "Changed jobs by hand"},
		{ActionVisitOpened, "Viewed the dashboard as support"},
		{ActionVisitStopped, "Stopped viewing the dashboard as support"},
	}
}

// Words returns what people read of an action. One that an earlier version wrote is "Other activity".
func (a Action) Words() string {
	for _, d := range Actions() {
		if d.Action == a {
			return d.Words
		}
	}
	return "Other activity"
}

// Said is the words with what it was done to: "Created the product Mug", "Marked order #1001 as paid".
func (a Action) Said(target string) string {
	switch {
	case a == ActionOrderPaid:
		return "Marked order " + target + " as paid"
	case a == ActionOrderFulfilled:
		return "Fulfilled items of order " + target
	case target == "" || a == ActionMerchantUpdated:
		return a.Words()
	case a == ActionSessionCreated:
		return "Signed in to the " + target
	case a == ActionSessionRefused:
		return "Failed to sign in as " + target
	}
	return a.Words() + " " + target
}

// Area returns what the action is about: what stands before the dot.
func (a Action) Area() string {
	area, _, _ := strings.Cut(string(a), ".")
	return area
}

// Actor is who does something, for the audit log.
type Actor struct {
	ID      UserID
	Name    string  // email address of a person, "system", "public"
	Address string  // where the request came from
	Visit   VisitID // of an admin who acts as support in a merchant's shop; zero otherwise
}

// System is the platform itself.
var System = Actor{Name: "system"}

// Details holds a few values worth keeping beside a line of the audit log. Never secrets.
type Details map[string]any

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	ID         int64 `bun:",pk,autoincrement"`
	At         time.Time
	ActorID    UserID `bun:",nullzero"`
	Actor      string
	Action     Action
	MerchantID MerchantID `bun:",nullzero"`
	Target     string
	Detail     Details `bun:"type:jsonb"`
	Address    string
}

// AuditLine is one line of the audit log with who did it.
type AuditLine struct {
	AuditEntry `bun:",extend"`
	Person     string // the name of who did it; "" for the platform itself, strangers and people who are gone
}

// By names who did it, and the email address that was recorded; where there is no name, it is what was recorded alone.
func (l AuditLine) By() (name, email string) {
	switch l.Actor {
	case System.Name:
		return "System", ""
	case "public":
		return "Public", ""
	}
	if l.Person == "" {
		return l.Actor, ""
	}
	if email, key, ok := strings.Cut(l.Actor, " (key "); ok {
		return l.Person + " (API key " + key, email
	}
	return l.Person, l.Actor
}
