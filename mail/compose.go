package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

	"orbit360.app/orbit"
)

// Composer writes the platform's emails. Links and Message-IDs come from Addresses alone, never from a request.
type Composer struct {
	Addresses orbit.Addresses
	Status    orbit.EmailStatus // of new emails: EmailQueued where they go out, EmailLocal where no SMTP is configured
}

// AppliedData is an application that somebody sent in under an address that may be another's.
type AppliedData struct {
	Merchant   orbit.Merchant // id, name, owner, email and category
	ConfirmURL string         // the link by which the address's owner confirms it
}

// Applied asks the owner of an address to confirm an application. It is the one email that a stranger can have sent to
// anybody, so its subject and greeting hold nothing that was typed, and what its facts hold is no link (orbit.HasLink).
func (c Composer) Applied(d AppliedData) (orbit.Email, error) {
	m := d.Merchant
	return c.compose("applied."+m.ID.String(), m.ID, m.Email, letter{
		Subject:   "We have your application: confirm your email address",
		Preheader: "One click tells us that this address is yours.",
		Title:     "We have your application",
		Greeting:  "Hello,",
		Words: []string{
			"Somebody, hopefully you, applied for a shop on ORBIT360 with this address. Confirm that it is yours, and there is nothing else to do for now.",
		},
		Button: link{"Confirm your email address", d.ConfirmURL},
		Note:   "Anyone with this link can read your application. Keep it to yourself.",
		Facts: []fact{
			{Label: "Store name", Value: m.Name},
			{Label: "Your name", Value: m.OwnerName},
			{Label: "Email", Value: m.Email},
			{Label: "Category", Value: m.Category.Name()},
		},
		Steps: steps{"What happens next", []step{
			{"A person reads your application",
				"Applications are read in the order they arrive. Whoever takes yours chooses a theme, a plan and a web address to begin with."},
			{"Your shop is set up",
				"Website, dashboard and sample products are made for you. That takes seconds once your application is approved."},
			{"You get a welcome mail", "It comes to this address, with the links to your shop and one to set your password."},
		}},
		Closing: "Is something above wrong? Apply again with the right details; the first application does no harm.",
		Why:     "You get this mail because this address was used to apply for a shop. If that wasn’t you, you can ignore it.",
	})
}

// WelcomeData is what a new shop's owner needs to know.
type WelcomeData struct {
	Merchant       orbit.Merchant // id, code, name, owner, email
	RunID          orbit.RunID    // a resend of the same run's email keeps its Message-ID
	DashboardURL   string
	WebsiteURL     string
	SetPasswordURL string // "" when the owner has a password already
	Live           bool   // shoppers may enter; Opening soon otherwise
	Confirmed      bool   // the address is known to be the owner's
}

// Welcome returns the email that says that the shop is set up, and how to get in.
func (c Composer) Welcome(d WelcomeData) (orbit.Email, error) {
	subject := "Your shop is ready"
	if d.Confirmed {
		subject = d.Merchant.Name + " is ready"
	}
	l := letter{
		Subject:  subject,
		Title:    d.Merchant.Name + " is ready",
		Greeting: "Hello " + d.Merchant.OwnerName + ",",
		Facts: []fact{
			{Label: "Website", Value: d.WebsiteURL, Link: true},
			{Label: "Dashboard", Value: d.DashboardURL, Link: true},
			{Label: "Merchant ID", Value: d.Merchant.Code, Mono: true},
		},
		Steps:   steps{Title: "Next steps"},
		Closing: "The merchant ID names your shop when you write to us. It isn’t a secret.",
		Why:     "You get this mail because you applied for a shop on ORBIT360.",
	}
	if d.SetPasswordURL != "" {
		l.Preheader = "Set a password to open your dashboard."
		l.Button = link{"Set your password", d.SetPasswordURL}
		l.Note = fmt.Sprintf(
			"The link works once and for %s. If it has expired, choose “Forgot your password?” on the sign-in page.",
			span(orbit.SetPasswordFor))
		l.Steps.add("Set your password", "You are signed in right after it, and your dashboard opens.")
	} else {
		l.Preheader = "Sign in with the password you have."
		l.Button = link{"Sign in to your dashboard", d.DashboardURL}
		l.Note = "Use the password you have set before: one account opens all your shops."
		l.Steps.add("Sign in", "Your dashboard shows what is set up and what is still to do.")
	}
	look := step{"Look at your website", "It runs in the theme chosen for you, with sample products."}
	products := step{"Replace the sample products", "Add your own with images, prices and stock."}
	shipping := step{"Check the shipping prices", "Sensible ones are filled in. Make them yours."}
	if d.Live {
		l.Words = []string{"Your shop is set up and open: shoppers can visit it now."}
		l.Steps.Items = append(l.Steps.Items, look, products, shipping)
	} else {
		l.Words = []string{"Your shop is set up. Until you go live, visitors see an “Opening soon” page."}
		l.Steps.Items = append(l.Steps.Items, look, products, shipping,
			step{"Go live", "One button in your dashboard opens the shop to everybody."})
	}
	return c.compose("welcome."+d.RunID.String(), d.Merchant.ID, d.Merchant.Email, l)
}

// ResetData is a request for a new password.
type ResetData struct {
	Request int64 // tells one request from another
	Name    string
	Email   string
	URL     string // the one-time link
}

// ResetPassword carries the one-time link that sets a new password.
func (c Composer) ResetPassword(d ResetData) (orbit.Email, error) {
	// The Message-ID is of the request: composed again after a crash, with another link, it is the same email.
	sum := sha256.Sum256(fmt.Appendf(nil, "password %d %s", d.Request, d.Email))
	return c.compose("password."+hex.EncodeToString(sum[:12]), orbit.MerchantID{}, d.Email, letter{
		Subject:   "Set a new password",
		Preheader: "The link works once and for " + span(orbit.ResetPasswordFor) + ".",
		Title:     "Set a new password",
		Greeting:  "Hello " + d.Name + ",",
		Words: []string{
			"Somebody, hopefully you, asked for a new password for this address. It stays as it is until you set a new one."},
		Button: link{"Set a new password", d.URL},
		Note: "The link works once and for " + span(orbit.ResetPasswordFor) +
			". Setting a password signs you out everywhere else.",
		Steps: steps{"Next steps", []step{
			{"Open the link", "Choose a password of at least 10 characters."},
			{"Go on where you were", "You are signed in right after it."},
		}},
		Why: "You get this mail because a new password was asked for on the sign-in page. If that wasn’t you, do nothing: without this link nobody can change it.",
	})
}

// OrderData is what a shopper's confirmation is about.
type OrderData struct {
	Shop    orbit.Merchant // id, name and email
	Order   orbit.Order    // with its lines and payments
	URL     string         // of the confirmation page
	ShopURL string
}

// Order returns the confirmation of an order for the shopper. It is the shop's email: the platform isn't named.
func (c Composer) Order(d OrderData) (orbit.Email, error) {
	o := d.Order
	name, _, _ := strings.Cut(o.Address.Name, " ")
	money := func(amount int64) string { return orbit.Money{Amount: amount, Currency: o.Currency}.String() }
	l := letter{
		Subject:   "Your order " + o.Name() + " at " + d.Shop.Name,
		Preheader: "We have your order over " + money(o.Total) + ".",
		Title:     "Thank you for your order",
		Greeting:  "Hello " + name + ",",
		Words:     []string{"We have your order " + o.Name() + " and get it ready for you."},
		Button:    link{"View your order", d.URL},
		Note:      "Anyone with this link can see the order. Keep it to yourself.",
		Closing:   "Is something wrong? Write to " + d.Shop.Email + " with the number of your order.",
		Why:       "You get this mail because you bought something at " + d.Shop.Name + ".",
		Platform:  link{d.Shop.Name, d.ShopURL},
	}
	for _, line := range o.Lines {
		title := line.Title
		if line.Variant != "" {
			title += ", " + line.Variant
		}
		l.Bill = append(l.Bill, billRow{fmt.Sprintf("%d × %s", line.Quantity, title), money(line.Total()), false})
	}
	l.Bill = append(l.Bill, billRow{"Subtotal", money(o.Subtotal), false})
	if o.Discount > 0 {
		l.Bill = append(l.Bill, billRow{"Discount " + o.DiscountCode, money(-o.Discount), false})
	}
	l.Bill = append(l.Bill, billRow{"Shipping, " + o.ShippingName, money(o.Shipping), false})
	tax := billRow{o.TaxName, money(o.Tax), false}
	if o.TaxIncluded {
		tax.Label = "Including " + o.TaxName
	} else {
		l.Bill = append(l.Bill, tax)
	}
	l.Bill = append(l.Bill, billRow{"Total", money(o.Total), true})
	if o.TaxIncluded {
		l.Bill = append(l.Bill, tax)
	}
	l.Facts = append(l.Facts, fact{Label: "Delivery", Value: unlinked(strings.Join(o.Address.Lines(), ", "))})
	for _, p := range o.Payments {
		l.Facts = append(l.Facts, fact{Label: "Payment", Value: strings.TrimSuffix(p.Name+". "+p.Instructions, ". ")})
	}
	if o.Note != "" {
		l.Facts = append(l.Facts, fact{Label: "Your note", Value: unlinked(strings.Join(strings.Fields(o.Note), " "))})
	}
	return c.compose(aboutOrder(o), d.Shop.ID, o.Email, l)
}

// unlinked returns what a shopper typed, for an address that they typed too: a link in it would come from the shop.
func unlinked(s string) string {
	if orbit.HasLink(s) {
		return "as on the page of your order"
	}
	return s
}

func (s *steps) add(name, detail string) { s.Items = append(s.Items, step{name, detail}) }

// span returns a duration in the unit that fits: "7 days", "an hour".
func span(d time.Duration) string {
	switch {
	case d == time.Hour:
		return "an hour"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func aboutOrder(o orbit.Order) string { return "order." + o.ID.String() }

// OrderID returns the Message-ID of an order's confirmation.
func (c Composer) OrderID(o orbit.Order) string { return c.messageID(aboutOrder(o)) }

func (c Composer) messageID(about string) string { return "<" + about + "@" + c.Addresses.Base + ">" }

// compose makes both forms of the letter. about is unique to what the email is about, the same each time.
func (c Composer) compose(about string, merchant orbit.MerchantID, to string, l letter) (orbit.Email, error) {
	l.Subject = oneLine(l.Subject)
	if l.Platform.URL == "" {
		l.Platform = link{"ORBIT360", c.Addresses.Site("/")}
	} else {
		l.Shop = l.Platform.Label
	}
	var html bytes.Buffer
	if err := letterHTML(l).Render(context.Background(), &html); err != nil {
		return orbit.Email{}, fmt.Errorf("mail: %w", err)
	}
	return orbit.Email{
		MessageID:  c.messageID(about),
		MerchantID: merchant,
		Recipient:  oneLine(to),
		Subject:    l.Subject,
		HTML:       html.String(),
		Text:       l.text(),
		Status:     c.Status,
	}, nil
}

// oneLine returns what stands in a header as one line, however it came in: a line break there would begin another header.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}
