package fake

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
)

type stripeSession struct {
	id, url     string
	params      map[string]any
	status      string // open, complete, expired
	paid        string // unpaid, paid
	amount      int64
	currency    string
	created     time.Time
	expires     time.Time
	intent      string // the ID of the payment intent, "" until somebody tries to pay
	intentState string
	failure     string // of the last try
	charge      *stripeCharge
}

// createSession opens a session in payment mode.
func (s *Stripe) createSession(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	now := s.Clock.Now()
	if err := checkSession(params, a.live, now); err != nil {
		return nil, err
	}
	amount, currency, err := total(params)
	if err != nil {
		return nil, err
	}
	if err := checkAmount(amount, currency); err != nil {
		return nil, err
	}
	mode := "cs_test_"
	if a.live {
		mode = "cs_live_"
	}
	n := &stripeSession{id: newID(mode, 58), params: params, status: "open", paid: "unpaid", amount: amount,
		currency: currency, created: now, expires: now.Add(24 * time.Hour)}
	if at, ok := params["expires_at"].(int); ok {
		n.expires = time.Unix(int64(at), 0)
	}
	n.url = fmt.Sprintf("http://%s/pay/%s", params[host], n.id)
	a.sessions[n.id] = n
	return s.session(n, params)
}

// checkSession checks what depends on other parameters or on the time.
func checkSession(params map[string]any, live bool, now time.Time) *stripeError {
	if mode := params["mode"]; mode != "payment" {
		return invalid("parameter_missing", "mode", "This fake knows the mode payment only, not %v.", mode)
	}
	if at, ok := params["expires_at"].(int); ok {
		switch until := time.Unix(int64(at), 0); {
		case until.Before(now.Add(30 * time.Minute).Truncate(time.Second)):
			return invalid("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "+
				"creation.")
		case until.After(now.Add(24 * time.Hour)):
			return invalid("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session "+
				"creation.")
		}
	}
	if _, ok := params["success_url"]; !ok {
		return missingParam("success_url")
	}
	for _, name := range []string{"success_url", "cancel_url"} {
		address, given := params[name].(string)
		if !given {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return invalid("url_invalid", name, "Not a valid URL")
		}
		if live && u.Scheme != "https" {
			return invalid("url_invalid", name, "Livemode requests must always be redirected via HTTPS.")
		}
	}
	if email, ok := params["customer_email"].(string); ok {
		if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email || len(email) > 512 {
			return invalid("email_invalid", "customer_email", "Invalid email address: %s", email)
		}
	}
	intent, _ := params["payment_intent_data"].(map[string]any)
	for name, metadata := range map[string]any{"metadata": params["metadata"],
		"payment_intent_data[metadata]": intent["metadata"]} {
		if err := checkMetadata(name, metadata); err != nil {
			return err
		}
	}
	return checkExpand(params, "payment_intent.latest_charge.refunds")
}

// checkMetadata holds the limits of docs.stripe.com/api/metadata.
func checkMetadata(name string, metadata any) *stripeError {
	pairs, _ := metadata.(map[string]any)
	if len(pairs) > 50 {
		return invalid("", name, "Metadata can have at most 50 keys.")
	}
	for key, value := range pairs {
		text, _ := value.(string)
		if len([]rune(key)) > 40 || strings.ContainsAny(key, "[]") || len([]rune(text)) > 500 {
			return invalid("", name, "Metadata keys have at most 40 characters and values 500.")
		}
	}
	return nil
}

// checkExpand refuses to expand what isn't on the way to the longest path.
func checkExpand(params map[string]any, longest string) *stripeError {
	paths, _ := params["expand"].([]any)
	for _, path := range paths {
		if text, _ := path.(string); text == "" || !strings.HasPrefix(longest+".", text+".") {
			return invalid("", "expand", "This property cannot be expanded (%v).", path)
		}
	}
	return nil
}

// total adds the line items, and checks what is required of them together.
func total(params map[string]any) (sum int64, currency string, _ *stripeError) {
	items, _ := params["line_items"].([]any)
	if len(items) == 0 {
		return 0, "", missingParam("line_items")
	}
	if len(items) > 100 {
		return 0, "", invalid("", "line_items", "There may be at most 100 line items.")
	}
	for i, item := range items {
		at := fmt.Sprintf("line_items[%d]", i)
		line, _ := item.(map[string]any)
		price, _ := line["price_data"].(map[string]any)
		if price == nil {
			return 0, "", missingParam(at + "[price_data]")
		}
		quantity, ok := line["quantity"].(int)
		if !ok {
			return 0, "", missingParam(at + "[quantity]")
		}
		unit, ok := price["unit_amount"].(int)
		if !ok {
			return 0, "", missingParam(at + "[price_data][unit_amount]")
		}
		product, _ := price["product_data"].(map[string]any)
		if name, _ := product["name"].(string); name == "" {
			return 0, "", missingParam(at + "[price_data][product_data][name]")
		}
		if quantity < 1 || unit < 0 || unit > 999_999_999_999 || quantity > 999_999 {
			return 0, "", invalid("parameter_invalid_integer", at, "This value must be greater than or equal to 1.")
		}
		sum += int64(quantity) * int64(unit)
		of, _ := price["currency"].(string)
		if currency != "" && of != currency {
			return 0, "", invalid("", at, "All line items must have the same currency.")
		}
		currency = of
	}
	return sum, currency, nil
}

func (s *Stripe) readSession(a *stripeAccount, params map[string]any, id string) (any, *stripeError) {
	n, ok := a.sessions[id]
	if !ok {
		return nil, missingObject("checkout.session", id)
	}
	s.expireLate(a, n)
	return s.session(n, params)
}

func (s *Stripe) expireSession(a *stripeAccount, params map[string]any, id string) (any, *stripeError) {
	n, ok := a.sessions[id]
	if !ok {
		return nil, missingObject("checkout.session", id)
	}
	s.expireLate(a, n)
	if n.status != "open" {
		return nil, refused("", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session "+
			"has a status of `%s`.", n.status)
	}
	if err := checkExpand(params, "payment_intent.latest_charge.refunds"); err != nil {
		return nil, err
	}
	s.expire(a, n)
	return s.session(n, params)
}

// expire closes a session.
func (s *Stripe) expire(a *stripeAccount, n *stripeSession) {
	n.status = "expired"
	if n.intent != "" {
		n.intentState = "canceled"
	}
	s.emit(a, "checkout.session.expired", s.plainSession(n))
}

// expireLate closes a session when its time is over.
func (s *Stripe) expireLate(a *stripeAccount, n *stripeSession) {
	if n.status == "open" && !s.Clock.Now().Before(n.expires) {
		s.expire(a, n)
	}
}

// expireAll closes the sessions that are over, as Stripe does by itself.
func (s *Stripe) expireAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.all {
		for _, n := range a.sessions {
			s.expireLate(a, n)
		}
	}
}

func (s *Stripe) listSessions(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	if err := only(params, "limit", "starting_after"); err != nil {
		return nil, err
	}
	var all []map[string]any
	for _, n := range a.ordered() {
		all = append(all, s.plainSession(n))
	}
	return list(all, params, "/v1/checkout/sessions")
}

func (s *Stripe) listIntents(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	if err := only(params, "limit", "starting_after"); err != nil {
		return nil, err
	}
	var all []map[string]any
	for _, n := range a.ordered() {
		if n.intent != "" {
			all = append(all, s.intentOf(n, 0))
		}
	}
	return list(all, params, "/v1/payment_intents")
}

// only refuses parameters that Stripe has and this fake doesn't play.
func only(params map[string]any, names ...string) *stripeError {
	for name := range params {
		if !slices.Contains(names, name) {
			return invalid("", name, "This fake doesn't know %s here.", name)
		}
	}
	return nil
}

// ordered returns the sessions, oldest first.
func (a *stripeAccount) ordered() []*stripeSession {
	var all []*stripeSession
	for _, n := range a.sessions {
		all = append(all, n)
	}
	slices.SortFunc(all, func(x, y *stripeSession) int { return x.created.Compare(y.created) })
	return all
}

// session is the object with what is to be expanded in it.
func (s *Stripe) session(n *stripeSession, params map[string]any) (any, *stripeError) {
	if err := checkExpand(params, "payment_intent.latest_charge.refunds"); err != nil {
		return nil, err
	}
	o, depth := s.plainSession(n), 0
	paths, _ := params["expand"].([]any)
	for _, path := range paths {
		depth = max(depth, strings.Count(fmt.Sprint(path), ".")+1)
	}
	if depth > 0 && n.intent != "" {
		o["payment_intent"] = s.intentOf(n, depth-1)
	}
	return o, nil
}

// plainSession is the object as events have it.
func (s *Stripe) plainSession(n *stripeSession) map[string]any {
	metadata, _ := n.params["metadata"].(map[string]any)
	o := s.object("checkout.session", map[string]any{"id": n.id, "status": n.status, "payment_status": n.paid,
		"amount_subtotal": n.amount, "amount_total": n.amount, "currency": n.currency, "created": unix(n.created),
		"expires_at": unix(n.expires), "mode": "payment", "metadata": metadata, "payment_intent": nil, "url": nil,
		"livemode": strings.HasPrefix(n.id, "cs_live_")})
	for _, name := range []string{"client_reference_id", "customer_email", "success_url", "cancel_url", "locale"} {
		o[name] = n.params[name]
	}
	if n.status == "open" {
		o["url"] = n.url
	}
	if n.intent != "" {
		o["payment_intent"] = n.intent
	}
	return o
}

// intentOf is the session's payment intent, with its charge and the charge's refunds at depths 1 and 2.
func (s *Stripe) intentOf(n *stripeSession, depth int) map[string]any {
	data, _ := n.params["payment_intent_data"].(map[string]any)
	o := s.object("payment_intent", map[string]any{"id": n.intent, "amount": n.amount, "currency": n.currency,
		"status": n.intentState, "metadata": data["metadata"], "description": data["description"],
		"created": unix(n.created), "last_payment_error": nil, "latest_charge": nil})
	if n.failure != "" {
		o["last_payment_error"] = map[string]any{"type": "card_error", "code": "card_declined", "message": n.failure}
	}
	if n.charge != nil {
		o["latest_charge"] = n.charge.id
		if depth > 0 {
			o["latest_charge"] = s.charge(n.charge, depth > 1)
		}
	}
	return o
}
