package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"orbit360.app/orbit"
)

// closed returns what properties with a list of values may hold, by schema and property: orbit's own lists.
func closed() map[string][]string {
	merchants, runs, wiring := texts(orbit.MerchantStatuses()), texts(orbit.RunStatuses()), texts(orbit.WiringStatuses())
	categories, engines, cycles := texts(orbit.Categories()), texts(orbit.Engines()), texts(orbit.BillingCycles())
	// Those that are being set up count as active.
	asked := slices.DeleteFunc(slices.Clone(merchants), func(s string) bool {
		return s == string(orbit.MerchantActivating)
	})
	return map[string][]string{
		"/api/provisioning/merchants get status":           asked,
		"/api/merchant/orders get status":                  texts(orbit.OrderStatuses()),
		"/api/merchant/orders get payment":                 texts(orbit.FinancialStatuses()),
		"/api/merchant/orders get fulfillment":             texts(orbit.FulfillmentStatuses()),
		"/api/merchant/exports/orders.csv get status":      texts(orbit.OrderStatuses()),
		"/api/merchant/exports/orders.csv get payment":     texts(orbit.FinancialStatuses()),
		"/api/merchant/exports/orders.csv get fulfillment": texts(orbit.FulfillmentStatuses()),
		"Order.status":            texts(orbit.OrderStatuses()),
		"Order.paymentStatus":     texts(orbit.FinancialStatuses()),
		"Order.fulfillmentStatus": texts(orbit.FulfillmentStatuses()),
		"OrderTransaction.kind":   texts(orbit.TransactionKinds()),
		"OrderTransaction.status": texts(orbit.TransactionStatuses()),
		"PaymentProvider.id":      texts(orbit.Providers()),
		"PaymentProvider.mode":    texts(orbit.PaymentModes()), "ProviderCheck.mode": texts(orbit.PaymentModes()),
		"ProviderContent.mode": texts(orbit.PaymentModes()),
		"ShippingRate.kind":    texts(orbit.ShippingKinds()),
		"Shop.weightUnit":      texts(orbit.WeightUnits()), "ShopChange.weightUnit": texts(orbit.WeightUnits()),
		"ShopChange.category": categories, "ShopStep.key": texts(orbit.OnboardingParts()),
		"Shop.status":     merchants,
		"Merchant.status": merchants, "MerchantRef.status": merchants,
		"Merchant.provisioningStatus": runs, "Status.status": runs,
		"Step.status":          texts(orbit.StepStatuses()),
		"Deployment.sslStatus": wiring, "Deployment.dnsStatus": wiring,
		"NewMerchant.category": categories, "Activation.category": categories,
		"Theme.engine": engines, "ThemeContent.engine": engines,
		"Plan.billingCycle": cycles, "PlanContent.billingCycle": cycles,
		"Product.status": texts(orbit.ProductStatuses()), "ProductContent.status": texts(orbit.ProductStatuses()),
		"Operation.kind": texts(orbit.OperationKinds()), "Operation.status": texts(orbit.OperationStatuses()),
		"Adjustment.reason": texts(orbit.InventoryReasons()), "AdjustmentContent.reason": texts(orbit.AdjustmentReasons()),
		"Discount.kind": texts(orbit.DiscountKinds()), "DiscountContent.kind": texts(orbit.DiscountKinds()),
		"Discount.appliesTo": {"all"}, "DiscountContent.appliesTo": {"all"},
		"Token.role":       texts(orbit.Roles()),
		"StaffMember.role": texts(orbit.MembershipRoles()), "StaffMember.status": {"invited", "active"},
		// The protocols' own words.
		"Token.tokenType": {"Bearer"}, "DNSRecord.type": {"CNAME"}, "Idempotent-Replayed": {"true"},
	}
}

func texts[T ~string](terms orbit.Terms[T]) (all []string) {
	for _, t := range terms {
		all = append(all, string(t.Value))
	}
	return all
}

// TestTerms: what the document says that a property may hold is orbit's list, in its order.
func TestTerms(t *testing.T) {
	t.Parallel()
	var doc any
	raw := newPlatform(t).do("GET", "/api/openapi.json", nil, anonymous).want(t, 200).raw
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	lists := closed()
	var walk func(v any, path []string)
	walk = func(v any, path []string) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x, path)
			}
		case map[string]any:
			if has, ok := v["enum"]; ok {
				name := nameOf(path)
				if want := lists[name]; fmt.Sprint(has) != fmt.Sprint(want) {
					t.Errorf("%s may hold %v; orbit has %v", name, has, want)
				}
				delete(lists, name)
			}
			if in, _ := v["in"].(string); in == "query" {
				path = append(slices.Clip(path), v["name"].(string))
			}
			for key, x := range v {
				walk(x, append(slices.Clip(path), key))
			}
		}
	}
	walk(doc, nil)
	for name := range lists {
		t.Errorf("the document has no list of values for %s", name)
	}
}

// nameOf returns what a place in the document is called in closed.
func nameOf(path []string) string {
	switch path[1] {
	case "schemas":
		return path[2] + "." + path[4]
	case "headers":
		return path[2]
	}
	return path[1] + " " + path[2] + " " + path[4] // paths, the path, the method, parameters, the name
}
