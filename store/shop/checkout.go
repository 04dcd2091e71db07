package shop

import (
	"context"
	"slices"
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Checkout returns what the checkout has to choose from.
func (t *Tenant) Checkout(ctx context.Context) (orbit.Checkout, error) {
	r := t.Reader()
	settings := r.Settings()
	rates := pg.Ask[[]orbit.ShippingRate](r.Reader, `SELECT `+r.DB.Columns("r", "", orbit.ShippingRate{})+`
		FROM shipping_rates r ORDER BY position, name`)
	methods := pg.Ask[[]orbit.PaymentMethod](r.Reader, `SELECT `+r.DB.Columns("m", "", orbit.PaymentMethod{})+`
		FROM payment_methods m WHERE enabled ORDER BY kind`)
	err := r.Read(ctx)
	return orbit.Checkout{Settings: settings.Value, Rates: rates.Value, Methods: methods.Value}, err
}

// Totals is what a cart costs with a code, which may be "", and a rate. Where the code doesn't hold the
// totals are those without it, and an error with a fault on discount says why.
func (t *Tenant) Totals(ctx context.Context, c orbit.Cart, o orbit.Checkout, code, rate string) (orbit.Totals, error) {
	return t.totals(ctx, c, o, code, rate, "")
}

func (t *Tenant) totals(
	ctx context.Context, c orbit.Cart, o orbit.Checkout, code, rate, lock string,
) (orbit.Totals, error) {
	var off int64
	var refused error
	if code != "" {
		ds, err := pg.All[orbit.Discount](ctx, t, `SELECT `+t.db.Columns("d", "", orbit.Discount{})+` FROM discounts d
			WHERE code = $1 `+lock, code)
		if err != nil {
			return orbit.Totals{}, err
		}
		if off, refused = pg.First(ds).Off(c.Subtotal(), o.Settings.Currency, time.Now()); refused != nil {
			refused = orbit.FaultOn(orbit.Invalid, "discount", code, orbit.Sentence(refused))
		}
	}
	return orbit.Sum(c, o.Settings.Currency, code, off, o.Rate(rate), o.Settings.Tax()), refused
}

// Errors of PlaceOrder. What shoppers read of them, and of those of AddToCart, is in the shop's language: themes.Words.
var (
	ErrCartEmpty    = orbit.Errorf(orbit.Conflict, "The cart is empty.")
	ErrCartShort    = orbit.Errorf(orbit.Conflict, "The cart holds more than is available.")
	ErrTotalChanged = orbit.Errorf(orbit.Conflict, "The total has changed.")
	ErrFormUsed     = orbit.Errorf(orbit.Conflict, "The form has placed an order already.")
	ErrClosed       = orbit.Errorf(orbit.Conflict, "The shop is closed.")
	ErrOrderLimit   = orbit.Errorf(orbit.Conflict, "The shop has reached its order limit for this month.")
)

// PlaceOrder buys what is in a token's cart: in one transaction the form is checked against the shop's rates and
// methods, prices and stock are those of the database, stock is taken, the order gets its number and its email is
// queued, and the cart is emptied. A form that was sent before (its Key) gives the order that it made then, or
// ErrFormUsed where something was put into the cart since. An order of nothing is paid at once. Faults are those of
// CheckoutForm.Check and discount; what can't be bought is one of the errors above.
func (s Scope) PlaceOrder(ctx context.Context, token string, form orbit.CheckoutForm,
	emailOf func(orbit.Order) (orbit.Email, error)) (o orbit.Order, err error) {
	err = s.Do(ctx, func(t *Tenant) (err error) {
		o, err = purchase{Tenant: t}.place(ctx, token, form, emailOf)
		return err
	})
	return o, err
}

// purchase is one order being placed. Rows are locked in one order: cart, discount, the shop's number, stock.
type purchase struct {
	*Tenant
	checkout orbit.Checkout
}

func (p purchase) place(ctx context.Context, token string, form orbit.CheckoutForm,
	emailOf func(orbit.Order) (orbit.Email, error)) (orbit.Order, error) {
	// The cart's lock makes the second of two submits wait for the first.
	cart, err := p.cartID(ctx, token, "FOR UPDATE")
	if err != nil {
		return orbit.Order{}, err
	}
	if cart.IsZero() {
		return orbit.Order{}, ErrCartEmpty
	}
	if key, err := orbit.ParseID[orbit.Order](form.Key); err == nil {
		o, err := p.Order(ctx, key)
		if err == nil && o.CartID == cart {
			n, err := pg.One[int](ctx, p, `SELECT count(*) FROM cart_lines WHERE cart_id = $1`, cart)
			if err != nil {
				return orbit.Order{}, err
			}
			if n > 0 { // put there since
				return orbit.Order{}, ErrFormUsed
			}
			return o, nil
		}
		if err == nil || orbit.CodeOf(err) != orbit.NotFound {
			return orbit.Order{}, ErrFormUsed
		}
	}
	c := orbit.Cart{ID: cart}
	if err := p.addLines(ctx, &c); err != nil {
		return orbit.Order{}, err
	}
	if len(c.Lines) == 0 {
		return orbit.Order{}, ErrCartEmpty
	}
	if len(c.Short()) > 0 {
		return orbit.Order{}, ErrCartShort
	}
	if p.checkout, err = p.Checkout(ctx); err != nil {
		return orbit.Order{}, err
	}
	totals, refused := p.totals(ctx, c, p.checkout, orbit.DiscountCode(form.Discount), form.Shipping, "FOR UPDATE")
	if refused != nil && orbit.CodeOf(refused) != orbit.Invalid {
		return orbit.Order{}, refused
	}
	if refused == nil && totals.Total == 0 { // nothing to pay, whatever was chosen
		p.checkout.Methods = []orbit.PaymentMethod{orbit.FreeOrder()}
		form.Payment = orbit.FreeOrder().Kind
	}
	if form, err = form.Check(p.checkout.Rates, p.checkout.Methods); err != nil {
		return orbit.Order{}, err
	}
	if refused != nil {
		return orbit.Order{}, refused
	}
	if form.Seen != strconv.FormatInt(totals.Total, 10) {
		return orbit.Order{}, ErrTotalChanged
	}
	o, err := p.newOrder(ctx, c, form, totals)
	if err != nil {
		return orbit.Order{}, err
	}
	m, err := emailOf(o)
	if err != nil {
		return orbit.Order{}, err
	}
	b := p.db.Batch()
	b.Email(&m)
	return o, b.Run(ctx, p)
}

func (p purchase) newOrder(ctx context.Context, c orbit.Cart, form orbit.CheckoutForm, t orbit.Totals) (o orbit.Order,
	err error) {
	key, err := orbit.ParseID[orbit.Order](form.Key)
	if err != nil {
		return o, err
	}
	o = orbit.Order{ID: key, MerchantID: p.merchant, Token: pg.Token(), CartID: c.ID, Status: orbit.OrderOpen,
		PaymentStatus: orbit.PaymentPending, Prefix: p.checkout.Settings.OrderPrefix,
		Email: form.Email, Phone: form.Phone, Address: form.Address(), Currency: t.Currency, Subtotal: t.Subtotal,
		Discount: t.Discount, DiscountCode: t.DiscountCode,
		Shipping: t.Shipping, ShippingName: t.ShippingName, Tax: t.Tax, TaxName: t.TaxName, TaxRate: t.TaxRate,
		TaxIncluded: t.TaxIncluded, Total: t.Total,
		Note: form.Note, CreatedAt: pg.Stamp()}
	if o.Total == 0 {
		o.PaymentStatus, o.PaidAt = orbit.PaymentPaid, o.CreatedAt
	}
	b := p.db.Batch()
	if o.Number, err = p.number(ctx, b, o.CreatedAt); err != nil {
		return o, err
	}
	events, err := p.takeStock(ctx, c)
	if err != nil {
		return o, err
	}
	customer := orbit.NewID[orbit.Customer]()
	o.CustomerID, err = pg.One[orbit.CustomerID](ctx, p, `INSERT INTO customers (merchant_id, id, email, name, phone)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant_id, lower(email))
		DO UPDATE SET name = excluded.name, phone = coalesce(nullif(excluded.phone, ''), customers.phone), updated_at = now()
		RETURNING id`,
		p.merchant, customer, form.Email, form.Name, form.Phone)
	if err != nil {
		return o, err
	}
	for i, l := range c.Lines {
		o.Lines = append(o.Lines, orbit.OrderLine{MerchantID: p.merchant, OrderID: o.ID, Position: i, VariantID: l.VariantID,
			ProductID: l.ProductID, Handle: l.Handle, Title: l.Title, ProductType: l.ProductType, Variant: l.Variant, SKU: l.SKU,
			Price: l.Price, Quantity: l.Quantity})
	}
	method := p.checkout.Methods[slices.IndexFunc(p.checkout.Methods,
		func(m orbit.PaymentMethod) bool { return m.Kind == form.Payment })]
	o.Payments = []orbit.Payment{{ID: orbit.NewID[orbit.Payment](), MerchantID: p.merchant, OrderID: o.ID,
		Kind: method.Kind, Name: method.Name,
		Instructions: method.Instructions, Amount: o.Total, Currency: o.Currency, Status: o.PaymentStatus,
		CreatedAt: o.CreatedAt, PaidAt: o.PaidAt}}
	b.Event(orbit.OrderEvent(orbit.OrderWasCreated, o))
	if o.PaymentStatus == orbit.PaymentPaid {
		b.Event(orbit.OrderEvent(orbit.OrderWasPaid, o))
	}
	if o.CustomerID == customer {
		b.Event(orbit.CustomerEvent(orbit.CustomerWasCreated, customer))
	}
	b.Event(events...)
	b.Insert("orders", o)
	b.Insert("order_lines", o.Lines)
	b.Insert("payments", o.Payments)
	b.Exec(`DELETE FROM cart_lines WHERE cart_id = $1`, c.ID)
	b.Exec(`UPDATE carts SET updated_at = now(), expires_at = now() + make_interval(secs => $2) WHERE id = $1`,
		c.ID, orbit.EmptyCartLife.Seconds())
	if o.DiscountCode != "" {
		b.Exec(`UPDATE discounts SET used = used + 1 WHERE code = $1`, o.DiscountCode)
	}
	return o, b.Run(ctx, p)
}

// number takes the shop's next order number and counts the order against its plan. Its lock holds until
// the transaction ends: of fifty orders at ninety-nine of a hundred, one is made.
func (p purchase) number(ctx context.Context, b *pg.Batch, now time.Time) (number int64, err error) {
	next, err := pg.One[struct{ Last, InMonth int64 }](ctx, p, `INSERT INTO order_numbers AS n
			(merchant_id, last, month, in_month) VALUES ($1, 1001, $2, 1)
		ON CONFLICT (merchant_id) DO UPDATE SET last = n.last + 1, month = excluded.month, in_month = CASE
		WHEN n.month = excluded.month THEN n.in_month + 1 ELSE 1 END
		RETURNING last, in_month`, p.merchant, day(orbit.MonthOf(now)))
	if err != nil {
		return 0, err
	}
	// Behind the number's lock: a limit that was lowered holds for orders that waited for it.
	shop, err := pg.One[struct {
		Open   bool
		Limits orbit.Limits `bun:"type:jsonb"`
	}](ctx, p, `SELECT m.live_at IS NOT NULL AND m.status = 'active' AS open, coalesce(p.limits, '{}') AS limits
		FROM merchants m LEFT JOIN plans p ON p.id = m.plan_id WHERE m.id = $1`, p.merchant)
	if err != nil {
		return 0, err
	}
	if !shop.Open {
		return 0, ErrClosed
	}
	orders := shop.Limits.Meter(orbit.LimitOrders, next.InMonth)
	if orders.Over() {
		return 0, ErrOrderLimit
	}
	return next.Last, p.notice(ctx, b, orders)
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

// takeStock takes every line's quantity from the stock, or nothing: a line that there is too little for
// matches no row. It returns what ran low.
func (p purchase) takeStock(ctx context.Context, c orbit.Cart) (low []orbit.ShopEvent, err error) {
	taken, err := pg.All[struct {
		ID        orbit.VariantID
		ProductID orbit.ProductID
		Stock     int
		Quantity  int
	}](ctx, p, `UPDATE variants v SET stock = v.stock - l.quantity FROM cart_lines l
		WHERE l.cart_id = $1 AND v.merchant_id = l.merchant_id AND v.id = l.variant_id
		AND v.stock >= l.quantity RETURNING v.id, v.product_id, v.stock, l.quantity`, c.ID)
	if err == nil && len(taken) != len(c.Lines) {
		err = ErrCartShort
	}
	for _, v := range taken {
		if orbit.RunsLow(v.Stock+v.Quantity, v.Stock) {
			low = append(low, orbit.InventoryEvent(v.ProductID, v.ID, v.Stock))
		}
	}
	return low, err
}
