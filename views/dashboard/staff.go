package dashboard

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// StaffPage is everybody who works in a shop.
type StaffPage struct {
	Merchant orbit.Merchant
	Me       orbit.User
	Now      time.Time
	Staff    orbit.Staff
	Error    string // why the last form was refused
}

// StaffPath is the page of a shop's staff, or one under it.
func StaffPath(m orbit.Merchant, rest string) string { return Path(m) + "/settings/staff" + rest }

func memberPath(m orbit.Merchant, of orbit.StaffMember, rest string) string {
	return StaffPath(m, "/"+of.UserID.String()+rest)
}

func invitationPath(m orbit.Merchant, i orbit.Invitation, rest string) string {
	return StaffPath(m, "/invitations/"+i.ID.String()+rest)
}

// permissionWords names permissions in a line.
func permissionWords(list []orbit.Permission) string {
	if len(list) == len(orbit.Permissions()) {
		return "Everything but plan and staff"
	}
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = orbit.Permissions().Name(p)
	}
	return strings.Join(words, ", ")
}

// opens is the attributes of a link that opens a dialog, named after what it is about.
func opens(url, label string) templ.Attributes {
	attrs := ui.OpensDialog(url)
	attrs["aria-label"] = label
	return attrs
}

// StaffForm is a form about staff: an invitation, permissions, or a transfer of the ownership.
type StaffForm struct {
	Merchant orbit.Merchant
	ID       string
	Title    string
	Lead     string
	Action   string
	Button   string
	Danger   bool
	Page     bool

	Invites bool   // asks for the email address
	Email   string // as it was typed
	Permits bool   // asks for permissions
	Chosen  []string
	Members []ui.Option // among them the new owner is chosen; none asks for none
	To      string

	Faults map[string]string
	Error  string
}

func (p StaffForm) chosen(may orbit.Permission) bool { return slices.Contains(p.Chosen, string(may)) }

func (p StaffForm) kind() ui.Kind {
	if p.Danger {
		return ui.DangerKind
	}
	return ui.Primary
}

func values(list []orbit.Permission) []string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = string(p)
	}
	return texts
}

// Invite returns the form of an invitation.
func Invite(m orbit.Merchant) StaffForm {
	return StaffForm{ID: "invite", Title: "Invite staff", Action: StaffPath(m, "/invitations"), Button: "Send invitation",
		Lead: "They get an email with a link that works once, for a week.", Invites: true, Permits: true}
}

// EditInvitation returns the form of an invited person's permissions.
func EditInvitation(m orbit.Merchant, i orbit.Invitation) StaffForm {
	return StaffForm{ID: "permissions", Title: "Permissions", Lead: "What " + i.Email + " may do after accepting.",
		Action: invitationPath(m, i, "/permissions"), Button: "Save", Permits: true, Chosen: values(i.Permissions)}
}

// EditPermissions returns the form of a member's permissions.
func EditPermissions(m orbit.Merchant, of orbit.StaffMember) StaffForm {
	return StaffForm{ID: "permissions", Title: "Permissions",
		Lead:   "What " + of.Name + " may do. Changes apply immediately.",
		Action: memberPath(m, of, "/permissions"), Button: "Save", Permits: true, Chosen: values(of.Permissions)}
}

// TransferOwnership returns the form of a transfer to one of the staff.
func TransferOwnership(m orbit.Merchant, members []orbit.StaffMember) StaffForm {
	f := StaffForm{ID: "ownership", Title: "Transfer ownership", Action: StaffPath(m, "/ownership"),
		Button: "Transfer ownership", Danger: true, Members: []ui.Option{},
		Lead: "The new owner can do everything, and you become staff with every permission. Only they can undo it."}
	for _, one := range members {
		if !one.Owner() {
			f.Members = append(f.Members, ui.Option{Value: one.UserID.String(), Label: one.Name + " (" + one.Email + ")"})
		}
	}
	return f
}

func staffCrumbs(m orbit.Merchant) []ui.Crumb {
	return []ui.Crumb{{Label: "Staff", Href: StaffPath(m, "")}}
}

// RemoveMember asks before a member is removed.
func RemoveMember(m orbit.Merchant, of orbit.StaffMember) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "remove", Title: "Remove " + of.Name + "?", Button: "Remove", Kind: ui.DangerKind,
		Message: ui.Text(of.Name + " (" + of.Email + ") loses access to this shop immediately."),
		Points: []string{"What they did stays, and so does their name in the activity log.",
			"API keys that they created here stop working.", "Their account and their other shops stay."},
		Action: memberPath(m, of, "/removal"), Back: StaffPath(m, ""), Section: "staff", Crumbs: staffCrumbs(m)}
}

// RevokeInvitation asks before an invitation is revoked.
func RevokeInvitation(m orbit.Merchant, i orbit.Invitation) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "revoke", Title: "Revoke this invitation?", Button: "Revoke invitation",
		Kind: ui.DangerKind, Message: ui.Text("The link that was sent to " + i.Email + " stops working."),
		Action: invitationPath(m, i, "/revocation"), Back: StaffPath(m, ""), Section: "staff", Crumbs: staffCrumbs(m)}
}

// Leave asks somebody before they leave a shop.
func Leave(m orbit.Merchant, me orbit.User) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "leave", Title: "Leave " + m.Name + "?", Button: "Leave shop", Kind: ui.DangerKind,
		Message: leaving(m, me), Action: Path(m) + "/leaving", Back: "/"}
}
