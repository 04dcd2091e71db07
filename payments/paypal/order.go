package paypal

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// order is PayPal's, as far as we need it.
type order struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Units  []unit `json:"purchase_units"`
	Source struct {
		PayPal struct {
			Email string `json:"email_address"`
		} `json:"paypal"`
	} `json:"payment_source"`
	UpdatedAt time.Time `json:"update_time"`
	Links     []link    `json:"links"`
}

type unit struct {
	Custom   string `json:"custom_id"`
	Payments struct {
		Captures []capture `json:"captures"`
		Refunds  []refund  `json:"refunds"`
	} `json:"payments"`
}

type capture struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Details struct {
		Reason string `json:"reason"`
	} `json:"status_details"`
	Amount    money     `json:"amount"`
	CreatedAt time.Time `json:"create_time"`
}

type newOrder struct {
	Intent string    `json:"intent"`
	Units  []newUnit `json:"purchase_units"`
	Source struct {
		PayPal struct {
			Experience experience `json:"experience_context"`
		} `json:"paypal"`
	} `json:"payment_source"`
}

type newUnit struct {
	Reference   string `json:"reference_id"`
	Custom      string `json:"custom_id"`
	Invoice     string `json:"invoice_id"`
	Description string `json:"description,omitempty"`
	Amount      money  `json:"amount"`
}

type experience struct {
	Action    string `json:"user_action"`
	Shipping  string `json:"shipping_preference"`
	Locale    string `json:"locale,omitempty"`
	ReturnURL string `json:"return_url"`
	CancelURL string `json:"cancel_url"`
}

// locale matches the tags that PayPal takes; with any other the order is refused as a whole.
var locale = regexp.MustCompile(`^[a-z]{2}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)

// maxDescription is how long PayPal lets a description be, in bytes to be sure: "depends on the type of characters".
const maxDescription = 127

// Create opens an order. Its page is where PayPal asks the shopper to approve it.
func (p *Provider) Create(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge) (
	orbit.PaymentPage, error) {
	amount, err := moneyOf(charge.Amount)
	if err != nil {
		return orbit.PaymentPage{}, err
	}
	// What PayPal calls an invoice has to be unique in the account, and an order can be paid for by a second payment:
	// it is the payment's ID.
	id := charge.Payment.String()
	in := newOrder{Intent: "CAPTURE", Units: []newUnit{{charge.Order.String(), id, id, short(charge.Description), amount}}}
	in.Source.PayPal.Experience = experience{Action: "PAY_NOW", Shipping: "NO_SHIPPING",
		ReturnURL: charge.ReturnURL, CancelURL: charge.CancelURL}
	if locale.MatchString(charge.Locale) {
		in.Source.PayPal.Experience.Locale = charge.Locale
	}
	var o order
	if err := p.call(ctx, account, request{method: http.MethodPost, path: "/v2/checkout/orders", id: id, in: in,
		can: canCharge}, &o); err != nil {
		return orbit.PaymentPage{}, err
	}
	if o.ID == "" {
		return orbit.PaymentPage{}, orbit.Errorf(orbit.Unavailable, "PayPal opened no payment page. Please try again.")
	}
	return orbit.PaymentPage{Reference: o.ID, URL: p.page(account, o)}, nil
}

// short cuts a description at the end of a character.
func short(s string) string {
	s = printable(s)
	if len(s) <= maxDescription {
		return s
	}
	return strings.ToValidUTF8(s[:maxDescription], "")
}

// page is where a shopper approves an order. An answer that has no link, as that of an order that was approved once,
// leaves the address that all of them have.
func (p *Provider) page(account orbit.PaymentAccount, o order) string {
	if address := p.linkOf(o.Links, "payer-action", "approve"); address != "" {
		return address
	}
	return p.at(account).web + "/checkoutnow?token=" + url.QueryEscape(o.ID)
}

// State reads an order, and captures it where the shopper has approved it: only then does PayPal charge. It must not be
// asked about a payment that Expire has called expired.
func (p *Provider) State(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, reference string) (
	orbit.PaymentState, error) {
	o, err := p.order(ctx, account, reference)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	if o.Status == "APPROVED" {
		return p.capture(ctx, account, charge, o)
	}
	return p.read(ctx, account, o)
}

// Expire closes a payment. PayPal has no call for it, and needs none: an order that isn't captured costs the shopper
// nothing, approved or not, and only State captures. So expired is our own decision, and it stands from the
// moment that Expire has said it: State isn't asked again, and the approval lapses at PayPal within hours. Expire
// never captures. Asked again, it says what has become of the order since, which is paid where a capture was on its
// way while the process that sent it died.
func (p *Provider) Expire(ctx context.Context, account orbit.PaymentAccount, _ orbit.Charge, reference string) (
	orbit.PaymentState, error) {
	o, err := p.order(ctx, account, reference)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	if o.Status != "COMPLETED" && len(o.captures()) == 0 {
		return orbit.PaymentState{Status: orbit.PaymentExpired, Method: o.method()}, nil
	}
	return p.read(ctx, account, o)
}

func (p *Provider) order(ctx context.Context, account orbit.PaymentAccount, reference string) (o order, err error) {
	err = p.call(ctx, account, request{method: http.MethodGet, path: "/v2/checkout/orders/" + url.PathEscape(reference),
		can: canCharge}, &o)
	return o, err
}

// The reasons for which PayPal doesn't capture.
var (
	// again holds those that the shopper can mend on PayPal's page, with another card or account.
	again = []string{"INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING"}
	// never holds those after which this order can't be paid.
	never = []string{"PAYER_CANNOT_PAY", "PAYER_ACCOUNT_LOCKED_OR_CLOSED", "PAYER_ACCOUNT_RESTRICTED",
		"TRANSACTION_REFUSED", "TRANSACTION_BLOCKED_BY_PAYEE", "PAYEE_BLOCKED_TRANSACTION", "COMPLIANCE_VIOLATION",
		"MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED", "TRANSACTION_LIMIT_EXCEEDED", "DOMESTIC_TRANSACTION_REQUIRED"}
	// elsewhere holds those that say that another request was first, or that the order isn't what it was.
	elsewhere = []string{"ORDER_ALREADY_CAPTURED", "ORDER_COMPLETION_IN_PROGRESS", "ORDER_NOT_APPROVED",
		"PREVIOUS_REQUEST_IN_PROGRESS", "RESOURCE_CONFLICT"}
)

// capture charges for an approved order. PayPal captures an order once, however often it is asked; the request's ID,
// the same for each try at one approval, makes it answer the later ones as it did the first.
func (p *Provider) capture(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, o order) (
	orbit.PaymentState, error) {
	var captured order
	err := p.call(ctx, account, request{method: http.MethodPost,
		path: "/v2/checkout/orders/" + url.PathEscape(o.ID) + "/capture",
		id:   captureID(charge, o), in: struct{}{}, can: canCharge}, &captured)
	code := issueOf(err)
	switch {
	case err == nil:
		return p.settled(captured)
	case slices.Contains(again, code):
		return orbit.PaymentState{Status: orbit.PaymentPending, Method: o.method(), URL: p.page(account, o),
			Failure: "PayPal couldn't charge the card or account that you chose. Choose another one on PayPal's page."}, nil
	case slices.Contains(never, code):
		return orbit.PaymentState{Status: orbit.PaymentFailed, Method: o.method(),
			Failure: "PayPal can't take this payment. Please choose another payment method."}, nil
	case slices.Contains(elsewhere, code):
		return p.reread(ctx, account, o.ID)
	}
	return orbit.PaymentState{}, err
}

// reread is the state after another request has captured the order, or the shopper has gone back.
func (p *Provider) reread(ctx context.Context, account orbit.PaymentAccount, reference string) (
	orbit.PaymentState, error) {
	o, err := p.order(ctx, account, reference)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	if o.Status == "APPROVED" {
		return orbit.PaymentState{}, orbit.Errorf(orbit.Unavailable,
			"PayPal is still working on this payment. Please try again in a minute.")
	}
	return p.read(ctx, account, o)
}

// captureID is another one for each time that the shopper approves the order: PayPal would answer the capture of a new
// card with what it said of the declined one.
func captureID(charge orbit.Charge, o order) string {
	id := "capture-" + charge.Payment.String()
	if !o.UpdatedAt.IsZero() {
		id += o.UpdatedAt.UTC().Format("-20060102150405.000")
	}
	return id
}

func (o order) method() string {
	if email := printable(o.Source.PayPal.Email); email != "" {
		return "PayPal (" + email + ")"
	}
	return "PayPal"
}

func (o order) captures() (all []capture) {
	for _, u := range o.Units {
		all = append(all, u.Payments.Captures...)
	}
	return all
}
