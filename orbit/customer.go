package orbit

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Customer is somebody who has bought from a shop, or was added by its staff: one person for each email address, and
// one for each shop.
type Customer struct {
	ID               CustomerID `bun:",pk"`
	MerchantID       MerchantID
	Email            string
	Name             string // as it was typed at the checkout, or FirstName and LastName
	FirstName        string
	LastName         string
	Phone            string   // E.164 where it can be read as a number, else as it was typed
	Address          Address  `bun:"-"` // without a name; that of the latest order until staff set one
	Tags             []string `bun:",array"`
	Note             string
	AcceptsMarketing bool
	TaxExempt        bool // for the books: the checkout charges tax, as it doesn't know who types an address
	Version          int
	CreatedAt        time.Time
	UpdatedAt        time.Time

	Orders int   `bun:"-"` // that weren't canceled and aren't tests
	Spent  int64 `bun:"-"` // what was paid for orders that aren't tests, less what was refunded
}

// ErasedName stands in the orders of a customer who was erased.
const ErasedName = "Erased customer"

const erasedHost = "@erased.invalid" // RFC 2606: no mail goes there

// ErasedEmail stands for the email address of a customer who was erased.
func ErasedEmail(id CustomerID) string { return id.String() + erasedHost }

// Erased reports whether the order's customer was erased: nothing can be sent to its email address.
func (o Order) Erased() bool { return strings.HasSuffix(o.Email, erasedHost) }

// CustomerGroup is a part of a shop's customers.
type CustomerGroup string

// The groups of customers, by how often they have ordered.
const (
	CustomersReturning CustomerGroup = "returning"
	CustomersOnce      CustomerGroup = "once"
	CustomersNone      CustomerGroup = "none"
)

// CustomerGroups returns all of them.
func CustomerGroups() Terms[CustomerGroup] {
	return Terms[CustomerGroup]{{CustomersReturning, "Returning"}, {CustomersOnce, "One order"},
		{CustomersNone, "No orders"}}
}

// CustomerSort is an order of a list of customers; "" is the newest first.
type CustomerSort string

// The orders beside the newest first.
const (
	CustomersByName   CustomerSort = "name"
	CustomersBySpent  CustomerSort = "spent"
	CustomersByOrders CustomerSort = "orders"
)

// Bounds of customers.
const (
	MaxCustomers    = 100_000 // of a shop, before staff can add no more: those who order are bounded by the plan
	maxCustomerNote = 5000
)

// SplitName takes a name apart: what is before the last word, and that word, with the small words before it, as in
// van Beethoven. One word is a first name.
func SplitName(name string) (first, last string) {
	words := strings.Fields(name)
	if len(words) < 2 {
		return strings.Join(words, ""), ""
	}
	at := len(words) - 1
	for at > 1 {
		if r, _ := utf8.DecodeRuneInString(words[at-1]); !unicode.IsLower(r) {
			break
		}
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

// Named returns the customer with first and last name: where staff have set none, those of the name that was typed.
func (c Customer) Named() Customer {
	if c.FirstName == "" && c.LastName == "" {
		c.FirstName, c.LastName = SplitName(c.Name)
	}
	return c
}

// Title is what people call the customer: the name, or else the email address.
func (c Customer) Title() string {
	return cmp.Or(strings.TrimSpace(c.FirstName+" "+c.LastName), c.Name, c.Email)
}

// Checked returns the customer as it is stored, or the faults of its fields, by the names of the API. was is what is
// stored now, a zero Customer for a new one: a phone number that was typed at the checkout, and can't be read as one,
// may stay as it is. Numbers without a country's code are those of the address's country, or else of the shop's.
func (c Customer) Checked(was Customer, country string) (Customer, error) {
	var f Faults
	c.Email = f.email("email", c.Email)
	c.FirstName = f.name("firstName", "First name", c.FirstName, 0, 60)
	c.LastName = f.name("lastName", "Last name", c.LastName, 0, 60)
	c.Name = strings.TrimSpace(c.FirstName + " " + c.LastName)
	c.Address = f.customerAddress(c.Address)
	if c.Phone != was.Phone || c.Phone == "" {
		c.Phone = f.customerPhone("phone", c.Phone, cmp.Or(c.Address.Country, country))
	}
	c.Tags = f.tags("tags", c.Tags)
	for _, tag := range c.Tags {
		if strings.Contains(tag, ",") {
			f.Add("tags", tag, "A tag can't contain a comma.")
		}
	}
	c.Note = f.text("note", "The note", c.Note, maxCustomerNote)
	return c, f.Err()
}

func (f *Faults) customerAddress(a Address) Address {
	const at = "address."
	a.Name = ""
	a.Line1 = f.line(at+"line1", "Address", a.Line1, 0, 160)
	a.Line2 = f.line(at+"line2", "Apartment, suite, etc.", a.Line2, 0, 160)
	a.City = f.line(at+"city", "City", a.City, 0, 100)
	a.Postcode = f.line(at+"postcode", "Postal code", Plain(a.Postcode), 0, 16)
	a.Country = strings.ToUpper(Plain(a.Country))
	switch {
	case a.Country == "" && a == (Address{}):
	case a.Country == "" || CountryName(a.Country) == "":
		f.Add(at+"country", a.Country, "Choose a country.")
	default:
		a.Region = f.region(at+"region", a.Country, a.Region)
	}
	return a
}

// Joined is a customer with what another one, who is the same person, has beside it: missing names, phone and address,
// tags, and the note behind its own. The email address, marketing and tax stay as they are. Conflict where tags or
// notes are more than one customer can have.
func (c Customer) Joined(o Customer) (Customer, error) {
	if c.FirstName == "" && c.LastName == "" {
		c.FirstName, c.LastName, c.Name = o.FirstName, o.LastName, o.Name
	}
	c.Phone = cmp.Or(c.Phone, o.Phone)
	if c.Address == (Address{}) {
		c.Address = o.Address
	}
	c.Note = strings.TrimSpace(c.Note + "\n\n" + o.Note)
	var f Faults
	c.Tags = f.tags("tags", slices.Concat(c.Tags, o.Tags))
	if utf8.RuneCountInString(c.Note) > maxCustomerNote || len(f) > 0 {
		return c, Errorf(Conflict, "Their notes or tags are too many for one customer. Shorten them first: a note can have "+
			"%d characters, and there can be %d tags.", maxCustomerNote, MaxTags)
	}
	return c, nil
}
