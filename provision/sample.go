package provision

import (
	"fmt"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// featuredHandle is the collection that the home page shows.
const featuredHandle = "featured"

// sample is one product that a new shop begins with. Options are "Name: a, b, c".
type sample struct {
	title, kind string
	price       int64 // US cents
	before      int64
	option      string
	values      []string
	text        string
}

var taglines = map[orbit.Category]string{
	"fashion": "Clothes to live in, made to last.", "electronics": "Good tools for sound and work.",
	"home-garden": "Quiet things for rooms and gardens.",
	"beauty":      "Simple care, honestly made.", "food-drink": "Small batches, full flavor.", "sports": "Made to move.",
	"toys": "Play that stays interesting.", "books": "Read something good.",
	"art-crafts": "Made by hand, to be made with.", "other": "A small shop with good things.",
}

var sizes = []string{"S", "M", "L", "XL"}

// samples holds, by category, what such a shop could really sell.
var samples = map[orbit.Category][]sample{
	"fashion": {
		{"Linen Overshirt", "shirt", 8900, 0, "Size", sizes,
			"Midweight linen with a relaxed shoulder. Wear it buttoned on its own or open over a tee."},
		{"Merino Crew Sweater", "sweater", 11900, 14900, "Size", sizes,
			"Fine merino that keeps its shape. Warm when it is cold, dry when it isn't."},
		{"Canvas Tote", "bag", 3400, 0, "Color", []string{"Natural", "Black"},
			"Heavy cotton canvas with an inner pocket and handles long enough for a shoulder."},
		{"Straight Leg Jeans", "trousers", 9800, 0, "Size", sizes,
			"Rigid denim that softens with every wash. Straight from hip to hem."},
		{"Wool Beanie", "hat", 2900, 0, "Color", []string{"Ink", "Oat", "Rust"}, "Ribbed lambswool, knitted in one piece."},
		{"Leather Belt", "belt", 4900, 0, "", nil, "Full-grain leather, three centimeters wide, with a solid brass buckle."},
	},
	"electronics": {
		{"Wireless Headphones", "headphones", 19900, 24900, "Color", []string{"Graphite", "Silver"},
			"Thirty hours of sound on one charge, and quiet when you need it."},
		{"Desk Speaker", "speaker", 12900, 0, "", nil,
			"A small speaker with a large voice. Plugs in, connects, stays out of the way."},
		{"Mechanical Keyboard", "keyboard", 14900, 0, "Switches", []string{"Linear", "Tactile"},
			"A compact layout with keys that feel the same on the thousandth day."},
		{"USB-C Charger 65 W", "charger", 4500, 0, "", nil,
			"Charges a laptop and a phone at once, and fits in a shirt pocket."},
		{"Desk Lamp", "lamp", 8900, 0, "", nil, "Even light without glare, dimmed with a turn of the head."},
		{"Travel Power Bank", "battery", 5900, 0, "Capacity", []string{"10,000 mAh", "20,000 mAh"},
			"Two days of phone in your bag."},
	},
	"home-garden": {
		{"Stoneware Mug", "mug", 2400, 0, "Glaze", []string{"Chalk", "Moss", "Night"},
			"Thrown by hand, glazed inside, raw at the foot. Holds 300 ml."},
		{"Linen Throw", "blanket", 7900, 9900, "Color", []string{"Flax", "Clay"},
			"Washed linen with a soft fringe, for sofas and summer nights."},
		{"Terracotta Planter", "pot", 3200, 0, "Size", []string{"18 cm", "24 cm", "30 cm"},
			"Unglazed clay that breathes, with a saucer that fits."},
		{"Beeswax Candle", "candle", 1900, 0, "", nil,
			"Pure beeswax and a cotton wick. Burns for forty hours and smells of honey."},
		{"Olive Wood Board", "board", 4400, 0, "", nil, "One piece of olive wood, oiled. No two look alike."},
		{"Glass Carafe", "carafe", 3900, 0, "", nil, "Mouth-blown, with a tumbler that serves as its lid."},
	},
	"beauty": {
		{"Daily Face Cream", "jar", 3400, 0, "Size", []string{"30 ml", "50 ml"},
			"Light, unscented, and enough for every day."},
		{"Cleansing Oil", "bottle", 2800, 0, "", nil, "Takes the day off and leaves nothing behind."},
		{"Hand Balm", "tube", 1600, 0, "Scent", []string{"Unscented", "Fig", "Cedar"},
			"Shea butter and almond oil for hands that work."},
		{"Clay Mask", "jar", 2600, 3200, "", nil, "White clay and oats. Ten minutes, once a week."},
		{"Soap Bar", "soap", 900, 0, "Scent", []string{"Olive", "Lavender"}, "Cold-pressed and cured for six weeks."},
		{"Lip Balm", "stick", 700, 0, "", nil, "Beeswax, calendula, nothing else."},
	},
	"food-drink": {
		{"House Espresso", "coffee", 1490, 0, "Grind", []string{"Whole bean", "Espresso", "Filter"},
			"Chocolate, hazelnut, a little cherry. Roasted on Tuesdays."},
		{"Single Origin Filter", "coffee", 1790, 0, "Grind", []string{"Whole bean", "Filter"},
			"Bright and clear, from one farm and one harvest."},
		{"Wildflower Honey", "jar", 1290, 0, "Size", []string{"250 g", "500 g"},
			"Unheated, from meadows at the edge of the wood."},
		{"Olive Oil", "bottle", 1890, 2290, "", nil, "Early harvest, pressed within the hour. Green and peppery."},
		{"Dark Chocolate 72 %", "bar", 590, 0, "", nil, "Three ingredients and a long finish."},
		{"Herbal Tea", "tea", 990, 0, "", nil, "Verbena, lemon balm and mint, dried whole."},
	},
	"sports": {
		{"Trail Running Shoe", "shoe", 12900, 15900, "Size", []string{"40", "41", "42", "43", "44"},
			"Grip for mud, cushion for the miles after it."},
		{"Training Tee", "shirt", 3900, 0, "Size", sizes, "Dries as fast as you do."},
		{"Yoga Mat", "mat", 6900, 0, "Color", []string{"Slate", "Sage"},
			"Natural rubber, four millimeters, holds where you stand."},
		{"Steel Bottle", "bottle", 2900, 0, "Size", []string{"0.5 l", "0.75 l"}, "Cold for a day, hot for half of one."},
		{"Resistance Bands", "bands", 2400, 0, "", nil, "Five strengths in a bag that fits any other bag."},
		{"Duffel", "bag", 8900, 0, "", nil, "Forty liters, a shoe pocket, and straps that don't dig in."},
	},
	"toys": {
		{"Wooden Blocks", "blocks", 3900, 0, "", nil, "Fifty beech blocks, sanded round, finished with plant oil."},
		{"Pull-along Fox", "figure", 2400, 0, "", nil, "Follows wherever it is led, and clicks while it does."},
		{"Marble Run", "run", 5900, 6900, "", nil, "Tracks, curves and drops to build and rebuild."},
		{"Memory Game", "game", 1900, 0, "", nil, "Thirty-six pairs drawn by hand. Children win."},
		{"Rag Doll", "doll", 3400, 0, "Hair", []string{"Copper", "Black", "Straw"},
			"Soft cotton, strong seams, washable when it has to be."},
		{"Kite", "kite", 2700, 0, "", nil, "Flies in little wind and packs into its own sleeve."},
	},
	"books": {
		{"The Long Walk Home", "book", 1800, 0, "Format", []string{"Paperback", "Hardcover"},
			"A novel about leaving, and what it takes to come back."},
		{"Bread, Slowly", "book", 3200, 0, "", nil, "Forty loaves and the patience they ask for."},
		{"A Field Guide to Clouds", "book", 2400, 0, "", nil, "What is above you, with drawings and names."},
		{"Small Rooms", "book", 4500, 5200, "", nil, "Photographs of places where people live with little and miss nothing."},
		{"Letters Never Sent", "book", 1600, 0, "Format", []string{"Paperback", "Hardcover"}, "Poems for reading aloud."},
		{"Reading Journal", "notebook", 1400, 0, "", nil, "One hundred pages for one hundred books."},
	},
	"art-crafts": {
		{"Watercolor Set", "paint", 4200, 0, "Colors", []string{"12", "24"},
			"Artist-grade pans in a tin that doubles as a palette."},
		{"Cotton Paper", "paper", 2600, 0, "Size", []string{"A5", "A4", "A3"},
			"Cold-pressed, 300 g, takes water without complaint."},
		{"Block Print Kit", "kit", 3800, 4500, "", nil, "Lino, a cutter, a roller and ink. Everything for the first print."},
		{"Brush Trio", "brush", 2900, 0, "", nil, "Round, flat, liner. Springy and fine."},
		{"Merino Yarn", "yarn", 1200, 0, "Color", []string{"Ecru", "Indigo", "Madder"},
			"Plant-dyed, 100 g, two hundred meters."},
		{"Sketchbook", "notebook", 1800, 0, "", nil, "Lies flat, forgives erasing."},
	},
	"other": {
		{"Everyday Notebook", "notebook", 1400, 0, "Paper", []string{"Lined", "Plain"},
			"Thread-bound, lies flat, takes ink well."},
		{"Brass Pen", "pen", 3600, 0, "", nil, "Heavy enough to mean it. Takes standard refills."},
		{"Key Ring", "ring", 1200, 0, "", nil, "Solid brass that ages with you."},
		{"Gift Box", "box", 4900, 5900, "", nil, "Four good things in a box with a ribbon."},
		{"Canvas Pouch", "bag", 1800, 0, "Size", []string{"Small", "Large"},
			"For cables, pencils, or whatever rolls around."},
		{"Enamel Cup", "mug", 1600, 0, "", nil, "For desks, windowsills and fires."},
	},
}

func samplesOf(c orbit.Category) []sample {
	if s, ok := samples[c]; ok {
		return s
	}
	return samples["other"]
}

// firstHandle returns the product that completion visits.
func firstHandle(c orbit.Category) string { return orbit.Handle(samplesOf(c)[0].title, "product") }

// sampleShop returns what a new shop begins with: products to replace, pages to rewrite, and shipping and
// payment that work, all at prices of its currency.
func sampleShop(m orbit.Merchant, category orbit.Category, currency string) store.ShopData {
	now := time.Now().UTC()
	all := orbit.Collection{ID: orbit.NewID[orbit.Collection](), MerchantID: m.ID, Handle: "all", Title: "Everything",
		Description: "Everything in the shop.", Position: 1, CreatedAt: now}
	featured := orbit.Collection{ID: orbit.NewID[orbit.Collection](), MerchantID: m.ID, Handle: featuredHandle,
		Title: "Featured", Description: "A few things to start with.", CreatedAt: now}
	d := store.ShopData{Collections: []orbit.Collection{featured, all}}
	for i, s := range samplesOf(category) {
		p := sampleProduct(m.ID, i, s, currency, now)
		d.Products = append(d.Products, p)
		d.InCollection = append(d.InCollection, store.CollectionProduct{MerchantID: m.ID, CollectionID: all.ID,
			ProductID: p.ID, Position: i})
		if i < 4 {
			d.InCollection = append(d.InCollection, store.CollectionProduct{MerchantID: m.ID, CollectionID: featured.ID,
				ProductID: p.ID, Position: i})
		}
	}
	for _, p := range []orbit.Page{
		{Handle: "about", Title: "About us",
			Body: m.Name + " is a small shop, and this page is where it tells its story.\n\n" +
				"Who makes the things you sell, where they come from, and why you care: write it here. " +
				"People buy from people."},
		{Handle: "contact", Title: "Contact", Body: "Write to us at " + m.Email + ". We answer within one working day."},
		{Handle: "shipping-returns", Title: "Shipping & returns",
			Body: "Orders leave us within two working days.\n\n" +
				"If something isn't right, send it back within 30 days and we refund it."},
		{Handle: "privacy", Title: "Privacy",
			Body: "We keep what an order needs and nothing else: your name, address and what you bought.\n\n" +
				"Write to us to see or delete what we have about you."},
	} {
		p.ID, p.MerchantID, p.CreatedAt, p.UpdatedAt = orbit.NewID[orbit.Page](), m.ID, now, now
		d.Pages = append(d.Pages, p)
	}
	d.Menus = []orbit.Menu{
		{MerchantID: m.ID, Handle: "main", Items: []orbit.MenuItem{{Label: "Shop", URL: "/collections/all"},
			{Label: "Featured", URL: "/collections/featured"}, {Label: "About", URL: "/pages/about"}}},
		{MerchantID: m.ID, Handle: "footer", Items: []orbit.MenuItem{{Label: "Contact", URL: "/pages/contact"},
			{Label: "Shipping & returns", URL: "/pages/shipping-returns"}, {Label: "Privacy", URL: "/pages/privacy"}}},
	}
	zone := orbit.ShippingZone{MerchantID: m.ID, ID: orbit.NewID[orbit.ShippingZone](), Name: "Everywhere",
		Countries: []string{}, Regions: []string{}, Version: 1, CreatedAt: now, UpdatedAt: now}
	for i, r := range []orbit.ShippingRate{{Name: "Standard", Price: 500, FreeFrom: 7500},
		{Name: "Express", Price: 1500}} {
		r.MerchantID, r.ID, r.ZoneID, r.Kind = m.ID, orbit.NewID[orbit.ShippingRate](), zone.ID, orbit.ShippingFlat
		r.Price, r.FreeFrom = priceIn(r.Price, currency), priceIn(r.FreeFrom, currency)
		r.Position, r.CreatedAt, r.UpdatedAt = i, now, now
		zone.Rates = append(zone.Rates, r)
	}
	d.Shipping = []orbit.ShippingZone{zone}
	d.Payment = []orbit.PaymentMethod{{MerchantID: m.ID, Kind: "manual", Name: "Bank transfer", Enabled: true,
		Sample: true, UpdatedAt: now,
		Instructions: "Transfer the total with your order number as reference. " +
			"We ship your order once we receive your payment."}}
	return d
}

func sampleProduct(m orbit.MerchantID, i int, s sample, currency string, now time.Time) orbit.Product {
	p := orbit.Product{ID: orbit.NewID[orbit.Product](), MerchantID: m, Handle: orbit.Handle(s.title, "product"),
		Title: s.title, Description: s.text, ProductType: s.kind,
		Status: orbit.ProductActive, Sample: true, Tags: []string{},
		Options: []orbit.Option{}, Position: i, CreatedAt: now, UpdatedAt: now}
	values := s.values
	if len(values) == 0 {
		values = []string{""}
	} else {
		p.Options = []orbit.Option{{Name: s.option, Values: s.values}}
	}
	for j, value := range values {
		v := orbit.Variant{ID: orbit.NewID[orbit.Variant](), MerchantID: m, ProductID: p.ID, Title: value, Values: []string{},
			SKU: fmt.Sprintf("S%02d-%d", i+1, j+1), Price: priceIn(s.price, currency), CompareAt: priceIn(s.before, currency),
			TrackInventory: true, Stock: 12 + 7*((i+j)%4), Taxable: true, RequiresShipping: true, Position: j}
		if value != "" {
			v.Values = []string{value}
		}
		p.Variants = append(p.Variants, v)
	}
	return p
}
