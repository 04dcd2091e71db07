package orbit

// IsGTIN reports whether a barcode is a Global Trade Item Number of 8, 12, 13 or 14 digits with a right check digit
// (GS1 General Specifications, 7.9).
func IsGTIN(barcode string) bool {
	switch len(barcode) {
	case 8, 12, 13, 14:
	default:
		return false
	}
	sum := 0
	for i, c := range []byte(barcode) {
		if c < '0' || c > '9' {
			return false
		}
		digit := int(c - '0')
		if (len(barcode)-i)%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return sum%10 == 0
}
