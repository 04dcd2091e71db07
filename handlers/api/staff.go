package api

import (
	"context"
	"net/http"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// StaffMember is somebody who works in a shop, or is invited to.
type StaffMember struct {
	ID          string     `json:"id" format:"uuid" doc:"Of the membership; accepting an invitation makes another."`
	Email       string     `json:"email"`
	Name        string     `json:"name" doc:"Empty until the invitation is accepted."`
	Role        string     `json:"role" enum:"owner,staff"`
	Permissions []string   `json:"permissions" nullable:"false" doc:"All of them for the owner, who may do everything."`
	Status      string     `json:"status" enum:"invited,active"`
	TwoStep     bool       `json:"twoStep" doc:"Signing in takes a code too."`
	LastSeenAt  *time.Time `json:"lastSeenAt" doc:"In the shop's dashboard, to about an hour; null for never."`
	ExpiresAt   *time.Time `json:"expiresAt" doc:"When the link of the invitation expires; null for members."`
	Version     int        `json:"version" doc:"Counts changes; for If-Match."`
	CreatedAt   time.Time  `json:"createdAt"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

// NewStaff is an invitation.
type NewStaff struct {
	Email       string   `json:"email" format:"email" maxLength:"254"`
	Role        string   `json:"role,omitempty" doc:"staff, which it is if left out. The owner stays the owner."`
	Permissions []string `json:"permissions" minItems:"1" doc:"What they may do: see Permissions in the dashboard."`
}

// StaffChange is a merge patch.
type StaffChange struct {
	Role        Change[string]   `json:"role,omitempty" doc:"The ownership is transferred in the dashboard alone."`
	Permissions Change[[]string] `json:"permissions,omitempty"`
}

type (
	// StaffParams names a member or an invitation.
	StaffParams struct {
		ID string `path:"id" doc:"The member's or the invitation's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	newStaffInput   struct{ Body content[NewStaff] }
	patchStaffInput struct {
		StaffParams
		MatchParams
		Body content[StaffChange]
	}
	staffOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body StaffMember
	}
	staffListInput  struct{ ListParams }
	staffListOutput struct{ Body page[StaffMember] }
)

func (a *API) staffRoutes() {
	answer := exampleStaff()
	registerShop(a, operation{method: http.MethodGet, path: "/staff", id: "listStaff", tag: tagShop,
		scope: orbit.ScopeStaffRead, status: 200, errors: []int{422}, summary: "List staff",
		about:  "Everybody who works in the shop, and open and expired invitations, the oldest first.",
		answer: page[StaffMember]{Items: []StaffMember{answer}}}, a.listStaff)
	registerShop(a, operation{method: http.MethodPost, path: "/staff", id: "inviteStaff", tag: tagShop,
		scope: orbit.ScopeStaffWrite, status: 201, errors: []int{409}, summary: "Invite staff",
		about: "Sends an email with a link that works once, for a week. 409 beyond 50 members and invitations; 20 " +
			"invitations a day.",
		body: NewStaff{Email: "eve@example.com", Role: "staff",
			Permissions: []string{"orders", "products"}},
		answer: answer}, a.inviteStaff)
	registerShop(a, operation{method: http.MethodGet, path: "/staff/{id}", id: "getStaff", tag: tagShop,
		scope: orbit.ScopeStaffRead, status: 200, summary: "Read a member of the staff",
		about: "A member, or an invitation.", answer: answer}, a.getStaff)
	registerShop(a, operation{method: http.MethodPatch, path: "/staff/{id}", id: "updateStaff", tag: tagShop,
		scope: orbit.ScopeStaffWrite, status: 200, errors: []int{409}, summary: "Update a member of the staff",
		about: "Changes what somebody may do, at once. 409 for the owner, who may do everything. The ownership is " +
			"transferred in the dashboard, which asks for the password.",
		body: map[string]any{"permissions": []string{"orders"}}, answer: answer}, a.updateStaff)
	registerShop(a, operation{method: http.MethodDelete, path: "/staff/{id}", id: "deleteStaff", tag: tagShop,
		scope: orbit.ScopeStaffWrite, status: 204, errors: []int{409}, summary: "Remove a member of the staff",
		about: "Ends a membership at once, or revokes an invitation. 409 for the owner."}, a.deleteStaff)
}

func exampleStaff() StaffMember {
	return StaffMember{ID: exampleThemeID, Email: "eve@example.com", Name: "Eve Adams", Role: string(orbit.MemberStaff),
		Permissions: []string{"orders", "products"}, Status: "active", Version: 1, CreatedAt: exampleTime(),
		UpdatedAt: exampleTime()}
}

func memberView(m orbit.StaffMember) StaffMember {
	v := StaffMember{ID: m.UserID.String(), Email: m.Email, Name: m.Name, Role: string(m.MemberRole),
		Permissions: permissionTexts(m.Permissions), Status: "active", TwoStep: m.TwoStep, Version: m.Version,
		CreatedAt: m.CreatedAt.UTC(), UpdatedAt: m.UpdatedAt.UTC()}
	if m.Owner() {
		v.Permissions = permissionTexts(orbit.Permissions().Values())
	}
	if !m.SeenAt.IsZero() {
		at := m.SeenAt.UTC()
		v.LastSeenAt = &at
	}
	return v
}

func invitationView(i orbit.Invitation) StaffMember {
	ends := i.ExpiresAt.UTC()
	return StaffMember{ID: i.ID.String(), Email: i.Email, Role: string(orbit.MemberStaff),
		Permissions: permissionTexts(i.Permissions), Status: "invited", ExpiresAt: &ends, Version: i.Version,
		CreatedAt: i.CreatedAt.UTC(), UpdatedAt: i.UpdatedAt.UTC()}
}

func permissionTexts(list []orbit.Permission) []string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = string(p)
	}
	return texts
}

func staffAnswer(v StaffMember, err error) (*staffOutput, error) {
	return &staffOutput{etag(v.Version), v}, err
}

// staffBy returns a member or an invitation by its id.
func staffBy(ctx context.Context, t *shop.Tenant, key string) (StaffMember, error) {
	user, err := id[orbit.User](key)
	if err != nil {
		return StaffMember{}, err
	}
	m, err := t.StaffMember(ctx, user)
	if orbit.CodeOf(err) != orbit.NotFound {
		return memberView(m), err
	}
	i, err := t.Invitation(ctx, orbit.InvitationID(user))
	return invitationView(i), err
}

func (a *API) listStaff(ctx context.Context, d desk, in *staffListInput) (*staffListOutput, error) {
	var all []StaffMember
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		s, err := t.Staff(ctx)
		for _, m := range s.Members {
			all = append(all, memberView(m))
		}
		for _, i := range s.Invitations {
			all = append(all, invitationView(i))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := whole(a.tokens, "staff", in.ListParams, all, func(v StaffMember) store.After {
		return store.After{Time: v.CreatedAt, ID: v.ID}
	})
	return &staffListOutput{p}, err
}

func (a *API) getStaff(ctx context.Context, d desk, in *StaffParams) (*staffOutput, error) {
	var v StaffMember
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		v, err = staffBy(ctx, t, in.ID)
		return err
	})
	return staffAnswer(v, err)
}

func (a *API) inviteStaff(ctx context.Context, d desk, _ *newStaffInput) (*staffOutput, error) {
	body, r := read[NewStaff](d.call)
	var f orbit.Faults
	email, err := orbit.ParseEmail(body.Email)
	if err == nil {
		err = a.CheckEmail(ctx, email)
	}
	if err != nil {
		f.Add("email", body.Email, "%s", orbit.Sentence(err))
	}
	if body.Role != "" && body.Role != string(orbit.MemberStaff) {
		f.Add("role", body.Role, "Invite people as staff. The owner can transfer the ownership in the dashboard.")
	}
	permissions, err := orbit.CheckPermissions(body.Permissions)
	f = append(f, orbit.FaultsOf(err)...)
	if err := r.with(f.Err()); err != nil {
		return nil, err
	}
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) error { return t.Invitable(ctx, email) })
	if err == nil {
		err = a.CountInvitation(ctx, d.Merchant.ID)
	}
	if err != nil {
		return nil, err
	}
	var v StaffMember
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		i, err := e.Invite(ctx, email, permissions, a.InvitationEmail(d.caller.User.Name))
		if err == nil {
			v, err = staffBy(ctx, e.Tenant, i.ID.String())
		}
		return err
	})
	return staffAnswer(v, r.with(err))
}

func (a *API) updateStaff(ctx context.Context, d desk, in *patchStaffInput) (*staffOutput, error) {
	body, r := read[StaffChange](d.call)
	var v StaffMember
	err := d.change(ctx, func(ctx context.Context, e *shop.Edit) (err error) {
		if v, err = staffBy(ctx, e.Tenant, in.ID); err == nil {
			err = d.match(v.Version)
		}
		if err != nil {
			return err
		}
		if body.Role.Sent && body.Role.Value != v.Role {
			r.wrong.Add("role", body.Role.Value, "The ownership is transferred in the dashboard, which asks for the password.")
		}
		permissions, err := orbit.CheckPermissions(body.Permissions.Value)
		if err = r.with(faultsIf(body.Permissions.Sent, err)); err != nil || !body.Permissions.Sent {
			return err
		}
		user, _ := id[orbit.User](v.ID) // it was found by it
		if v.Status == "active" {
			err = e.SetPermissions(ctx, user, permissions)
		} else {
			err = e.InvitePermissions(ctx, orbit.InvitationID(user), permissions)
		}
		if err == nil {
			v, err = staffBy(ctx, e.Tenant, in.ID)
		}
		return err
	})
	return staffAnswer(v, err)
}

// faultsIf returns the faults of a field that was sent.
func faultsIf(sent bool, err error) error {
	if !sent {
		return nil
	}
	return err
}

func (a *API) deleteStaff(ctx context.Context, d desk, in *StaffParams) (*noContent, error) {
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		v, err := staffBy(ctx, e.Tenant, in.ID)
		if err != nil {
			return err
		}
		user, _ := id[orbit.User](v.ID) // it was found by it
		if v.Status == "active" {
			return e.RemoveMember(ctx, user)
		}
		return e.RevokeInvitation(ctx, orbit.InvitationID(user))
	})
}
