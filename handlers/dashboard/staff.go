package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

func (r routes) staffRoutes() []route {
	const may = orbit.PermissionOwner
	return []route{
		get("/settings/staff", may, r.showStaff),
		get("/settings/staff/invitations/new", may, r.newInvitation),
		post("/settings/staff/invitations", may, r.createInvitation),
		get("/settings/staff/invitations/:invitation/permissions", may, r.editInvitation),
		post("/settings/staff/invitations/:invitation/permissions", may, r.updateInvitation),
		post("/settings/staff/invitations/:invitation/resend", may, r.resendInvitation),
		get("/settings/staff/invitations/:invitation/revocation/new", may, r.newInvitationRevocation),
		post("/settings/staff/invitations/:invitation/revocation", may, r.createInvitationRevocation),
		post("/settings/staff/two-step", may, r.updateTwoStepRequired),
		get("/settings/staff/ownership/new", may, r.newOwnership),
		post("/settings/staff/ownership", may, r.createOwnership),
		get("/settings/staff/:member/permissions", may, r.editPermissions),
		post("/settings/staff/:member/permissions", may, r.updatePermissions),
		get("/settings/staff/:member/removal/new", may, r.newRemoval),
		post("/settings/staff/:member/removal", may, r.createRemoval),
		get("/settings/activity", orbit.PermissionSettings, r.showActivity),
		get("/leaving/new", orbit.PermissionMember, r.newLeaving),
		post("/leaving", orbit.PermissionMember, r.createLeaving),
	}
}

// staffPage reads everybody who works in the shop.
func (r routes) staffPage(c *fiber.Ctx, d desk) (p dashboard.StaffPage, err error) {
	p = dashboard.StaffPage{Merchant: d.Merchant, Me: kit.User(c), Now: time.Now()}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { p.Staff, err = t.Staff(ctx); return err })
	return p, err
}

func (r routes) showStaff(c *fiber.Ctx, d desk) error {
	p, err := r.staffPage(c, d)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Staff(d.frame(), p))
}

// dialog answers with a form: alone where scripts want the dialog, else on a page of its own.
func (r routes) dialog(c *fiber.Ctx, d desk, status int, p dashboard.StaffForm) error {
	p.Merchant = d.Merchant
	if kit.InDialog(c) {
		return r.Render(c, status, dashboard.StaffDialog(p))
	}
	p.Page = true
	return r.Render(c, status, dashboard.StaffFormPage(d.frame(), p))
}

func (r routes) newInvitation(c *fiber.Ctx, d desk) error {
	return r.dialog(c, d, fiber.StatusOK, dashboard.Invite(d.Merchant))
}

func (r routes) createInvitation(c *fiber.Ctx, d desk) error {
	form := dashboard.Invite(d.Merchant)
	form.Email, form.Chosen = orbit.FindEmail(c.FormValue("email")), kit.Form(c)["permissions"]
	var f orbit.Faults
	email, err := orbit.ParseEmail(form.Email)
	if err == nil {
		err = r.CheckEmail(c.UserContext(), email)
	}
	if err != nil {
		f.Add("email", form.Email, "%s", orbit.Sentence(err))
	}
	permissions, err := orbit.CheckPermissions(form.Chosen)
	f = append(f, orbit.FaultsOf(err)...)
	if err = f.Err(); err == nil {
		err = d.read(c, func(ctx context.Context, t *shop.Tenant) error { return t.Invitable(ctx, email) })
	}
	if err == nil {
		err = r.CountInvitation(c.UserContext(), d.Merchant.ID)
	}
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			_, err := e.Invite(ctx, email, permissions, r.InvitationEmail(kit.User(c).Name))
			return err
		})
	}
	if err != nil {
		return r.again(c, d, form, err)
	}
	r.Toast(c, "Invitation sent to "+email+".")
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

// again answers with a form and what is wrong with it. Other errors are returned.
func (r routes) again(c *fiber.Ctx, d desk, form dashboard.StaffForm, err error) error {
	code := orbit.CodeOf(err)
	if !kit.Refuses(err) && code != orbit.TooMany {
		return err
	}
	kit.SetRetryAfter(c, err)
	form.Faults = kit.Faults(err)
	if len(form.Faults) == 0 {
		form.Error = orbit.Sentence(err)
	}
	return r.dialog(c, d, kit.Refused(c, err), form)
}

func (r routes) resendInvitation(c *fiber.Ctx, d desk) error {
	invitation, err := id[orbit.Invitation](c, "invitation")
	if err == nil {
		err = r.CountInvitation(c.UserContext(), d.Merchant.ID)
	}
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			return e.ResendInvitation(ctx, invitation, r.InvitationEmail(kit.User(c).Name))
		})
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Invitation sent again. Earlier links no longer work.")
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

// invited returns the path's invitation.
func (r routes) invited(c *fiber.Ctx, d desk) (i orbit.Invitation, err error) {
	invitation, err := id[orbit.Invitation](c, "invitation")
	if err != nil {
		return i, err
	}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		i, err = t.Invitation(ctx, invitation)
		return err
	})
	return i, err
}

func (r routes) editInvitation(c *fiber.Ctx, d desk) error {
	i, err := r.invited(c, d)
	if err != nil {
		return err
	}
	return r.dialog(c, d, fiber.StatusOK, dashboard.EditInvitation(d.Merchant, i))
}

func (r routes) updateInvitation(c *fiber.Ctx, d desk) error {
	i, err := r.invited(c, d)
	if err != nil {
		return err
	}
	form := dashboard.EditInvitation(d.Merchant, i)
	form.Chosen = kit.Form(c)["permissions"]
	permissions, err := orbit.CheckPermissions(form.Chosen)
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			return e.InvitePermissions(ctx, i.ID, permissions)
		})
	}
	if err != nil {
		return r.again(c, d, form, err)
	}
	r.Toast(c, "Permissions saved.")
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

func (r routes) newInvitationRevocation(c *fiber.Ctx, d desk) error {
	i, err := r.invited(c, d)
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.RevokeInvitation(d.Merchant, i))
}

func (r routes) createInvitationRevocation(c *fiber.Ctx, d desk) error {
	invitation, err := id[orbit.Invitation](c, "invitation")
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RevokeInvitation(ctx, invitation) })
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Invitation revoked.")
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

// member returns the path's member.
func (r routes) member(c *fiber.Ctx, d desk) (m orbit.StaffMember, err error) {
	member, err := id[orbit.User](c, "member")
	if err != nil {
		return m, err
	}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		m, err = t.StaffMember(ctx, member)
		return err
	})
	return m, err
}

func (r routes) editPermissions(c *fiber.Ctx, d desk) error {
	m, err := r.member(c, d)
	if err != nil {
		return err
	}
	return r.dialog(c, d, fiber.StatusOK, dashboard.EditPermissions(d.Merchant, m))
}

func (r routes) updatePermissions(c *fiber.Ctx, d desk) error {
	m, err := r.member(c, d)
	if err != nil {
		return err
	}
	form := dashboard.EditPermissions(d.Merchant, m)
	form.Chosen = kit.Form(c)["permissions"]
	permissions, err := orbit.CheckPermissions(form.Chosen)
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			return e.SetPermissions(ctx, m.UserID, permissions)
		})
	}
	if err != nil {
		return r.again(c, d, form, err)
	}
	r.Toast(c, "Permissions saved. They apply now.")
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

func (r routes) newRemoval(c *fiber.Ctx, d desk) error {
	m, err := r.member(c, d)
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.RemoveMember(d.Merchant, m))
}

func (r routes) createRemoval(c *fiber.Ctx, d desk) error {
	m, err := r.member(c, d)
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RemoveMember(ctx, m.UserID) })
	if err != nil {
		return r.refuse(c, d, dashboard.RemoveMember(d.Merchant, m), err)
	}
	r.Toast(c, m.Name+" was removed.")
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

// refuse says why the answer to a question can't be carried out.
func (r routes) refuse(c *fiber.Ctx, d desk, q ui.ConfirmProps, err error) error {
	q, err = kit.Refuse(c, q, err)
	if err != nil {
		return err
	}
	return r.ask(c, d, q)
}

func (r routes) updateTwoStepRequired(c *fiber.Ctx, d desk) error {
	required := c.FormValue("required") == "on"
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RequireTwoStep(ctx, required) })
	if orbit.CodeOf(err) == orbit.Conflict {
		p, readErr := r.staffPage(c, d)
		if readErr != nil {
			return readErr
		}
		p.Error = orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.Staff(d.frame(), p))
	}
	if err != nil {
		return err
	}
	if required {
		r.Toast(c, "Everyone who works here needs two-step sign-in now.")
	} else {
		r.Toast(c, "Two-step sign-in is no longer required.")
	}
	return kit.See(c, dashboard.StaffPath(d.Merchant, ""))
}

// ownership reads who may become the owner.
func (r routes) ownership(c *fiber.Ctx, d desk) (dashboard.StaffForm, error) {
	p, err := r.staffPage(c, d)
	return dashboard.TransferOwnership(d.Merchant, p.Staff.Members), err
}

func (r routes) newOwnership(c *fiber.Ctx, d desk) error {
	form, err := r.ownership(c, d)
	if err != nil {
		return err
	}
	return r.dialog(c, d, fiber.StatusOK, form)
}

func (r routes) createOwnership(c *fiber.Ctx, d desk) error {
	form, err := r.ownership(c, d)
	if err != nil {
		return err
	}
	form.To = c.FormValue("to")
	to, err := orbit.ParseID[orbit.User](form.To)
	if err != nil {
		err = orbit.FaultOn(orbit.Invalid, "to", "", "Choose the new owner.")
	} else {
		err = r.ProvePassword(c)
	}
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
			return e.TransferOwnership(ctx, to, func(m orbit.Merchant, from, to, who orbit.StaffMember) (orbit.Email, error) {
				return r.Mail.OwnershipTransferred(mail.OwnershipData{ID: orbit.NewID[orbit.Email](), Shop: m, From: from, To: to,
					Recipient: who, Dashboard: r.Addresses.Dashboard(m.DashboardPath()), At: time.Now()})
			})
		})
	}
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.FaultOn(orbit.Invalid, "to", "", "This person no longer works in the shop. Choose another.")
	}
	if err != nil {
		return r.again(c, d, form, err)
	}
	r.Toast(c, "Ownership transferred. You're on the staff now.")
	return kit.See(c, dashboard.Path(d.Merchant))
}

func (r routes) newLeaving(c *fiber.Ctx, d desk) error {
	if d.Rights.MemberRole == orbit.MemberSupport {
		return orbit.Missing() // there is no membership to end; Stop viewing ends the visit
	}
	return r.ask(c, d, dashboard.Leave(d.Merchant, kit.User(c)))
}

// createLeaving ends the person's own membership. The form names them: one of another account in another tab, or of
// nobody, leaves nothing.
func (r routes) createLeaving(c *fiber.Ctx, d desk) error {
	me := kit.User(c)
	if c.FormValue("member") != me.ID.String() {
		return orbit.Errorf(orbit.Invalid, "This form is another account's. Open the page again.")
	}
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RemoveMember(ctx, me.ID) })
	if err != nil {
		return r.refuse(c, d, dashboard.Leave(d.Merchant, me), err)
	}
	r.Toast(c, "You left "+d.Merchant.Name+".")
	return kit.See(c, "/")
}
