package orbit

// ParseOrderNote reads a note of the staff's about an order. Faults are on text.
func ParseOrderNote(typed string) (string, error) {
	var f Faults
	text := f.text("text", "The note", typed, 2000)
	if text == "" && len(f) == 0 {
		f.Add("text", "", "Enter a note.")
	}
	return text, f.Err()
}

// ReasonUnpaid is why an order is canceled when its payment fails after it was placed.
const ReasonUnpaid = "The payment failed."

// ParseReason reads why something is done, which may be left out. Faults are on the field.
func ParseReason(field, typed string) (string, error) {
	var f Faults
	return f.line(field, "The reason", typed, 0, 200), f.Err()
}
