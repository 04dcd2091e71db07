package kit

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/views/account"
)

// showInvitation shows an invitation without using it: to who is signed in, to somebody who is to sign in first, or
// with the form for a new account.
func (r accountRoutes) showInvitation(c *fiber.Ctx) error {
	v, err := r.DB.FindInvitation(c.UserContext(), c.Params("token"), User(c))
	if err != nil {
		return err
	}
	return r.invitation(c, fiber.StatusOK, account.Invitation{InvitationView: v})
}

func (r accountRoutes) invitation(c *fiber.Ctx, status int, p account.Invitation) error {
	p.Action, p.SignedIn = c.Path(), !User(c).ID.IsZero()
	return r.Render(c, status, account.InvitationPage(r.frame(c), p))
}

// acceptInvitation makes somebody a member of the shop: who is signed in, or the person of a new account, who is signed
// in with that.
func (r accountRoutes) acceptInvitation(c *fiber.Ctx) error {
	ctx, token, as := c.UserContext(), c.Params("token"), User(c)
	v, err := r.DB.FindInvitation(ctx, token, as)
	if err != nil {
		return err
	}
	fresh := as.ID.IsZero()
	if fresh {
		if v.Account {
			return See(c, "/sign-in?next="+escapeNext(c.Path()))
		}
		p := account.Invitation{InvitationView: v, Name: c.FormValue("name"), Faults: map[string]string{}}
		if as, err = r.newPerson(c, &p); err != nil {
			return err
		}
		if len(p.Faults) > 0 {
			return r.invitation(c, fiber.StatusUnprocessableEntity, p)
		}
	}
	v, user, err := r.DB.AcceptInvitation(ctx, token, as, r.ClientIP(c))
	if err != nil {
		return err
	}
	if fresh {
		if err := r.admit(c, user); err != nil {
			return err
		}
	}
	r.Toast(c, "Welcome to "+v.Shop+".")
	return See(c, orbit.Merchant{ID: v.MerchantID, Subdomain: v.Subdomain}.DashboardPath())
}

// newPerson reads name and password of a new account; what is wrong with them goes into the page's faults.
func (r accountRoutes) newPerson(c *fiber.Ctx, p *account.Invitation) (u orbit.User, err error) {
	if u.Name, err = orbit.CheckName("Your name", p.Name); err != nil {
		p.Faults["name"] = orbit.Sentence(err)
	}
	if u.PasswordHash, err = r.newPassword(c, &p.Email); err != nil && orbit.CodeOf(err) != orbit.Invalid {
		return u, err
	}
	for field, fault := range Faults(err) {
		p.Faults[field] = fault
	}
	return u, nil
}

// CountInvitation takes one of a shop's invitations of the day; TooMany where it has none left.
func (k *Kit) CountInvitation(ctx context.Context, of orbit.MerchantID) error {
	refused, wait, err := k.DB.AllowAll(ctx, 24*time.Hour,
		store.Bucket{Key: "invitation " + of.String(), Burst: orbit.InvitationsPerDay})
	if err == nil && refused != "" {
		err = orbit.Errorf(orbit.TooMany, "A shop can send %d invitations a day. Try again later.",
			orbit.InvitationsPerDay).After(wait)
	}
	return err
}

// InvitationEmail returns what writes the email of an invitation in somebody's name.
func (k *Kit) InvitationEmail(inviter string) shop.InvitationEmail {
	return func(m orbit.Merchant, i orbit.Invitation, token string) (orbit.Email, error) {
		return k.Mail.Invitation(mail.InvitationData{Shop: m, Inviter: inviter, Invitation: i,
			URL: k.Addresses.Dashboard(account.InvitationsPath + "/" + token)})
	}
}
