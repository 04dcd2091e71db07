package api

import "orbit360.app/orbit"

// exampleOrder is an order of Ada's shop: two headphones with a discount, paid and on their way.
func exampleOrder() Order {
	tax := func(amount int64) []orbit.TaxAmount {
		return []orbit.TaxAmount{{Name: "Sales tax", Rate: 1000, Amount: amount}}
	}
	placed, line := exampleTime(), must[orbit.OrderLine](exampleLineID)
	return orderView(orbit.Order{ID: must[orbit.Order](exampleOrderID), Number: 1042, Prefix: "#",
		CustomerID: must[orbit.Customer](exampleID), Status: orbit.OrderClosed, PaymentStatus: orbit.FinancialPaid,
		FulfillmentStatus: orbit.Fulfilled, Revision: 1, Email: "grace@example.com", Phone: "+1 555 010 0142",
		Address: orbit.Address{Name: "Grace Hopper", Line1: "1 Pier Road", City: "Portland", Region: "OR",
			Postcode: "97201", Country: "US"},
		Currency: "USD", Subtotal: 5800, Discount: 580, DiscountCode: "WELCOME10",
		Discounts: []orbit.AppliedDiscount{{Code: "WELCOME10", Title: "WELCOME10", Amount: 580}},
		Shipping:  500, ShippingName: "Standard", ShippingTax: 50, ShippingTaxes: tax(50), Tax: 572, Total: 6292,
		Paid: 6292, Note: "Please ring twice.", CreatedAt: placed,
		Lines: []orbit.OrderLine{{ID: line, VariantID: must[orbit.Variant](exampleThemeID), Title: "Headphones",
			Variant: "Black", SKU: "HP-BLK", Price: 2900, Quantity: 2, Discount: 580, Tax: 522, Taxes: tax(522), Total: 5742,
			Fulfilled: 2}},
		Transactions: []orbit.Transaction{{ID: must[orbit.Transaction](examplePlanID), Kind: orbit.TransactionCharge,
			Provider: orbit.ProviderManual, Amount: 6292, Status: orbit.TransactionSucceeded, CreatedAt: placed,
			SettledAt: placed}},
		Fulfillments: []orbit.Fulfillment{{ID: must[orbit.Fulfillment](exampleID), CreatedAt: placed,
			Lines: []orbit.FulfillmentLine{{ID: line, Quantity: 2}}, Carrier: "UPS", TrackingNumber: "1Z999AA10123456784",
			TrackingURL: orbit.TrackingURL("UPS", "1Z999AA10123456784")}},
		Entries: []orbit.OrderEntry{{Kind: orbit.EntryPlaced, CreatedAt: placed},
			{Kind: orbit.EntryMarkedPaid, Who: "Ada Okafor", Detail: orbit.OrderEntryDetail{Amount: 6292}, CreatedAt: placed},
			{Kind: orbit.EntryFulfilled, Who: "Ada Okafor", CreatedAt: placed,
				Detail: orbit.OrderEntryDetail{Units: 2, Tracking: "1Z999AA10123456784"}}}})
}

// exampleRefund is a refund of one of the two; the zero id is that of a dry run.
func exampleRefund(id orbit.RefundID) OrderRefund {
	r := orbit.Refund{ID: id, Amount: 2871, Tax: 261, Reason: "Damaged in transit",
		Lines: []orbit.RefundLine{{ID: must[orbit.OrderLine](exampleLineID), Quantity: 1, Restock: true, Amount: 2871,
			Tax: 261}}}
	if !id.IsZero() {
		r.CreatedAt = exampleTime()
	}
	return refundView(r)
}
