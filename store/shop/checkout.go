package shop

import (
	"context"
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Checkout returns what the checkout has to choose from.
func (t *Tenant) Checkout(ctx context.Context) (orbit.Checkout, error) {
	r := t.Reader()
	settings := r.Settings()
	zones, rates, taxes := r.shippingZones(), r.shippingRates(), r.TaxRates()
	methods := pg.Ask[[]orbit.PaymentMethod](r.Reader, `SELECT `+r.DB.Columns("m", "", orbit.PaymentMethod{})+`
		FROM payment_methods m WHERE enabled ORDER BY `+paymentOrder, orbit.Providers().Values())
	err := r.Read(ctx)
	return orbit.Checkout{Settings: settings.Value, Zones: withRates(zones.Value, rates.Value), Taxes: taxes.Value,
		Methods: methods.Value}, err
}

// Totals is what a cart costs with its codes, that of a form, and the form's rate and destination. Codes that don't
// hold are in Refused; where the form's is one of them, an error with a fault on discount says why, too.
func (t *Tenant) Totals(ctx context.Context, c orbit.Cart, o orbit.Checkout, form orbit.CheckoutForm) (
	orbit.Totals, error,
) {
	return t.totals(ctx, c, o, form, false)
}

func (t *Tenant) totals(ctx context.Context, c orbit.Cart, o orbit.Checkout, form orbit.CheckoutForm, lock bool) (
	orbit.Totals, error,
) {
	typed, codes := orbit.DiscountCode(form.Discount), c.WithCode(orbit.DiscountCode(form.Discount))
	offers, err := t.offers(ctx, c, codes, form.Email, lock)
	if err != nil {
		return orbit.Totals{}, err
	}
	chosen := orbit.ChooseDiscounts(c, o.Settings.Currency, offers, codes, func(goods int64) int64 {
		return o.Rate(c, form, goods).Cost(goods)
	}, time.Now())
	totals := o.Totals(c, form, chosen.Applied)
	totals.Refused = chosen.Refused
	for _, no := range chosen.Refused {
		if no.Code == typed {
			return totals, orbit.FaultOn(orbit.Invalid, "discount", typed, no.Sentence())
		}
	}
	return totals, nil
}

// Errors of PlaceOrder. What shoppers read of them, and of those of AddToCart, is in the shop's language: themes.Words.
var (
	ErrCartEmpty    = orbit.Errorf(orbit.Conflict, "The cart is empty.")
	ErrCartShort    = orbit.Errorf(orbit.Conflict, "The cart holds more than is available.")
	ErrTotalChanged = orbit.Errorf(orbit.Conflict, "The total has changed.")
	ErrFormUsed     = orbit.Errorf(orbit.Conflict, "The form has placed an order already.")
	ErrFormExpired  = orbit.Errorf(orbit.Conflict, "The form's payment has expired.")
	ErrClosed       = orbit.Errorf(orbit.Conflict, "The shop is closed.")
	ErrOrderLimit   = orbit.Errorf(orbit.Conflict, "The shop has reached its order limit for this month.")
	ErrPaymentOpen  = orbit.Errorf(orbit.Conflict, "A payment of this cart is still open.")
)

// OrderWriter composes the email of a kind about an order.
type OrderWriter func(orbit.OrderEmail, orbit.Order) (orbit.Email, error)

// Placing is what placing an order takes of others.
type Placing struct {
	Write  OrderWriter
	Charge func(orbit.Order, orbit.Payment) orbit.Charge // what a provider is asked for
}

// PlaceOrder buys what is in a token's cart: in one transaction the form is checked against the shop's rates and
// methods, prices and stock are those of the database, stock is taken, the order gets its number and its email is
// queued, and the cart is emptied. An order of nothing is paid at once. One that a provider is to be paid for comes
// back without a number, with its payment: it is a checkout until SettlePayment places it, and the cart stays as it
// is. A form that was sent before (its Key) gives what it made then, or ErrFormUsed where something was put into the
// cart or filled in since. Faults are those of CheckoutForm.Check and discount; what can't be bought is one of the
// errors above.
func (s Scope) PlaceOrder(ctx context.Context, token string, form orbit.CheckoutForm, with Placing) (
	o orbit.Order, err error,
) {
	err = s.Do(ctx, func(t *Tenant) (err error) {
		o, err = purchase{Tenant: t, Placing: with}.place(ctx, token, form)
		return err
	})
	return o, err
}

// purchase is one order being placed. Rows are locked in one order: cart, payment, discount, the shop's number, stock.
type purchase struct {
	*Tenant
	Placing
	checkout orbit.Checkout
	codes    []string // of the cart and the form
}

func (p purchase) place(ctx context.Context, token string, form orbit.CheckoutForm) (orbit.Order, error) {
	// The cart's lock makes the second of two submits wait for the first.
	c, err := p.cart(ctx, token, "FOR UPDATE")
	if err != nil {
		return orbit.Order{}, err
	}
	if c.ID.IsZero() {
		return orbit.Order{}, ErrCartEmpty
	}
	key, err := orbit.ParseID[orbit.Order](form.Key)
	keyed := err == nil
	if keyed {
		o, err := p.placed(ctx, c.ID, key)
		if err != nil || !o.ID.IsZero() {
			return o, err
		}
	}
	if err := p.addLines(ctx, &c); err != nil {
		return orbit.Order{}, err
	}
	if len(c.Lines) == 0 {
		return orbit.Order{}, ErrCartEmpty
	}
	open, err := pg.All[orbit.OpenCheckout](ctx, p, `SELECT `+p.db.Columns("c", "", orbit.OpenCheckout{})+`
		FROM checkouts c WHERE cart_id = $1 AND status = 'open'`, c.ID)
	if err != nil {
		return orbit.Order{}, err
	}
	switch {
	case len(open) > 0 && open[0].ID != key:
		return orbit.Order{}, ErrPaymentOpen
	case len(open) > 0: // the same form again
		return p.again(ctx, open[0], c, form)
	case len(c.Short()) > 0:
		return orbit.Order{}, ErrCartShort
	}
	form, totals, err := p.check(ctx, c, form)
	if err != nil {
		return orbit.Order{}, err
	}
	o := p.order(c, key, form, totals)
	method := p.checkout.Method(form.Payment)
	if o.Total > 0 && orbit.Hosted(method.Kind) {
		return o, p.open(ctx, &o, method)
	}
	return o, p.sell(ctx, &o, method)
}

// check works out what a cart comes to, with the form in its stored form.
func (p *purchase) check(ctx context.Context, c orbit.Cart, form orbit.CheckoutForm) (
	_ orbit.CheckoutForm, totals orbit.Totals, err error,
) {
	if p.checkout, err = p.Checkout(ctx); err != nil {
		return form, totals, err
	}
	p.codes = c.WithCode(orbit.DiscountCode(form.Discount))
	totals, refused := p.totals(ctx, c, p.checkout, form, true)
	if refused != nil && orbit.CodeOf(refused) != orbit.Invalid {
		return form, totals, refused
	}
	if refused == nil && totals.Total == 0 { // nothing to pay, whatever was chosen
		p.checkout.Methods = []orbit.PaymentMethod{orbit.FreeOrder()}
		form.Payment = orbit.FreeOrder().Kind
	}
	if form, err = p.checkout.Check(form, c, totals.Subtotal-totals.Discount); err != nil {
		return form, totals, err
	}
	if refused != nil {
		return form, totals, refused
	}
	if form.Seen != strconv.FormatInt(totals.Total, 10) {
		return form, totals, ErrTotalChanged
	}
	return form, totals, nil
}

// placed returns the order that a form made before; none where it made none.
func (p purchase) placed(ctx context.Context, cart orbit.CartID, key orbit.OrderID) (orbit.Order, error) {
	o, err := p.Order(ctx, key)
	if orbit.CodeOf(err) == orbit.NotFound {
		ended, err := pg.All[orbit.CheckoutStatus](ctx, p, `SELECT status FROM checkouts WHERE id = $1
			AND (status <> 'open' OR cart_id <> $2)`, key, cart)
		switch {
		case err != nil || len(ended) == 0:
			return orbit.Order{}, err
		case ended[0] == orbit.CheckoutExpired:
			return orbit.Order{}, ErrFormExpired
		}
		return orbit.Order{}, ErrFormUsed
	}
	if err != nil {
		return o, err
	}
	if o.CartID != cart {
		return orbit.Order{}, ErrFormUsed
	}
	n, err := pg.One[int](ctx, p, `SELECT count(*) FROM cart_lines WHERE cart_id = $1`, cart)
	if err == nil && n > 0 { // put there since
		err = ErrFormUsed
	}
	if err != nil {
		return orbit.Order{}, err
	}
	return o, nil
}

// order is what a cart and a form make, without a number.
func (p purchase) order(c orbit.Cart, key orbit.OrderID, form orbit.CheckoutForm, t orbit.Totals) orbit.Order {
	o := orbit.Order{ID: key, MerchantID: p.merchant, Token: pg.Token(), CartID: c.ID, Status: orbit.OrderOpen,
		PaymentStatus: orbit.FinancialPending, FulfillmentStatus: orbit.Unfulfilled, Revision: 1,
		Prefix: p.checkout.Settings.OrderPrefix, Email: form.Email, Phone: form.Phone, Address: form.Address(),
		Currency: t.Currency, Subtotal: t.Subtotal, Discount: t.Discount, DiscountCode: t.DiscountCode(),
		Discounts: []orbit.AppliedDiscount{}, Shipping: t.Shipping, ShippingName: t.ShippingName,
		ShippingDiscount: t.ShippingDiscount, ShippingTax: t.ShippingTax, ShippingTaxes: t.ShippingTaxes, Tax: t.Tax,
		TaxName: t.TaxName, TaxRate: t.TaxRate, TaxIncluded: t.TaxIncluded, Total: t.Total, Note: form.Note}
	for _, d := range t.Discounts {
		if d.Amount > 0 {
			o.Discounts = append(o.Discounts, d)
		}
	}
	for i, l := range c.Lines {
		o.Lines = append(o.Lines, orbit.OrderLine{MerchantID: p.merchant, OrderID: o.ID, Position: i,
			ID: orbit.NewID[orbit.OrderLine](), VariantID: l.VariantID, ProductID: l.ProductID, Handle: l.Handle,
			Title: l.Title, ProductType: l.ProductType, Variant: l.Variant, SKU: l.SKU, Price: l.Price, Quantity: l.Quantity,
			Discount: t.Lines[i].Discount, Tax: t.Lines[i].Tax, Taxes: t.Lines[i].Taxes, Taxable: l.Taxable,
			TaxIncluded: t.TaxIncluded, RequiresShipping: l.RequiresShipping, Total: t.Lines[i].Total})
	}
	o.ToFulfill = o.Count()
	return o
}

// sell places an order that no provider is to be paid for.
func (p purchase) sell(ctx context.Context, o *orbit.Order, method orbit.PaymentMethod) error {
	b := p.db.Batch()
	if err := p.useDiscounts(ctx, *o, 1); err != nil {
		return err
	}
	if err := p.number(ctx, b, o, true); err != nil {
		return err
	}
	short, low, err := p.takeStock(ctx, o.Lines, units)
	if err != nil {
		return err
	}
	if short > 0 {
		return ErrCartShort
	}
	payment := p.payment(*o, method)
	if o.Total == 0 {
		payment.Status, payment.PaidAt = orbit.PaymentPaid, o.CreatedAt
		o.PaymentStatus, o.PaidAt = orbit.FinancialPaid, o.CreatedAt
	}
	o.Payments = []orbit.Payment{payment}
	b.Insert("payments", payment)
	if err := p.insert(ctx, b, o, orbit.EmailConfirmation); err != nil {
		return err
	}
	if o.PaymentStatus == orbit.FinancialPaid {
		b.Event(orbit.OrderEvent(orbit.OrderWasPaid, *o))
	}
	b.Event(low...)
	p.emptyCart(b, o.CartID)
	return b.Run(ctx, p)
}

func (p purchase) payment(o orbit.Order, method orbit.PaymentMethod) orbit.Payment {
	return orbit.Payment{ID: orbit.NewID[orbit.Payment](), MerchantID: p.merchant, OrderID: o.ID, Kind: method.Kind,
		Name: method.Name, Instructions: method.Instructions, Amount: o.Total, Currency: o.Currency,
		Status: orbit.PaymentPending, AccountID: method.AccountID, Test: method.Test, CreatedAt: pg.Stamp()}
}

// insert adds an order that has its number and its payment, with its customer, its first entry, its event and the email
// of a kind.
func (p purchase) insert(ctx context.Context, b *pg.Batch, o *orbit.Order, kind orbit.OrderEmail) (err error) {
	customer := orbit.NewID[orbit.Customer]()
	if o.CustomerID, err = p.meet(ctx, customer, *o); err != nil {
		return err
	}
	if err := send(b, p.Write, kind, *o); err != nil {
		return err
	}
	b.Event(orbit.OrderEvent(orbit.OrderWasCreated, *o))
	if o.CustomerID == customer {
		b.Event(orbit.CustomerEvent(orbit.CustomerWasCreated, customer))
	}
	b.Insert("orders", o)
	b.Insert("order_lines", o.Lines)
	p.enter(b, o.ID, orbit.EntryPlaced, "", orbit.OrderEntryDetail{})
	return nil
}

// emptyCart takes out of a cart all that is in it.
func (t *Tenant) emptyCart(b *pg.Batch, cart orbit.CartID) {
	b.Exec(`DELETE FROM cart_lines WHERE cart_id = $1`, cart)
	b.Exec(`UPDATE carts SET updated_at = now(), discount_codes = '{}', expires_at = now() + make_interval(secs => $2)
		WHERE id = $1`, cart, orbit.EmptyCartLife.Seconds())
}

// number gives an order the shop's next number and the time, and counts it against the shop's plan. Its lock holds
// until the transaction ends: of fifty orders at ninety-nine of a hundred, one is made. An order that is paid for
// already isn't bound by the plan, nor by the shop being open.
func (p purchase) number(ctx context.Context, b *pg.Batch, o *orbit.Order, bound bool) error {
	now := pg.Stamp()
	next, err := pg.One[struct{ Last, InMonth int64 }](ctx, p, `INSERT INTO order_numbers AS n
			(merchant_id, last, month, in_month) VALUES ($1, 1001, $2, 1)
		ON CONFLICT (merchant_id) DO UPDATE SET last = n.last + 1, month = excluded.month, in_month = CASE
		WHEN n.month = excluded.month THEN n.in_month + 1 ELSE 1 END
		RETURNING last, in_month`, p.merchant, day(orbit.MonthOf(now)))
	if err != nil {
		return err
	}
	o.Number, o.CreatedAt = next.Last, now
	// Behind the number's lock: a limit that was lowered holds for orders that waited for it.
	shop, err := pg.One[struct {
		Open   bool
		Limits orbit.Limits `bun:"type:jsonb"`
	}](ctx, p, `SELECT m.live_at IS NOT NULL AND m.status = 'active' AS open, coalesce(p.limits, '{}') AS limits
		FROM merchants m LEFT JOIN plans p ON p.id = m.plan_id WHERE m.id = $1`, p.merchant)
	if err != nil {
		return err
	}
	if bound && !shop.Open {
		return ErrClosed
	}
	orders := shop.Limits.Meter(orbit.LimitOrders, next.InMonth)
	if bound && orders.Over() {
		return ErrOrderLimit
	}
	return p.notice(ctx, b, orders)
}

// TakesOrders is nil while the shop's plan has room for an order this month, and ErrOrderLimit otherwise. It locks
// nothing: what counts is the number that an order gets.
func (t *Tenant) TakesOrders(ctx context.Context) error {
	full, err := pg.One[bool](ctx, t, `SELECT EXISTS (SELECT FROM merchants m JOIN plans p ON p.id = m.plan_id
		WHERE m.id = $1 AND (p.limits ->> 'ordersPerMonth')::bigint <=
			coalesce((SELECT in_month FROM order_numbers WHERE month = $2::date), 0))`,
		t.merchant, day(orbit.MonthOf(time.Now())))
	if err == nil && full {
		return ErrOrderLimit
	}
	return err
}
