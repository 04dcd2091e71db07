package fake

import (
	"net/url"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"orbit360.app/orbit"
)

// ppOrder is an order, with the one capture that it can have.
type ppOrder struct {
	id, world string
	account   *ppAccount
	status    string
	unit      ppUnit
	back      ppExperience
	funding   Funding
	payer     string
	created   time.Time
	updated   time.Time
	capture   *ppCaptured
}

type ppCaptured struct {
	id, status, reason string
	amount             ppMoney
	at                 time.Time
	refunds            []*ppRefunded
	disputes           []map[string]any
}

type ppRefunded struct {
	id, status, custom string
	amount             ppMoney
	at                 time.Time
}

type ppMoney struct {
	Currency string `json:"currency_code"`
	Value    string `json:"value"`
}

type ppUnit struct {
	Reference   string   `json:"reference_id"`
	Custom      string   `json:"custom_id"`
	Invoice     string   `json:"invoice_id"`
	Description string   `json:"description"`
	Amount      *ppMoney `json:"amount"`
}

type ppExperience struct {
	Action    string `json:"user_action"`
	Shipping  string `json:"shipping_preference"`
	Locale    string `json:"locale"`
	ReturnURL string `json:"return_url"`
	CancelURL string `json:"cancel_url"`
}

// Funding is what shoppers pay with.
type Funding string

// The fundings.
const (
	Good          Funding = "pay"
	Declined      Funding = "decline" // when it is captured
	Refused       Funding = "refuse"  // the payer can't pay, with whatever
	ECheck        Funding = "echeck"  // the capture is pending for some days
	WrongAmount   Funding = "wrong amount"
	WrongCurrency Funding = "wrong currency"
	Failing       Funding = "fail" // the capture is there, and declined
)

// ppDecimals holds the currencies that PayPal takes, with their decimals.
var ppDecimals = map[string]string{"AUD": "2", "BRL": "2", "CAD": "2", "CHF": "2", "CNY": "2", "CZK": "2", "DKK": "2",
	"EUR": "2", "GBP": "2", "HKD": "2", "HUF": "0", "ILS": "2", "JPY": "0", "MXN": "2", "MYR": "2", "NOK": "2", "NZD": "2",
	"PHP": "2", "PLN": "2", "SEK": "2", "SGD": "2", "THB": "2", "TWD": "0", "USD": "2"}

var (
	ppValue = map[string]*regexp.Regexp{"0": regexp.MustCompile(`^[0-9]+$`),
		"2": regexp.MustCompile(`^[0-9]+\.[0-9]{2}$`)}
	ppZero   = regexp.MustCompile(`^[0.]+$`)
	ppLocale = regexp.MustCompile(`^[a-z]{2}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)
)

// fault is the issue of an amount, "" where it is right.
func (m *ppMoney) fault() string {
	decimals := ppDecimals[m.Currency]
	switch {
	case decimals == "":
		return "CURRENCY_NOT_SUPPORTED"
	case !ppValue[decimals].MatchString(m.Value):
		return "DECIMAL_PRECISION"
	case ppZero.MatchString(m.Value):
		return "CANNOT_BE_ZERO_OR_NEGATIVE"
	}
	return ""
}

func (p *PayPal) create(r ppRequest) ppAnswer {
	var in struct {
		Intent string   `json:"intent"`
		Units  []ppUnit `json:"purchase_units"`
		Source struct {
			PayPal struct {
				Experience *ppExperience `json:"experience_context"`
			} `json:"paypal"`
		} `json:"payment_source"`
	}
	if err := r.decode(&in); err != nil {
		return ppError(400, "INVALID_REQUEST", "MALFORMED_REQUEST_JSON")
	}
	at := in.Source.PayPal.Experience
	switch {
	case r.Header.Get("PayPal-Request-Id") == "":
		return ppError(400, "INVALID_REQUEST", "PAYPAL_REQUEST_ID_REQUIRED")
	case in.Intent != "CAPTURE", len(in.Units) != 1, at == nil, in.Units[0].Amount == nil:
		return ppError(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER")
	case at.Action != "PAY_NOW", at.Shipping != "NO_SHIPPING", at.Locale != "" && !ppLocale.MatchString(at.Locale),
		!absolute(at.ReturnURL), !absolute(at.CancelURL):
		return ppError(400, "INVALID_REQUEST", "INVALID_PARAMETER_SYNTAX")
	}
	unit := in.Units[0]
	for _, text := range []string{unit.Custom, unit.Invoice, unit.Reference} {
		if text == "" || utf8.RuneCountInString(text) > 127 {
			return ppError(400, "INVALID_REQUEST", "INVALID_STRING_LENGTH")
		}
	}
	if len(unit.Description) > 127 {
		return ppError(400, "INVALID_REQUEST", "INVALID_STRING_LENGTH")
	}
	if issue := unit.Amount.fault(); issue != "" {
		return ppError(422, "UNPROCESSABLE_ENTITY", issue)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	world := "/live"
	if r.account.test {
		world = "/sandbox"
	}
	o := &ppOrder{id: "ORDER" + p.number(), world: world, account: r.account, status: "PAYER_ACTION_REQUIRED", unit: unit,
		back: *at, created: p.Clock.Now(), updated: p.Clock.Now()}
	p.orders[o.id] = o
	return ppJSON(201, p.show(o))
}

func absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func (p *PayPal) read(r ppRequest) ppAnswer {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.orders[r.id]
	if o == nil || o.account != r.account {
		return ppError(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
	}
	return ppJSON(200, p.show(o))
}

func (p *PayPal) capture(r ppRequest) ppAnswer {
	var in struct{}
	if err := r.decode(&in); err != nil {
		return ppError(400, "INVALID_REQUEST", "MALFORMED_REQUEST_JSON")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.orders[r.id]
	switch {
	case o == nil || o.account != r.account:
		return ppError(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
	case o.capture != nil:
		return ppError(422, "UNPROCESSABLE_ENTITY", "ORDER_ALREADY_CAPTURED")
	case o.status != "APPROVED":
		return ppError(422, "UNPROCESSABLE_ENTITY", "ORDER_NOT_APPROVED")
	case p.invoices[o.account.id+o.unit.Invoice]:
		return ppError(422, "UNPROCESSABLE_ENTITY", "DUPLICATE_INVOICE_ID")
	case o.funding == Declined:
		return ppError(422, "UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED")
	case o.funding == Refused:
		return ppError(422, "UNPROCESSABLE_ENTITY", "PAYER_CANNOT_PAY")
	}
	c := &ppCaptured{id: "CAPTURE" + p.number(), status: "COMPLETED", amount: *o.unit.Amount, at: p.Clock.Now()}
	event := "PAYMENT.CAPTURE.COMPLETED"
	switch o.funding {
	case ECheck:
		c.status, c.reason, event = "PENDING", "ECHECK", "PAYMENT.CAPTURE.PENDING"
	case Failing:
		c.status, event = "DECLINED", "PAYMENT.CAPTURE.DECLINED"
	case WrongAmount:
		c.amount.Value = "1"
		if ppDecimals[c.amount.Currency] == "2" {
			c.amount.Value = "1.00"
		}
	case WrongCurrency:
		c.amount = ppMoney{"CHF", "5.00"}
	}
	o.capture, o.status, o.updated = c, "COMPLETED", p.Clock.Now()
	p.captures[c.id], p.invoices[o.account.id+o.unit.Invoice] = o, true
	if c.status == "COMPLETED" {
		p.Ledger.charged(o.unit.Custom, o.unit.Reference, c.amount.minor())
	}
	p.tell(o, event, "capture", p.showCapture(o))
	return ppJSON(201, p.show(o))
}

// minor is the amount in orbit's units.
func (m ppMoney) minor() orbit.Money {
	amount, err := orbit.ParseMoney(m.Value, m.Currency)
	if err != nil {
		panic(err) // every amount here has been looked at
	}
	return orbit.Money{Amount: amount, Currency: m.Currency}
}

func (p *PayPal) refund(r ppRequest) ppAnswer {
	var in struct {
		Custom string   `json:"custom_id"`
		Note   *string  `json:"note_to_payer"`
		Amount *ppMoney `json:"amount"`
	}
	if err := r.decode(&in); err != nil {
		return ppError(400, "INVALID_REQUEST", "MALFORMED_REQUEST_JSON")
	}
	switch {
	case in.Amount == nil, in.Custom == "", in.Note != nil && *in.Note == "":
		return ppError(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER")
	case len(in.Custom) > 127, in.Note != nil && utf8.RuneCountInString(*in.Note) > 255:
		return ppError(400, "INVALID_REQUEST", "INVALID_STRING_LENGTH")
	}
	if issue := in.Amount.fault(); issue != "" {
		return ppError(422, "UNPROCESSABLE_ENTITY", issue)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.captures[r.id]
	if o == nil || o.account != r.account {
		return ppError(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
	}
	made, issue := p.makeRefund(o, *in.Amount, in.Custom)
	if issue != "" {
		return ppError(422, "UNPROCESSABLE_ENTITY", issue)
	}
	return ppJSON(201, p.showRefund(o, made))
}

// makeRefund makes a refund, or says why not.
func (p *PayPal) makeRefund(o *ppOrder, amount ppMoney, custom string) (*ppRefunded, string) {
	left := o.capture.left()
	switch {
	case !slices.Contains([]string{"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}, o.capture.status):
		return nil, "TRANSACTION_NOT_COMPLETED"
	case amount.Currency != o.capture.amount.Currency:
		return nil, "REFUND_CAPTURE_CURRENCY_MISMATCH"
	case left == 0:
		return nil, "CAPTURE_FULLY_REFUNDED"
	case amount.minor().Amount > left:
		return nil, "REFUND_AMOUNT_EXCEEDED"
	}
	made := &ppRefunded{id: "REFUND" + p.number(), status: "COMPLETED", custom: custom, amount: amount, at: p.Clock.Now()}
	if len(p.refunds) > 0 {
		made.status, p.refunds = p.refunds[0], p.refunds[1:]
	}
	o.capture.refunds = append(o.capture.refunds, made)
	o.capture.count()
	if made.status != "FAILED" && made.status != "CANCELLED" {
		p.Ledger.refunded(o.unit.Custom, o.unit.Reference, amount.minor())
	}
	p.tell(o, "PAYMENT.CAPTURE.REFUNDED", "refund", p.showRefund(o, made))
	return made, ""
}

// left is what of a capture isn't refunded.
func (c *ppCaptured) left() int64 {
	left := c.amount.minor().Amount
	for _, r := range c.refunds {
		if r.status == "COMPLETED" || r.status == "PENDING" {
			left -= r.amount.minor().Amount
		}
	}
	return left
}

// count sets a capture's status by its refunds.
func (c *ppCaptured) count() {
	switch left := c.left(); left {
	case 0:
		c.status = "REFUNDED"
	case c.amount.minor().Amount:
		c.status = "COMPLETED"
	default:
		c.status = "PARTIALLY_REFUNDED"
	}
}
