package dashboard

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) customerRoutes() []route {
	const may = orbit.PermissionCustomers
	return []route{
		get("/customers", may, r.showCustomers),
		post("/customers", may, r.createCustomer),
		get("/customers/new", may, r.newCustomer),
		get("/customers/export.csv", may, r.exportCustomers),
		get("/customers/:customer", may, r.showCustomer),
		post("/customers/:customer", may, r.updateCustomer),
	}
}

func customerQuery(c *fiber.Ctx, m orbit.Merchant) dashboard.CustomerQuery {
	return dashboard.ParseCustomerQuery(kit.ListQuery(c, dashboard.CustomersPath(m), dashboard.CustomerStates),
		kit.Query(c).Get)
}

// customerFilter is what a query asks of the store.
func customerFilter(q dashboard.CustomerQuery) shop.CustomerFilter {
	return shop.CustomerFilter{Query: q.Text, Group: orbit.CustomerGroup(q.Status), Tag: q.Tag, Marketing: q.Marketing,
		TaxExempt: q.TaxExempt, Sort: q.Sort, Limit: q.PerPage, Offset: q.Offset()}
}

func (r routes) showCustomers(c *fiber.Ctx, d desk) error {
	l := dashboard.CustomerList{Merchant: d.Merchant, Now: time.Now(), CustomerQuery: customerQuery(c, d.Merchant)}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		l.Currency = settings.Currency
		l.Rows, l.Total, err = t.Customers(ctx, customerFilter(l.CustomerQuery))
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Customers(d.frame(), l))
}

// exportCustomers answers with all customers of a view as a file.
func (r routes) exportCustomers(c *fiber.Ctx, d desk) error {
	var settings orbit.ShopSettings
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		settings, err = t.Settings(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return r.CustomersCSV(c, d.Shop, customerFilter(customerQuery(c, d.Merchant)), settings.Currency)
}

// customerSheet begins a customer's page with what a form has typed.
func customerSheet(c *fiber.Ctx, d desk) dashboard.CustomerSheet {
	return dashboard.CustomerSheet{Merchant: d.Merchant, Now: time.Now(), Tags: c.FormValue("tags"),
		MayOrder: d.Rights.May(orbit.PermissionOrders),
		Form: orbit.Customer{FirstName: c.FormValue("firstName"), LastName: c.FormValue("lastName"),
			Email: c.FormValue("email"), Phone: c.FormValue("phone"), Note: c.FormValue("note"),
			Address: orbit.Address{Line1: c.FormValue("line1"), Line2: c.FormValue("line2"), City: c.FormValue("city"),
				Region: c.FormValue("region"), Postcode: c.FormValue("postcode"), Country: c.FormValue("country")},
			Tags:             strings.FieldsFunc(c.FormValue("tags"), func(r rune) bool { return r == ',' || r == '\n' }),
			AcceptsMarketing: c.FormValue("acceptsMarketing") == "on", TaxExempt: c.FormValue("taxExempt") == "on"}}
}

// uponCustomer makes of a customer what a form says. A region that was another country's goes with it.
func uponCustomer(now, form orbit.Customer, country string) (orbit.Customer, error) {
	if form.Address.Country != now.Address.Country && form.Address.Region == now.Address.Region {
		form.Address.Region = ""
	}
	if form.Phone == orbit.ShownPhone(now.Phone) {
		form.Phone = now.Phone
	}
	form.ID = now.ID
	return form.Checked(now, country)
}

func (r routes) newCustomer(c *fiber.Ctx, d desk) error {
	s := dashboard.CustomerSheet{Merchant: d.Merchant, Form: orbit.Customer{ID: orbit.NewID[orbit.Customer]()}}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		settings, err := t.Settings(ctx)
		s.Form.Address.Country = settings.Address.Country
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Customer(d.frame(), s))
}

func (r routes) createCustomer(c *fiber.Ctx, d desk) error {
	s := customerSheet(c, d)
	var err error
	if s.Form.ID, err = orbit.ParseID[orbit.Customer](c.FormValue("id")); err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		typed := s.Form
		if typed.Address == (orbit.Address{Country: settings.Address.Country}) { // as the form came
			typed.Address = orbit.Address{}
		}
		made, err := uponCustomer(orbit.Customer{ID: typed.ID}, typed, settings.Address.Country)
		if err == nil {
			err = e.CreateCustomer(ctx, made)
		}
		return err
	})
	if kit.Refuses(err) {
		s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.Customer(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Customer added.")
	return kit.See(c, dashboard.CustomerPath(d.Merchant, s.Form.ID, ""))
}

// customerNow reads a customer and a page of the orders into its page.
func customerNow(c *fiber.Ctx, d desk, s *dashboard.CustomerSheet) error {
	id, err := id[orbit.Customer](c, "customer")
	if err != nil {
		return err
	}
	s.Orders = kit.ListQuery(c, dashboard.CustomerPath(d.Merchant, id, ""), nil)
	s.Orders.Text, s.Orders.PerPage = "", 8
	return d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if s.Customer, err = t.Customer(ctx, id); err != nil {
			return err
		}
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		s.Currency = settings.Currency
		s.Rows, s.Total, err = t.Orders(ctx, shop.OrderFilter{Customer: id, Limit: s.Orders.PerPage,
			Offset: s.Orders.Offset()})
		return err
	})
}

func (r routes) showCustomer(c *fiber.Ctx, d desk) error {
	s := customerSheet(c, d)
	if err := customerNow(c, d, &s); err != nil {
		return err
	}
	s.Form, s.Version, s.Tags = s.Customer, s.Customer.Version, strings.Join(s.Customer.Tags, ", ")
	return r.Render(c, fiber.StatusOK, dashboard.Customer(d.frame(), s))
}

func (r routes) updateCustomer(c *fiber.Ctx, d desk) error {
	s := customerSheet(c, d)
	if err := customerNow(c, d, &s); err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || version < 1 || !kit.Form(c).Has("tags") {
		return orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	s.Version = version
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		now, err := e.UpdateCustomer(ctx, s.Customer.ID, version, func(now orbit.Customer) (orbit.Customer, error) {
			return uponCustomer(now, s.Form, settings.Address.Country)
		})
		if err == nil || orbit.CodeOf(err) == orbit.Conflict {
			s.Customer = now
		}
		return err
	})
	if kit.Refuses(err) {
		s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
		if orbit.CodeOf(err) == orbit.Conflict && s.Customer.Version != version {
			s.Version, s.Differs = s.Customer.Version, dashboard.CustomerNow(s.Customer, s.Form)
		}
		return r.Render(c, kit.Refused(c, err), dashboard.Customer(d.frame(), s))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Saved.")
	return kit.See(c, dashboard.CustomerPath(d.Merchant, s.Customer.ID, ""))
}
