package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// Customer is somebody who has ordered, or was added.
type Customer struct {
	ID               string      `json:"id" format:"uuid"`
	Email            string      `json:"email"`
	FirstName        string      `json:"firstName"`
	LastName         string      `json:"lastName"`
	Phone            string      `json:"phone" doc:"E.164 where it can be read as a number, else as it was typed."`
	Address          ShopAddress `json:"address" doc:"The latest order's, until one is set."`
	Tags             []string    `json:"tags" nullable:"false"`
	Note             string      `json:"note" doc:"The staff's."`
	AcceptsMarketing bool        `json:"acceptsMarketing"`
	TaxExempt        bool        `json:"taxExempt" doc:"For the books; the checkout charges tax."`
	Orders           int64       `json:"orders" doc:"That weren't canceled and aren't tests."`
	Spent            int64       `json:"spent" doc:"What was paid, less what was refunded."`
	Version          int         `json:"version" doc:"Counts changes; for If-Match."`
	CreatedAt        time.Time   `json:"createdAt"`
	UpdatedAt        time.Time   `json:"updatedAt"`
}

// CustomerContent is what a customer is to be; what is left out stays as it is.
type CustomerContent struct {
	Email            Change[string]        `json:"email,omitempty" doc:"Needed by a new one."`
	FirstName        Change[string]        `json:"firstName,omitempty"`
	LastName         Change[string]        `json:"lastName,omitempty"`
	Phone            Change[string]        `json:"phone,omitempty" doc:"Of the address's or shop's country, without +."`
	Address          Change[AddressChange] `json:"address,omitempty" doc:"Its fields are merged; null takes it away."`
	Tags             Change[[]string]      `json:"tags,omitempty"`
	Note             Change[string]        `json:"note,omitempty"`
	AcceptsMarketing Change[bool]          `json:"acceptsMarketing,omitempty"`
	TaxExempt        Change[bool]          `json:"taxExempt,omitempty"`
}

// upon makes of a customer what was sent. Numbers without a country's code are of the country.
func (b CustomerContent) upon(was orbit.Customer, country string) (orbit.Customer, error) {
	c := was
	set(b.Email, &c.Email)
	set(b.FirstName, &c.FirstName)
	set(b.LastName, &c.LastName)
	set(b.Phone, &c.Phone)
	set(b.Tags, &c.Tags)
	set(b.Note, &c.Note)
	set(b.AcceptsMarketing, &c.AcceptsMarketing)
	set(b.TaxExempt, &c.TaxExempt)
	if a := b.Address.Value; b.Address.Null {
		c.Address = orbit.Address{}
	} else {
		set(a.Line1, &c.Address.Line1)
		set(a.Line2, &c.Address.Line2)
		set(a.City, &c.Address.City)
		set(a.Postcode, &c.Address.Postcode)
		set(a.Country, &c.Address.Country)
		if c.Address.Country != was.Address.Country { // a region is its country's
			c.Address.Region = ""
		}
		set(a.Region, &c.Address.Region)
	}
	return c.Checked(was, country)
}

// CustomerMerge names who goes over to the customer.
type CustomerMerge struct {
	Customer string `json:"customer" format:"uuid" doc:"The other customer's id."`
}

type (
	// CustomerParams names a customer.
	CustomerParams struct {
		ID string `path:"id" doc:"The customer's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	// CustomerQuery chooses customers.
	CustomerQuery struct {
		Query string `query:"q" maxLength:"200" doc:"Parts of the name, email address and tags, or of the phone number."`
	}
	customersInput struct {
		ListParams
		CustomerQuery
	}
	newCustomerInput   struct{ Body content[CustomerContent] }
	patchCustomerInput struct {
		CustomerParams
		MatchParams
		Body content[CustomerContent]
	}
	mergeCustomerInput struct {
		CustomerParams
		Body content[CustomerMerge]
	}
	customerOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body Customer
	}
	customersOutput    struct{ Body page[Customer] }
	customerDataOutput struct{ Body orbit.CustomerData }
)

func (a *API) customerRoutes() {
	example := orbit.Customer{ID: must[orbit.Customer](exampleThemeID), Email: "grace@example.com", FirstName: "Grace",
		LastName: "Hopper", Phone: "+12025550143", Address: orbit.Address{Line1: "9 Harbor Rd", City: "Boston",
			Region: "MA", Postcode: "02110", Country: "US"}, Tags: []string{"vip"}, Orders: 3, Spent: 12400, Version: 2,
		CreatedAt: exampleTime(), UpdatedAt: exampleTime()}
	answer := customerView(example)
	body := map[string]any{"email": "grace@example.com", "firstName": "Grace", "lastName": "Hopper",
		"phone": "+1 202-555-0143", "address": map[string]any{"line1": "9 Harbor Rd", "city": "Boston", "region": "MA",
			"postcode": "02110", "country": "US"}, "tags": []string{"vip"}}
	op := func(method, path, id string, status int, summary, about string) operation {
		scope := orbit.ScopeCustomersWrite
		if method == http.MethodGet {
			scope = orbit.ScopeCustomersRead
		}
		return operation{method: method, path: path, id: id, tag: tagCustomers, scope: scope, status: status,
			summary: summary, about: about, answer: answer}
	}
	list := op(http.MethodGet, "/customers", "listCustomers", 200, "List customers", "The newest first.")
	list.errors, list.answer = []int{422}, page[Customer]{Items: []Customer{answer}}
	registerShop(a, list, a.listCustomers)
	create := op(http.MethodPost, "/customers", "createCustomer", 201, "Create a customer",
		"Who orders becomes a customer without it. 422 where the shop has one with the email address; 409 beyond 100,000.")
	create.errors, create.body = []int{409}, body
	registerShop(a, create, a.createCustomer)
	registerShop(a, op(http.MethodGet, "/customers/{id}", "getCustomer", 200, "Read a customer",
		"With how much was ordered."), a.getCustomer)
	patch := op(http.MethodPatch, "/customers/{id}", "updateCustomer", 200, "Update a customer",
		"Orders keep what they were placed with, and later ones don't change what is set here.")
	patch.errors, patch.body = []int{412}, map[string]any{"tags": []string{"vip", "wholesale"}}
	registerShop(a, patch, a.updateCustomer)
	merge := op(http.MethodPost, "/customers/{id}/merge", "mergeCustomers", 200, "Merge two customers",
		"Orders, tags and the note of the other customer go over to this one, with a name, phone number and address "+
			"where this one has none. The other one is gone. 409 where tags or notes are too many for one. Can't be undone.")
	merge.errors = []int{409} // more notes or tags than one can have
	merge.body = map[string]any{"customer": exampleID}
	registerShop(a, merge, a.mergeCustomers)
	data := op(http.MethodGet, "/customers/{id}/data", "getCustomerData", 200, "Read all that is known of a customer",
		"For a customer who asks: orders, unfinished checkouts, emails and uses of discounts.")
	data.answer = orbit.CustomerData{ExportedAt: exampleTime(), Shop: "Moss & Stone", Customer: example.Known(),
		Orders: []orbit.KnownOrder{}, Unfinished: []orbit.KnownOrder{}, Emails: []orbit.KnownEmail{},
		Discounts: []orbit.KnownDiscount{}}
	registerShop(a, data, a.customerData)
	erase := op(http.MethodDelete, "/customers/{id}", "eraseCustomer", 204, "Erase a customer",
		"Takes what names the person out of everything, and keeps the books: amounts and lines of orders stay. 409 while "+
			"an order is open or money is under way. Can't be undone.")
	erase.errors, erase.answer = []int{409}, nil
	registerShop(a, erase, a.eraseCustomer)
	file := op(http.MethodGet, "/exports/customers.csv", "exportCustomers", 200, "Export customers",
		"A CSV file of all customers, or those that `q` finds, the newest first, with the columns of Shopify's export. A "+
			"cell that a spreadsheet would run begins with an apostrophe. The file is streamed: where something goes wrong, "+
			"the connection is closed before its end.")
	file.errors, file.answerType, file.answer = []int{422}, "text/csv",
		"First Name,Last Name,Email,…\nGrace,Hopper,grace@example.com,…\n"
	registerShop(a, file, a.exportCustomers)
}

func customerView(c orbit.Customer) Customer {
	a := c.Address
	return Customer{ID: c.ID.String(), Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Phone: c.Phone,
		Address: ShopAddress{a.Line1, a.Line2, a.City, a.Region, a.Postcode, a.Country}, Tags: append([]string{}, c.Tags...),
		Note: c.Note, AcceptsMarketing: c.AcceptsMarketing, TaxExempt: c.TaxExempt, Orders: int64(c.Orders), Spent: c.Spent,
		Version: c.Version, CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC()}
}

func customerAnswer(c orbit.Customer, err error) (*customerOutput, error) {
	return &customerOutput{etag(c.Version), customerView(c)}, err
}

// filter reads the query.
func (q CustomerQuery) filter() (f shop.CustomerFilter, err error) {
	var ok bool
	if f.Query, ok = orbit.Line(q.Query); !ok {
		return f, errParameters(orbit.Fault{Field: "query.q", Value: shortText(q.Query),
			Message: "A search can't contain line breaks or control characters."})
	}
	return f, nil
}

func (a *API) listCustomers(ctx context.Context, d desk, in *customersInput) (*customersOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	name := "customers " + strconv.Quote(f.Query)
	after, err := a.tokens.after(name, in.Cursor)
	if err != nil {
		return nil, err
	}
	if after.ID != "" {
		if f.After, err = id[orbit.Customer](after.ID); err != nil {
			return nil, err
		}
	}
	f.Limit = in.Limit + 1
	var rows []orbit.Customer
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		rows, err = t.CustomersAfter(ctx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &customersOutput{list(a.tokens, name, in.Limit, rows, customerView, func(c orbit.Customer) store.After {
		return store.After{Time: c.CreatedAt, ID: c.ID.String()}
	})}, nil
}

func (a *API) getCustomer(ctx context.Context, d desk, in *CustomerParams) (*customerOutput, error) {
	key, err := id[orbit.Customer](in.ID)
	if err != nil {
		return nil, err
	}
	var c orbit.Customer
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) { c, err = t.Customer(ctx, key); return err })
	return customerAnswer(c, err)
}

func (a *API) createCustomer(ctx context.Context, d desk, _ *newCustomerInput) (*customerOutput, error) {
	body, r := read[CustomerContent](d.call)
	var c orbit.Customer
	err := d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		c, err = body.upon(orbit.Customer{ID: orbit.NewID[orbit.Customer]()}, settings.Address.Country)
		if err = r.with(err); err == nil {
			err = e.CreateCustomer(ctx, c)
		}
		if err == nil {
			c, err = e.Customer(ctx, c.ID)
		}
		return err
	})
	return customerAnswer(c, err)
}

func (a *API) updateCustomer(ctx context.Context, d desk, in *patchCustomerInput) (*customerOutput, error) {
	key, err := id[orbit.Customer](in.ID)
	if err != nil {
		return nil, err
	}
	body, r := read[CustomerContent](d.call)
	var c orbit.Customer
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		c, err = e.UpdateCustomer(ctx, key, 0, func(was orbit.Customer) (orbit.Customer, error) {
			if err := d.match(was.Version); err != nil {
				return was, err
			}
			next, err := body.upon(was, settings.Address.Country)
			return next, r.with(err)
		})
		return err
	})
	return customerAnswer(c, err)
}

func (a *API) mergeCustomers(ctx context.Context, d desk, in *mergeCustomerInput) (*customerOutput, error) {
	key, err := id[orbit.Customer](in.ID)
	if err != nil {
		return nil, err
	}
	body, r := read[CustomerMerge](d.call)
	other, wrong := id[orbit.Customer](body.Customer)
	if wrong != nil {
		wrong = orbit.FaultOn(orbit.Invalid, "customer", body.Customer, "Send the id of another customer.")
	}
	var c orbit.Customer
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		if _, err := e.Customer(ctx, key); err != nil {
			return err
		}
		if err := r.with(wrong); err != nil {
			return err
		}
		c, err = e.MergeCustomers(ctx, key, other)
		if orbit.CodeOf(err) == orbit.NotFound {
			err = orbit.FaultOn(orbit.Invalid, "customer", body.Customer, "The shop has no such customer.")
		}
		return err
	})
	return customerAnswer(c, err)
}

func (a *API) customerData(ctx context.Context, d desk, in *CustomerParams) (*customerDataOutput, error) {
	key, err := id[orbit.Customer](in.ID)
	if err != nil {
		return nil, err
	}
	data, err := d.Shop.CustomerData(ctx, key)
	return &customerDataOutput{data}, err
}

func (a *API) eraseCustomer(ctx context.Context, d desk, in *CustomerParams) (*noContent, error) {
	key, err := id[orbit.Customer](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error { return e.EraseCustomer(ctx, key) })
}

func (a *API) exportCustomers(ctx context.Context, d desk, in *CustomerQuery) (*exportOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	var settings orbit.ShopSettings
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		settings, err = t.Settings(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &exportOutput{func(huma.Context) {}}, a.CustomersCSV(d.fiber, d.Shop, f, settings.Currency)
}
