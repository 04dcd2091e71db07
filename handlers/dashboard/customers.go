package dashboard

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
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
		get("/customers/:customer/data.json", may, r.showCustomerData),
		get("/customers/:customer/merge/new", may, r.newMerge),
		post("/customers/:customer/merge", may, r.createMerge),
		get("/customers/:customer/erasure/new", may, r.newErasure),
		post("/customers/:customer/erasure", may, r.createErasure),
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

// newMerge lists customers to merge one with, those that are found by ?find=, and asks about the one that ?with= names.
func (r routes) newMerge(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.Customer](c, "customer")
	if err != nil {
		return err
	}
	s := dashboard.CustomerMerge{Merchant: d.Merchant, Find: orbit.Search(c.Query("find"), 200)}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if s.Customer, err = t.Customer(ctx, id); err != nil {
			return err
		}
		if with, err := orbit.ParseID[orbit.Customer](c.Query("with")); err == nil {
			s.With, err = t.Customer(ctx, with)
			return err
		}
		if s.Find == "" { // who has the same name comes first
			if err := findOthers(ctx, t, &s, s.Customer.LastName); err != nil || len(s.Rows) > 0 {
				return err
			}
		}
		return findOthers(ctx, t, &s, s.Find)
	})
	if err != nil {
		return err
	}
	if !s.With.ID.IsZero() {
		return r.ask(c, d, dashboard.MergeQuestion(s))
	}
	return r.Render(c, fiber.StatusOK, dashboard.MergePage(d.frame(), s))
}

// findOthers reads the customers beside one who have some words.
func findOthers(ctx context.Context, t *shop.Tenant, s *dashboard.CustomerMerge, words string) error {
	rows, total, err := t.Customers(ctx, shop.CustomerFilter{Query: words, Limit: ui.PerPage + 1})
	for _, other := range rows {
		if other.ID != s.Customer.ID && len(s.Rows) < ui.PerPage {
			s.Rows = append(s.Rows, other)
		}
	}
	s.More = max(0, total-1-len(s.Rows))
	return err
}

func (r routes) createMerge(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.Customer](c, "customer")
	if err != nil {
		return err
	}
	other, err := orbit.ParseID[orbit.Customer](c.FormValue("with"))
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		_, err := e.MergeCustomers(ctx, id, other)
		return err
	})
	if kit.Refuses(err) {
		q := dashboard.MergeRefused(d.Merchant, id)
		q.Refusal = orbit.Sentence(err)
		return r.ask(c, d, q)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Customers merged.")
	return kit.See(c, dashboard.CustomerPath(d.Merchant, id, ""))
}

// showCustomerData answers with all that is known of a customer as a file.
func (r routes) showCustomerData(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.Customer](c, "customer")
	if err != nil {
		return err
	}
	data, err := d.Shop.CustomerData(c.UserContext(), id)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="customer-`+id.String()+`.json"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	file, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Send(file)
}

// erasure asks before a customer is erased, or says what stands in the way.
func erasure(c *fiber.Ctx, d desk, id orbit.CustomerID) (q ui.ConfirmProps, err error) {
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		customer, err := t.Customer(ctx, id)
		if err != nil {
			return err
		}
		q = dashboard.ErasureQuestion(d.Merchant, customer)
		q, err = kit.Refuse(c, q, t.Erasable(ctx, id))
		return err
	})
	return q, err
}

func (r routes) newErasure(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.Customer](c, "customer")
	if err != nil {
		return err
	}
	q, err := erasure(c, d, id)
	if err != nil {
		return err
	}
	return r.ask(c, d, q)
}

func (r routes) createErasure(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.Customer](c, "customer")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.EraseCustomer(ctx, id) })
	if orbit.CodeOf(err) == orbit.Conflict {
		q, again := erasure(c, d, id)
		if again != nil {
			return again
		}
		if q, err = kit.Refuse(c, q, err); err != nil {
			return err
		}
		return r.ask(c, d, q)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Customer erased. Orders and their amounts stay.")
	return kit.See(c, dashboard.CustomersPath(d.Merchant))
}
