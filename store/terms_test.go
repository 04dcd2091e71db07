package store_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// closed returns what the database lets into columns of each closed list: orbit's own.
func closed() map[string][]string {
	return map[string][]string{
		"api_scopes":           texts(orbit.APIScopes()),
		"billing_cycle":        texts(orbit.BillingCycles()),
		"delivery_status":      texts(orbit.DeliveryStatuses()),
		"discount_kind":        {"percent", "amount"}, // the release before reads it; a trigger translates
		"discount_type":        texts(orbit.DiscountKinds()),
		"discount_scope":       texts(orbit.DiscountScopes()),
		"discount_classes":     texts(orbit.DiscountClasses()),
		"domain_kind":          texts(orbit.DomainKinds()),
		"email_status":         texts(orbit.EmailStatuses()),
		"address_status":       texts(orbit.WiringStatuses()),
		"integration_kind":     texts(orbit.IntegrationKinds()),
		"integration_status":   texts(orbit.IntegrationStatuses()),
		"link_purpose":         texts(orbit.LinkPurposes()),
		"media_status":         texts(orbit.MediaStatuses()),
		"membership_role":      texts(orbit.MembershipRoles()),
		"merchant_status":      texts(orbit.MerchantStatuses()),
		"order_payment_status": texts(orbit.FinancialStatuses()),
		// The release before calls an order fulfilled; a trigger translates it.
		"order_status":       append(texts(orbit.OrderStatuses()), "fulfilled"),
		"checkout_status":    texts(orbit.CheckoutStatuses()),
		"fulfillment_status": texts(orbit.FulfillmentStatuses()),
		"transaction_kind":   texts(orbit.TransactionKinds()),
		"transaction_status": texts(orbit.TransactionStatuses()),
		"payment_status":     texts(orbit.PaymentStatuses()),
		"permissions":        texts(orbit.Permissions()),
		"plan_limit":         texts(orbit.LimitKeys()),
		"product_status":     texts(orbit.ProductStatuses()),
		"operation_kind":     texts(orbit.OperationKinds()), "operation_status": texts(orbit.OperationStatuses()),
		"import_status": texts(orbit.ImportStatuses()), "import_image_status": texts(orbit.ImportImageStatuses()),
		"inventory_reason": texts(orbit.InventoryReasons()),
		"run_status":       texts(orbit.RunStatuses()),
		"shipping_kind":    texts(orbit.ShippingKinds()),
		"shop_event_kind":  texts(orbit.ShopEventKinds()),
		"step_status":      texts(orbit.StepStatuses()),
		"theme_engine":     texts(orbit.Engines()),
		"user_role":        texts(orbit.Roles()),
		"onboarding_part":  texts(orbit.OnboardingParts()),
		"release_source":   texts(orbit.ReleaseSources()),
		"weight_unit":      texts(orbit.WeightUnits()),
		"webhook_event_kind": slices.Concat(texts(orbit.EventKinds()), texts(orbit.ShopEventKinds()),
			[]string{string(orbit.Ping)}),
	}
}

func texts[T ~string](terms orbit.Terms[T]) (all []string) {
	for _, t := range terms {
		all = append(all, string(t.Value))
	}
	return all
}

// TestTerms: a domain with a closed list of words has exactly those of orbit's list.
func TestTerms(t *testing.T) {
	t.Parallel()
	conn := connect(t, storetest.SuperURL(storetest.NewURL(t)))
	rows, err := conn.Query(t.Context(), `SELECT t.typname, string_agg(pg_get_constraintdef(c.oid), ' ') FROM pg_type t
		JOIN pg_constraint c ON c.contypid = t.oid
		WHERE t.typtype = 'd' AND t.typnamespace = 'public'::regnamespace GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	type domain struct{ Name, Check string }
	domains, err := pgx.CollectRows(rows, pgx.RowToStructByPos[domain])
	if err != nil {
		t.Fatal(err)
	}
	lists := closed()
	word := regexp.MustCompile(`'([^']*)'::text`)
	for _, d := range domains {
		if d.Name == "currency" || d.Name == "percent" { // a form and a span, no list
			continue
		}
		var has []string
		for _, m := range word.FindAllStringSubmatch(d.Check, -1) {
			has = append(has, m[1])
		}
		want := lists[d.Name]
		slices.Sort(has)
		slices.Sort(want)
		if len(has) == 0 || !slices.Equal(has, want) {
			t.Errorf("%s takes %q; orbit has %q", d.Name, has, want)
		}
		delete(lists, d.Name)
	}
	for name := range lists {
		t.Errorf("the database has no domain %s", name)
	}
}
