package orbit

// Application is what a person fills in to apply for a shop.
type Application struct {
	Name      string
	OwnerName string
	Email     string
	Category  Category
}

// Check gives the application in its stored form, or all that is wrong with it. Faults are
// on name, ownerName, email and category.
func (a Application) Check() (Application, error) {
	var f Faults
	a.Name = f.name("name", "Store name", a.Name, 2, 80)
	a.OwnerName = f.name("ownerName", "Your name", a.OwnerName, 2, 80)
	a.Email = f.email("email", a.Email)
	f.category("category", a.Category)
	return a, f.Err()
}

// ApplicationSheet is an application as the page of its applicant knows it.
type ApplicationSheet struct {
	Merchant  Merchant `bun:"embed:m__"`
	Mailed    bool     // an email was sent to confirm the address
	Confirmed bool
}
