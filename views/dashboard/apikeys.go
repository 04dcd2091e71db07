package dashboard

import (
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// APIKeysPath is the list of a shop's API keys.
func APIKeysPath(m orbit.Merchant) string { return Path(m) + "/settings/api-keys" }

// APIKeyPath returns a path about one of them: APIKeyPath(m, id, "/revocation").
func APIKeyPath(m orbit.Merchant, id orbit.APIKeyID, rest string) string {
	return APIKeysPath(m) + "/" + id.String() + rest
}

// APIKeys is the list of a shop's keys.
type APIKeys struct {
	Merchant orbit.Merchant
	Keys     []orbit.APIKeyRow
	Now      time.Time
}

// APIKeyForm is the form of a new key. Its id is made with the form, so that sending it twice makes one.
type APIKeyForm struct {
	Merchant orbit.Merchant
	Rights   orbit.Rights // of the member who makes it: they can give no more
	Input    orbit.ShopKeyInput
	Faults   map[string]string
}

// chosen reports whether the form has a scope.
func (f APIKeyForm) chosen(s orbit.APIScope) bool {
	return orbit.APIKey{Scopes: f.Input.Scopes}.Allows(s)
}

// areas returns those in which the member may do something.
func (f APIKeyForm) areas() (areas []orbit.ScopeArea) {
	for _, a := range orbit.ScopeAreas() {
		if !f.Rights.May(a.Read.Permission()) {
			continue
		}
		if a.Write != "" && !f.Rights.May(a.Write.Permission()) {
			a.Write = ""
		}
		areas = append(areas, a)
	}
	return areas
}

func lifetimes() (options []ui.Option) {
	for _, days := range orbit.KeyLifetimes() {
		label := "In " + strconv.Itoa(days) + " days"
		switch days {
		case 0:
			label = "Never"
		case 365:
			label = "In a year"
		}
		options = append(options, ui.Option{Value: strconv.Itoa(days), Label: label})
	}
	return options
}

// keyBadge says whether a key works.
func keyBadge(k orbit.APIKeyRow, now time.Time) ui.BadgeProps {
	switch {
	case k.Revoked():
		return ui.BadgeProps{Label: "Revoked", Icon: "ban"}
	case k.Expired(now):
		return ui.BadgeProps{Label: "Expired", Icon: "clock"}
	case k.MemberRole == "":
		return ui.BadgeProps{Label: "No access", Tone: ui.Warning}
	case len(k.Lacking()) > 0:
		return ui.BadgeProps{Label: "Limited", Tone: ui.Warning}
	}
	return ui.BadgeProps{Label: "Active", Tone: ui.Success}
}

// works reports whether a key can be revoked still.
func works(k orbit.APIKeyRow, now time.Time) bool { return !k.Revoked() && !k.Expired(now) }

// keyNote says what the badge of a key means: why a working key doesn't do all that its scopes name.
func keyNote(k orbit.APIKeyRow, now time.Time) string {
	switch {
	case !works(k, now):
		return ""
	case k.MemberRole == "":
		return k.Creator + " is no longer a member of the shop."
	case len(k.Lacking()) > 0:
		return "Its creator no longer has the permission for " + scopeWords(k.Lacking()) + "."
	}
	return ""
}

func scopeWords(scopes []orbit.APIScope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// APIKeyRevocation asks before a key ends.
func APIKeyRevocation(m orbit.Merchant, k orbit.APIKey) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "revocation", Section: "api-keys",
		Crumbs: []ui.Crumb{{Label: "API keys", Href: APIKeysPath(m)}},
		Title:  "Revoke " + k.Name + "?",
		Points: []string{"Programs that use " + k.Prefix + "… lose access at once.",
			"You can't undo this. Create a new key instead."},
		Action: APIKeyPath(m, k.ID, "/revocation"), Button: "Revoke", Kind: ui.DangerKind, Back: APIKeysPath(m)}
}
