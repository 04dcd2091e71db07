package orbit

import (
	"net/url"
	"strings"
	"time"
)

// FulfillmentID is the id of a fulfillment.
type FulfillmentID = ID[Fulfillment]

// Fulfillment is a parcel: what of an order was sent at once.
type Fulfillment struct {
	MerchantID     MerchantID    `bun:",pk"`
	ID             FulfillmentID `bun:",pk"`
	OrderID        OrderID
	Lines          []FulfillmentLine `bun:"type:jsonb"`
	Carrier        string
	TrackingNumber string
	TrackingURL    string `bun:"tracking_url"`
	CreatedAt      time.Time
}

// FulfillmentLine is how many units of a line are in a parcel.
type FulfillmentLine struct {
	ID       OrderLineID `json:"id"`
	Quantity int         `json:"quantity"`
}

// FulfillmentForm is what somebody says of a parcel. Without lines it holds all that is left to send.
type FulfillmentForm struct {
	ID             FulfillmentID // that the parcel gets; zero for a new one
	Lines          []FulfillmentLine
	Carrier        string
	TrackingNumber string
	TrackingURL    string // "" has the carrier's own where it is known
	Notify         bool   // the shopper gets an email
}

// carriers holds where each carrier shows the way of a parcel, by its number (the carriers' public tracking pages).
var carriers = []struct{ name, url string }{
	{"Australia Post", "https://auspost.com.au/mypost/track/details/"},
	{"Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor="},
	{"Deutsche Post", "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode="},
	{"DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id="},
	{"DPD", "https://tracking.dpd.de/status/en_US/parcel/"},
	{"FedEx", "https://www.fedex.com/fedextrack/?trknbr="},
	{"GLS", "https://gls-group.com/track/"},
	{"La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code="},
	{"PostNL", "https://postnl.nl/tracktrace/?B="},
	{"Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/"},
	{"UPS", "https://www.ups.com/track?tracknum="},
	{"USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels="},
}

// Carriers returns the names of carriers with a tracking page that is known.
func Carriers() (names []string) {
	for _, c := range carriers {
		names = append(names, c.name)
	}
	return names
}

// TrackingURL is where a carrier shows a parcel, "" for a carrier that isn't known.
func TrackingURL(carrier, number string) string {
	for _, c := range carriers {
		if number != "" && strings.EqualFold(c.name, carrier) {
			return c.url + url.QueryEscape(number)
		}
	}
	return ""
}

// Check gives the form in its stored form for an order, with its lines. Faults are on lines, carrier, trackingNumber
// and trackingUrl.
func (f FulfillmentForm) Check(o Order) (FulfillmentForm, error) {
	var faults Faults
	f.Carrier = faults.line("carrier", "The carrier", f.Carrier, 0, 60)
	f.TrackingNumber = faults.line("trackingNumber", "The tracking number", f.TrackingNumber, 0, 100)
	if f.TrackingURL = faults.line("trackingUrl", "The tracking link", f.TrackingURL, 0, 500); f.TrackingURL == "" {
		f.TrackingURL = TrackingURL(f.Carrier, f.TrackingNumber)
	} else if u, err := url.Parse(f.TrackingURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		faults.Add("trackingUrl", f.TrackingURL, "Enter a link that begins with https://.")
	}
	if len(f.Lines) == 0 {
		for _, l := range o.Lines {
			if n := l.ToFulfill(); n > 0 {
				f.Lines = append(f.Lines, FulfillmentLine{l.ID, n})
			}
		}
	}
	var lines []FulfillmentLine
	seen := map[OrderLineID]bool{}
	for _, want := range f.Lines {
		line, ok := o.Line(want.ID)
		switch {
		case !ok || seen[want.ID]:
			faults.Add("lines", want.ID.String(), "Choose each line of this order once.")
		case want.Quantity < 0 || want.Quantity > line.ToFulfill():
			faults.Add("lines", want.ID.String(), "%s left to fulfill of %s.",
				plural(line.ToFulfill(), "unit is", "units are"), line.Title)
		case want.Quantity > 0:
			lines = append(lines, want)
		}
		seen[want.ID] = true
	}
	if f.Lines = lines; len(faults) == 0 && len(lines) == 0 {
		faults.Add("lines", "", "Choose at least one item to fulfill.")
	}
	return f, faults.Err()
}

// Line returns a line of the order.
func (o Order) Line(id OrderLineID) (OrderLine, bool) {
	for _, l := range o.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return OrderLine{}, false
}
