package orbit

// PaymentPatch is what somebody changes about a way to pay, as it was typed: name, instructions, and enabled ("on" or
// ""). What it doesn't have stays as it is.
type PaymentPatch map[string]string

// PaymentFields returns the fields that a patch may have.
func PaymentFields() []string { return []string{"enabled", "name", "instructions"} }

// Apply returns what the patch makes of a payment method. Faults are by field.
func (p PaymentPatch) Apply(m PaymentMethod) (PaymentMethod, error) {
	var f Faults
	for field, value := range p {
		switch field {
		case "enabled":
			m.Enabled = value == "on"
		case "name":
			m.Name = f.line(field, "The name", value, 2, 60)
		case "instructions":
			m.Instructions = f.text(field, "The instructions", value, 1000)
		default:
			f.Add(field, value, "A payment method has no such field.")
		}
	}
	m.Sample = false
	return m, f.Err()
}
