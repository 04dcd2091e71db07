package orbit

// Tax is how a shop's prices are taxed.
type Tax struct {
	Name     string
	Rate     int  // hundredths of a percent: 1900 is 19 %
	Included bool // prices hold it already
}
